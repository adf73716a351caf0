"""Stream: what the element orders (www.plivo.com/docs/voice/xml/audio-stream)."""

from collections.abc import Mapping

from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.plivo.leg import Callback
from voice_contracts.twins.plivo.pages import Origin, jump_to
from voice_contracts.twins.plivo.stream import StreamPlan

__all__ = ("TRACKS", "read_extra_headers", "stream_order")

TRACKS: Mapping[str, tuple[str, ...]] = {
    "inbound": ("inbound",),
    "outbound": ("outbound",),
    "both": ("inbound", "outbound"),
}


def stream_order(node: Node, stream_id: str, origin: Origin) -> tuple[StreamPlan, Callback | None]:
    """Return what an element that the grammar has accepted orders, and who is told of it.

    Raises:
        DocumentRefusedError: without a content type: Plivo's pages disagree about the default.
    """
    if not node.get("contentType"):
        raise DocumentRefusedError((Problem(origin.invalid, "Stream needs contentType: no default is sure"),))
    url, method = node.get("statusCallbackUrl"), node.get("statusCallbackMethod", "POST")
    plan = StreamPlan(
        stream_id=stream_id,
        url=node.text,
        two_way=node.get("bidirectional") == "true",
        tracks=TRACKS[node.get("audioTrack", "inbound")],
        content_type=node.get("contentType"),
        extra_headers=read_extra_headers(node.get("extraHeaders")),
        timeout_seconds=node.seconds("streamTimeout", 86_400),
    )
    return plan, jump_to(url, method, origin).to if url else None


def read_extra_headers(text: str) -> Mapping[str, str]:
    """Return `name=value` pairs that commas divide."""
    pairs = (pair.partition("=") for pair in text.split(",") if pair)
    return {name.strip(): value.strip() for name, _, value in pairs}
