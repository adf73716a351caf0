"""The media streams of all calls: who may open one, which call it belongs to, and how many there may be."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from voice_adapters.transports.client_address import of_the_socket
from voice_adapters.transports.key_presses import KeyPresses
from voice_adapters.transports.media_limits import MediaLimits
from voice_adapters.transports.media_stream import MediaStream, StreamRefusedError, Wire
from voice_adapters.transports.stream_tokens import StreamTokens
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import KeysPressed
from voice_domain.ports.carrier import CarrierSignal, Exchange
from voice_domain.ports.clock import Clock
from voice_domain.ports.media import MediaListener
from voice_domain.ports.media_dialect import MediaDialect

__all__ = ("MediaEngine", "MediaParts", "Refusal")

_log = logging.getLogger(__name__)

_RETRY: Final = (("Retry-After", "1"),)


@attrs.frozen(kw_only=True)
class MediaParts:
    """What the engine works with."""

    tokens: StreamTokens
    dialect: MediaDialect
    exchange: Exchange
    find_call: Callable[[str], Call | None]
    """Finds a live call by our name for it or by the carrier's."""
    clock: Clock
    address_of: Callable[[str, Mapping[str, str]], str] = of_the_socket
    """Whose connection it is, from the socket's address and the headers (lower-case names): caps go by it. Behind a
    tunnel or a proxy every socket has the same address."""


@attrs.frozen
class Refusal:
    """The HTTP answer to an upgrade that is not taken."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()


class MediaEngine:
    """Admits streams by token and caps, binds each to its call, and keeps one for a call: the newest."""

    def __init__(self, parts: MediaParts, *, stream_path: str, limits: MediaLimits | None = None) -> None:
        self._parts = parts
        self._prefix = stream_path.rstrip("/") + "/"
        self.limits = limits or MediaLimits()
        self._keys = KeyPresses(parts.exchange)
        self._streams: dict[MediaStream, str] = {}
        self._pending: Counter[str] = Counter()
        self._newest: dict[CallId, MediaStream] = {}
        self.counts: Counter[str] = Counter()
        """What happened, for metrics: streams opened, refusals, and what was dropped, by name."""

    @property
    def bad_messages(self) -> int:
        """How many messages that make no sense a stream may send."""
        return self.limits.bad_messages

    @property
    def streams(self) -> int:
        """How many streams are connected."""
        return len(self._streams)

    @property
    def pending(self) -> int:
        """How many of them have not begun."""
        return self._pending.total()

    async def run(self) -> None:
        """Bring pressed keys to their calls until cancelled; everything else happens without a task."""
        await self._keys.run()

    def open(self, path: str, headers: Mapping[str, str], remote: str, wire: Wire) -> MediaStream | Refusal:
        """Return the stream that an upgrade of *path* opens, or why it opens none; uses its token up.

        *headers* have lower-case names; *remote* is the address of the socket.
        """
        token = path.removeprefix(self._prefix)
        if token == path or not token or "/" in token:
            return self._refused(Refusal(404, "Not Found"))
        address = self._parts.address_of(remote, headers)
        full = self._full(address)
        if full is not None:
            # The token stays good: the carrier may try again.
            return self._refused(full)
        ticket = self._parts.tokens.consume(token)
        if ticket is None:
            return self._refused(Refusal(401, "The stream token is unknown, used or expired"))
        stream = MediaStream(ticket, self._parts.dialect.session(), wire, self)
        self._streams[stream] = address
        self._pending[address] += 1
        self.counts["opened"] += 1
        return stream

    def leave(self, stream: MediaStream) -> None:
        """Make room: the socket of *stream* is gone."""
        address = self._streams.pop(stream, None)
        if address is None:
            return
        if not stream.began:
            self._release(address)
        if self._newest.get(stream.ticket.call_id) is stream:
            del self._newest[stream.ticket.call_id]

    def begin(self, stream: MediaStream, carrier_call_id: CarrierCallId) -> MediaListener:
        """Bind *stream* to its call; see `StreamHost`."""
        self._release(self._streams[stream])
        call_id = stream.ticket.call_id
        call = self._parts.find_call(call_id)
        if call is None or call.is_over:
            raise StreamRefusedError("Unknown call")
        named = self._parts.find_call(carrier_call_id) if carrier_call_id else None
        if named is None or named.call_id != call_id:
            raise StreamRefusedError("Wrong call")
        older = self._newest.get(call_id)
        if older is not None and older.ticket.epoch > stream.ticket.epoch:
            raise StreamRefusedError("Replaced by a newer stream")
        self._newest[call_id] = stream
        if older is not None:
            _log.info("call %s: a newer media stream takes over", call_id)
            older.fence()
        try:
            return self._parts.exchange.attach(call_id, stream)
        except VoiceError as error:
            raise StreamRefusedError("Unknown call") from error

    def press(self, call_id: CallId, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Tell a call that keys were pressed; see `StreamHost`."""
        news = KeysPressed(self._parts.clock.now_ms(), digits)
        self._keys.press(call_id, CarrierSignal(news=news, carrier_call_id=carrier_call_id, call_id=call_id))

    def drop(self, what: str) -> None:
        """Count something that was dropped; see `StreamHost`."""
        self.counts[what] += 1

    def _full(self, address: str) -> Refusal | None:
        limits = self.limits
        if len(self._streams) >= limits.connections:
            return Refusal(503, "Too many media stream connections", _RETRY)
        if self._pending[address] >= limits.pending_per_address:
            return Refusal(429, "Too many pending media stream connections from this address", _RETRY)
        if self.pending >= limits.pending:
            return Refusal(503, "Too many pending media stream connections", _RETRY)
        return None

    def _release(self, address: str) -> None:
        self._pending[address] -= 1
        if self._pending[address] <= 0:
            del self._pending[address]

    def _refused(self, refusal: Refusal) -> Refusal:
        self.counts[f"refused {refusal.status}"] += 1
        return refusal
