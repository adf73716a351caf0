"""What the API does to one live call: transfer, texts, files, keys, streams."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from voice_contracts.twins.keys import press
from voice_contracts.twins.plivo.aside import let_be_heard
from voice_contracts.twins.plivo.endings import LegStatus
from voice_contracts.twins.plivo.leg import Aside, Callback, Leg
from voice_contracts.twins.plivo.orders import Body
from voice_contracts.twins.plivo.refusals import RefusedCommandError
from voice_contracts.twins.plivo.stream import StreamPlan
from voice_contracts.twins.plivo.stream_element import TRACKS, read_extra_headers
from voice_contracts.twins.plivo.streaming import carry_stream
from voice_contracts.twins.plivo.switch import Switch
from voice_contracts.twins.sound import hum

__all__ = ("COMMANDS", "STOPS", "Command", "transfer")

Command: TypeAlias = Callable[[Switch, Leg, Body], dict[str, str]]
"""Begins what was asked for, and returns what the answer says."""

_LEGS = ("aleg", "bleg", "both")
_CONTENT_TYPES = ("audio/x-l16;rate=8000", "audio/x-l16;rate=16000", "audio/x-mulaw;rate=8000")
_KEYS = frozenset("0123456789*#ABCDwW")


def transfer(switch: Switch, leg: Leg, body: Body) -> dict[str, str]:
    """Let the call go on with another document."""
    _check_answered(switch, leg)
    if body.choice("legs", _LEGS, "aleg") != "aleg":
        raise RefusedCommandError(400, "the twin transfers the aleg only")
    to = body.callback("aleg")
    if to is None:
        raise RefusedCommandError(400, "mandatory parameter missing: aleg_url")
    leg.replace_document(to)
    return {"message": "transfer executed"}


def _speak(switch: Switch, leg: Leg, body: Body) -> dict[str, str]:
    text = body.required("text")
    body.choice("legs", _LEGS, "aleg")
    manner = {name: value for name in ("voice", "language") if (value := body.text(name))}
    _aside(switch, leg, lambda: leg.line.play_out("say", text, switch.speak(text), manner))
    return {"message": "speak started"}


def _play(switch: Switch, leg: Leg, body: Body) -> dict[str, str]:
    urls = body.members.get("urls")
    listed = urls.split(",") if isinstance(urls, str) else urls
    if not isinstance(listed, list) or not listed or not all(isinstance(url, str) for url in listed):
        raise RefusedCommandError(400, "urls parameter is not valid")

    async def play() -> None:
        for url in listed:
            await leg.line.play_out("play", url, hum(url))

    _aside(switch, leg, play)
    return {"message": "play started"}


def _press(switch: Switch, leg: Leg, body: Body) -> dict[str, str]:
    digits = body.required("digits")
    body.choice("leg", _LEGS, "aleg")
    if not set(digits) <= _KEYS:
        raise RefusedCommandError(400, "digits parameter is not valid")
    _aside(switch, leg, lambda: press(leg.line, digits))
    return {"message": "digits sent"}


def _stream(switch: Switch, leg: Leg, body: Body) -> dict[str, str]:
    _check_answered(switch, leg)
    if leg.stream_id:
        raise RefusedCommandError(400, "a call has one stream")
    two_way = body.members.get("bidirectional") in (True, "true")
    track = body.choice("audio_track", ("inbound",) if two_way else tuple(TRACKS), "inbound")
    plan = StreamPlan(
        stream_id=switch.new_uuid(),
        url=body.required("service_url"),
        two_way=two_way,
        tracks=TRACKS[track],
        content_type=body.choice("content_type", _CONTENT_TYPES, ""),
        extra_headers=read_extra_headers(body.text("extra_headers")),
        timeout_seconds=body.number("stream_timeout", (1, 86_400)) or 86_400,
    )
    told: Callback | None = body.callback("status_callback")
    leg.stream_id = plan.stream_id
    assert leg.tasks is not None
    leg.tasks.start_soon(carry_stream, switch, leg, plan, told)
    return {"message": "audio streaming started", "stream_id": plan.stream_id}


def _stop_aside(leg: Leg) -> None:
    if leg.aside is not None:
        leg.aside.cancel()


def _stop_stream(leg: Leg) -> None:
    if leg.stream_scope is not None:
        leg.stream_scope.cancel()


COMMANDS: Mapping[str, Command] = {"Speak": _speak, "Play": _play, "DTMF": _press, "Stream": _stream}
"""What begins something."""

STOPS: Mapping[str, Callable[[Leg], None]] = {
    "Speak": _stop_aside,
    "Play": _stop_aside,
    "Stream": _stop_stream,
}
"""What ends it."""


def _aside(switch: Switch, leg: Leg, play: Aside) -> None:
    _check_answered(switch, leg)
    let_be_heard(leg, play)


def _check_answered(switch: Switch, leg: Leg) -> None:
    if leg.status is not LegStatus.IN_PROGRESS:
        switch.ledger.violate(404, "a call that is not in progress was to be changed", leg.uuid)
        raise RefusedCommandError(404, "call not found")
