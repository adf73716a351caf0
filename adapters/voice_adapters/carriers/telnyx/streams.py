"""Media streams: which legs are to have one, and the commands that start them."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

import anyio
import attrs

from voice_adapters.carriers.telnyx.client import TelnyxClient
from voice_adapters.carriers.telnyx.error_codes import is_over
from voice_adapters.carriers.telnyx.fields import Fields
from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import CarrierError

__all__ = ("Streams",)

_log = logging.getLogger(__name__)

_MOST_STARTS: Final = 4
_LOST: Final = frozenset({"streaming.stopped", "streaming.failed"})


@attrs.frozen
class _Order:
    leg: CarrierCallId
    call_id: CallId
    number: int


class Streams:
    """Starts a stream when a call is answered, and a new one when it breaks while the call lives.

    Webhooks are answered at once, so what they lead to waits here for `run`. A leg gets four streams at most.
    """

    def __init__(
        self,
        client: TelnyxClient,
        stream_url: Callable[[CallId], str | None],
        new_serial: Callable[[], int],
    ) -> None:
        self._client = client
        self._stream_url = stream_url
        self._new_serial = new_serial
        self._starts: dict[CarrierCallId, int] = {}
        self._left: set[CarrierCallId] = set()
        self._starting: dict[_Order, anyio.CancelScope] = {}
        self._orders: deque[_Order] = deque()
        self._changed: anyio.Event | None = None

    def __len__(self) -> int:
        """Return of how many legs something is known."""
        return len(self._starts.keys() | self._left)

    def note(self, fields: Fields, call: Call) -> None:
        """Take what a webhook tells of a live call's leg."""
        if fields.leg in self._left:
            return
        starts = self._starts.get(fields.leg, 0)
        if (fields.event_type == "call.answered" and not starts) or fields.event_type in _LOST:
            self._starts[fields.leg] = starts + 1
            self._orders.append(_Order(fields.leg, call.call_id, starts + 1))
            if self._changed is not None:
                self._changed.set()

    def leave(self, leg: CarrierCallId) -> None:
        """Start none for a leg that Telnyx's own voice speaks in from now on."""
        self._left.add(leg)
        for order, starting in self._starting.items():
            if order.leg == leg:
                starting.cancel()  # a request that is repeated after a while would cut that voice

    def forget(self, leg: CarrierCallId) -> None:
        """Drop what is known of a leg: it is over."""
        self._starts.pop(leg, None)
        self._left.discard(leg)

    async def run(self) -> None:
        """Start streams until cancelled; a call that can have none is spoken in by Telnyx's voice after a while."""
        async with anyio.create_task_group() as tasks:
            while True:
                self._changed = anyio.Event()
                while self._orders:
                    tasks.start_soon(self._start, self._orders.popleft())
                await self._changed.wait()

    async def _start(self, order: _Order) -> None:
        if order.leg in self._left or self._starts.get(order.leg, 0) != order.number:
            return  # it is over, or does without
        if order.number > _MOST_STARTS:
            _log.warning("call %s: Telnyx's media stream breaks again and again", order.call_id)
            return
        url = self._stream_url(order.call_id)
        if url is None:
            return
        with anyio.CancelScope() as self._starting[order]:
            try:
                await self._client.command(order.leg, "streaming_start", self._fields(url))
            except CarrierError as error:
                if not is_over(error):
                    _log.warning("call %s: it gets no media stream: %s", order.call_id, error)
            finally:
                del self._starting[order]

    def _fields(self, url: str) -> dict[str, object]:
        return {
            "stream_url": url,
            "stream_track": "inbound_track",
            "stream_codec": "PCMU",
            # Without it raw frames are not played: the default is mp3.
            "stream_bidirectional_mode": "rtp",
            "stream_bidirectional_codec": "PCMU",
            "stream_bidirectional_sampling_rate": 8000,
            # The default is the other leg of a bridge, and there is none.
            "stream_bidirectional_target_legs": "self",
            "command_id": f"stream-{self._new_serial()}",
        }
