"""What the commands to a leg do, and what Telnyx refuses about them."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from voice_contracts.twins.telnyx.hearing import Hearing
from voice_contracts.twins.telnyx.leg import Ending, Leg, LegState, Spoken
from voice_contracts.twins.telnyx.reading import press_keys
from voice_contracts.twins.telnyx.refusals import RefusedCommandError
from voice_contracts.twins.telnyx.streaming import start_streaming
from voice_contracts.twins.telnyx.switch import Switch
from voice_contracts.twins.telnyx.transferring import hand_over

__all__ = ("COMMANDS", "carry_out", "required")

_LONGEST_TEXT = 3000
_DIGITS = re.compile(r"[0-9A-D*#wW]+")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_REJECTIONS = {
    "CALL_REJECTED": Ending("call_rejected", "callee", "603"),
    "USER_BUSY": Ending("user_busy", "callee", "486"),
}

_Fields = Mapping[str, Any]
_Command = Callable[[Switch, Leg, _Fields], None]


def required(fields: _Fields, name: str) -> str:
    """Return a text that must be there.

    Raises:
        RefusedCommandError: if it is missing, or is no text.
    """
    value = fields.get(name)
    if value in (None, ""):
        raise RefusedCommandError(10004, f"/{name}")
    if not isinstance(value, str):
        raise RefusedCommandError(10015, f"/{name}")
    return value


def carry_out(switch: Switch, leg: Leg, name: str, fields: _Fields) -> None:
    """Do what a command says, unless one with its id was carried out before.

    Raises:
        RefusedCommandError: if the leg is over or not up, or a field is wrong.
    """
    if leg.state is LegState.HANGUP:
        raise RefusedCommandError(90018)
    command_id = fields.get("command_id")
    if command_id is not None and command_id in leg.commands:
        return
    if name in _AFTER_THE_ANSWER and leg.state is not LegState.ANSWERED:
        raise RefusedCommandError(90034)
    COMMANDS[name](switch, leg, fields)
    if command_id is not None:
        leg.commands.add(command_id)
    if "client_state" in fields:
        leg.client_state = fields["client_state"]


def _answer(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch, fields
    if leg.state is LegState.PARKED:
        leg.answer()


def _reject(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch
    ending = _REJECTIONS.get(required(fields, "cause"))
    if ending is None or leg.state is not LegState.PARKED:
        raise RefusedCommandError(10015, "/cause")
    leg.end("us", ending)


def _hang_up(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch, fields
    leg.left_by_us()


def _speak(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch
    text, voice = required(fields, "payload"), required(fields, "voice")
    if len(text) > _LONGEST_TEXT:
        raise RefusedCommandError(10015, "/payload")
    if fields.get("stop") is not None:
        leg.stop_reading()
    manner = {"voice": voice, "language": fields.get("language") or ""}
    leg.texts.append(Spoken(text, manner, fields.get("client_state") or leg.client_state))
    leg.more_texts.set()


def _stop_playing(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch, fields
    leg.stop_reading()


def _transcribe(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch
    if leg.hearing is not None:
        raise RefusedCommandError(90054)
    told = fields.get("transcription_engine_config") or {}
    if not _LANGUAGE.fullmatch(told.get("language", "en")):
        raise RefusedCommandError(10015, "/transcription_engine_config/language")
    leg.hearing = Hearing(leg, interim=bool(told.get("interim_results")))
    leg.line.add(leg.hearing)


def _stop_transcribing(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch, fields
    if leg.hearing is not None:
        leg.line.remove(leg.hearing)
        leg.hearing = None


def _press(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch
    digits = required(fields, "digits")
    if not _DIGITS.fullmatch(digits):
        raise RefusedCommandError(10015, "/digits")
    assert leg.tasks is not None
    leg.tasks.start_soon(press_keys, leg, digits)


def _transfer(switch: Switch, leg: Leg, fields: _Fields) -> None:
    if not _NUMBER.fullmatch(required(fields, "to")):
        raise RefusedCommandError(10015, "/to")
    hand_over(switch, leg, dict(fields))


def _stream(switch: Switch, leg: Leg, fields: _Fields) -> None:
    url = required(fields, "stream_url")
    if not url.startswith(("ws://", "wss://")):
        raise RefusedCommandError(10015, "/stream_url")
    assert leg.tasks is not None
    if leg.stream_scope is not None:
        leg.stream_scope.cancel()
    plays = fields.get("stream_bidirectional_mode") == "rtp"
    leg.tasks.start_soon(partial(start_streaming, switch, leg, url, plays=plays))


def _stop_stream(switch: Switch, leg: Leg, fields: _Fields) -> None:
    del switch, fields
    if leg.stream_scope is not None:
        leg.stream_scope.cancel()


COMMANDS: Mapping[str, _Command] = {
    "answer": _answer,
    "reject": _reject,
    "hangup": _hang_up,
    "speak": _speak,
    "playback_stop": _stop_playing,
    "transcription_start": _transcribe,
    "transcription_stop": _stop_transcribing,
    "send_dtmf": _press,
    "transfer": _transfer,
    "streaming_start": _stream,
    "streaming_stop": _stop_stream,
}
"""Every command that the twin carries out."""

_AFTER_THE_ANSWER = frozenset(COMMANDS) - {"answer", "reject", "hangup"}
