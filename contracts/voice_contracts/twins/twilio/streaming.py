"""Connect, Start and Stop: media streams as verbs (www.twilio.com/docs/voice/twiml/stream)."""

from datetime import UTC, datetime
from urllib.parse import urljoin

import anyio

from voice_contracts.twins.document import Node
from voice_contracts.twins.sockets import SocketRefusedError
from voice_contracts.twins.twilio.leg import Leg
from voice_contracts.twins.twilio.media_messages import MediaWords
from voice_contracts.twins.twilio.pages import Jump, Page, jump_to
from voice_contracts.twins.twilio.signature import sign
from voice_contracts.twins.twilio.stream import MediaStream, StreamPlan
from voice_contracts.twins.twilio.switch import Switch

__all__ = ("connect_stream", "start_stream", "stop_stream")

_HANDSHAKE_FAILED = 31920
_CLOSED_BADLY = 31921
_TRACKS = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}


async def connect_stream(switch: Switch, leg: Leg, page: Page, node: Node) -> None:
    """Carry a two-way stream, until our side closes it or something else ends the verb."""
    await _stream(switch, leg, page, node, two_way=True)


def start_stream(switch: Switch, leg: Leg, page: Page, node: Node) -> None:
    """Copy the call's audio to a stream, beside the document."""
    assert leg.tasks is not None
    scope = leg.forks[node.get("name")] = anyio.CancelScope()

    async def fork() -> None:
        with scope:
            await _stream(switch, leg, page, node, two_way=False)

    leg.tasks.start_soon(fork)


def stop_stream(leg: Leg, node: Node) -> None:
    """End the copy of that name; harmless if there is none."""
    if (scope := leg.forks.pop(node.get("name"), None)) is not None:
        scope.cancel()


async def _stream(switch: Switch, leg: Leg, page: Page, node: Node, *, two_way: bool) -> None:
    plan = StreamPlan(
        sid=(sid := switch.new_sid("MZ")),
        name=node.get("name") or sid,
        two_way=two_way,
        tracks=_TRACKS[node.get("track", "inbound_track")],
        parameters={child.get("name"): child.get("value") for child in node.children},
    )
    url, callback = _socket_url(page, node), _callback(page, node)
    headers = {
        "x-twilio-signature": sign(switch.account.token, url),
        "user-agent": "Twilio.TmeWs/1.0",
    }
    try:
        socket = await switch.dial_media(url, headers)
    except SocketRefusedError as error:
        switch.ledger.violate(_HANDSHAKE_FAILED, str(error), leg.sid)
        _tell(switch, leg, callback, plan, "stream-error", str(_HANDSHAKE_FAILED))
        return
    words = MediaWords(switch.account.sid, leg.sid, plan.sid)
    stream = MediaStream(plan, words, socket, switch.faults.next_media(), switch.complain(leg))
    _tell(switch, leg, callback, plan, "stream-started")
    in_order = True
    try:
        end = await stream.run(leg.line)
        in_order = end.in_order
    finally:
        if in_order:
            _tell(switch, leg, callback, plan, "stream-stopped")
    if not in_order:
        switch.ledger.violate(_CLOSED_BADLY, f"the stream was closed with code {end.code}", leg.sid)
        _tell(switch, leg, callback, plan, "stream-error", str(_CLOSED_BADLY))


def _socket_url(page: Page, node: Node) -> str:
    url = urljoin(page.url or "", node.get("url"))
    return url.replace("https://", "wss://", 1) if url.startswith("https://") else url


def _callback(page: Page, node: Node) -> Jump | None:
    if not node.get("statusCallback"):
        return None
    return jump_to(page, node.get("statusCallback"), node.get("statusCallbackMethod", "POST"))


def _tell(switch: Switch, leg: Leg, to: Jump | None, plan: StreamPlan, *said: str) -> None:
    """Tell the event *said*, and the error after it if there is one."""
    if to is None:
        return
    at = datetime.fromtimestamp(switch.clock.now_ms() / 1000, UTC)
    fields = [
        ("StreamSid", plan.sid),
        ("StreamName", plan.name),
        ("Timestamp", at.isoformat(timespec="milliseconds").replace("+00:00", "Z")),
        *zip(("StreamEvent", "StreamError"), said, strict=False),
    ]
    switch.courier.tell(leg, to.url, fields, to.method, names_only=True)
