"""Streams of a leg: opened by a document or by the API, told about, and ended with it."""

import anyio

from voice_contracts.twins.keys import press
from voice_contracts.twins.media_pipe import CLOSED_IN_ORDER
from voice_contracts.twins.plivo.aside import let_be_heard
from voice_contracts.twins.plivo.leg import Callback, Leg
from voice_contracts.twins.plivo.media_messages import MediaWords
from voice_contracts.twins.plivo.notices import stream_fields
from voice_contracts.twins.plivo.refusals import STREAM_DROPPED, STREAM_MESSAGE, STREAM_REFUSED
from voice_contracts.twins.plivo.stream import AudioStream, StreamPlan, Surface
from voice_contracts.twins.plivo.switch import Switch
from voice_contracts.twins.sockets import Socket, SocketRefusedError

__all__ = ("carry_stream",)

_ATTEMPTS = 3
"""A connection that is refused is tried twice more."""


async def carry_stream(switch: Switch, leg: Leg, plan: StreamPlan, told: Callback | None) -> None:
    """Open the one stream of a leg and carry it until somebody ends it; *told* learns of it."""

    def tell(event: str) -> None:
        if told is not None:
            fields = stream_fields(leg, plan.stream_id, plan.url, event, switch.clock.now_ms())
            switch.courier.tell_only(leg, told, fields)

    leg.stream_id = plan.stream_id
    try:
        socket = await _connect(switch, leg, plan.url)
        if socket is None:
            tell("DroppedStream")
            return
        tell("StartStream")
        event = "StopStream"
        try:
            if await _carried(switch, leg, plan, socket) not in CLOSED_IN_ORDER:
                event = "DroppedStream"
        finally:
            # Also when the call or the document is over, and takes the stream with it.
            tell(event)
    finally:
        leg.stream_id = ""


async def _connect(switch: Switch, leg: Leg, url: str) -> Socket | None:
    problem = ""
    for _ in range(_ATTEMPTS):
        try:
            return await switch.dial_media(url, switch.courier.signed("GET", url))
        except SocketRefusedError as error:
            problem = str(error)
    switch.ledger.violate(STREAM_REFUSED, problem, leg.uuid)
    return None


async def _carried(switch: Switch, leg: Leg, plan: StreamPlan, socket: Socket) -> int:
    """Carry the stream, and return the code that it was closed with."""
    words = MediaWords(leg.uuid, plan.stream_id, plan.content_type)
    stream = AudioStream(plan, words, socket, switch.faults.next_media(), _surface(switch, leg))
    code = CLOSED_IN_ORDER[0]
    leg.stream = stream if plan.two_way else None
    try:
        with anyio.move_on_after(plan.timeout_seconds) as leg.stream_scope:
            code = await stream.run(leg.line)
    finally:
        leg.stream = leg.stream_scope = None
    if code not in CLOSED_IN_ORDER:
        switch.ledger.violate(STREAM_DROPPED, f"the stream was closed with code {code}", leg.uuid)
    return code


def _surface(switch: Switch, leg: Leg) -> Surface:
    def press_keys(digits: str) -> None:
        let_be_heard(leg, lambda: press(leg.line, digits))

    def complain(text: str) -> None:
        switch.ledger.violate(STREAM_MESSAGE, text, leg.uuid)

    return Surface(switch.clock.now_ms, press_keys, complain)
