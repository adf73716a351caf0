"""The wire between the gateway and the service that hears for it, with everything that fails there."""

import math
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
import attrs
import msgspec

from voice_adapters.transports.websocket_errors import WebSocketClosedError, WebSocketRefusedError
from voice_contracts.twins.sockets import Socket, SocketClosedError, SocketRefusedError
from voice_entrypoints.simulation.faults import Fault, FaultKind, Place
from voice_entrypoints.simulation.http_wires import Ways
from voice_entrypoints.simulation.life import Life
from voice_entrypoints.simulation.whose import WHOSE

__all__ = ("NOT_SAID", "EarWires", "Told")

_K = FaultKind
_ABNORMAL: Final = 1006
_DELTA: Final = ".input_audio_transcription.delta"
_COMPLETED: Final = ".input_audio_transcription.completed"
_NONSENSE: Final = ("<html>", "[]", '{"type": 7}', '{"type": "rate_limits.updated"}')
NOT_SAID: Final = "Bananas."
"""What a service that lies has heard."""


@attrs.frozen
class Told:
    """A text that the service has told us."""

    at_ms: int
    phone: str
    item: str
    """The turn that it is of; of two texts of one item, one was told twice or corrected."""
    text: str
    final: bool


@attrs.define
class EarWires:
    """Opens sockets to the service, whatever life of the gateway asks."""

    dial: Callable[[str, Mapping[str, str]], Awaitable[Socket]]
    ways: Ways
    now_ms: Callable[[], int]
    told: list[Told] = attrs.field(factory=list)
    opened: int = 0
    closed: int = 0

    @asynccontextmanager
    async def open(
        self, life: Life, url: str, headers: Sequence[tuple[str, str]]
    ) -> AsyncIterator["_EarSocket"]:
        """Give an open socket, which fails as planned.

        Raises:
            WebSocketRefusedError: as planned, or if the service would not have it.
        """
        phone = WHOSE.get()
        fault = self.ways.book.next(phone, Place.TRANSCRIBER)
        await anyio.sleep(self.ways.seconds(phone, Place.TRANSCRIBER))
        await life.reach()
        self.ways.trace.note("transcriber", phone, fault and fault.kind)
        if fault is not None and fault.kind is _K.TRANSCRIBER_UNREACHABLE:
            raise WebSocketRefusedError(503, b"as planned")
        try:
            socket = await self.dial(url, dict(headers))
        except SocketRefusedError as error:
            raise WebSocketRefusedError(error.status or 503, b"") from error
        self.opened += 1
        try:
            yield _EarSocket(self, socket, phone, fault)
        finally:
            self.closed += 1
            with anyio.CancelScope(shield=True):
                await socket.close()


class _EarSocket:
    """One socket, with the errors of our own client."""

    def __init__(self, wires: EarWires, socket: Socket, phone: str, fault: Fault | None) -> None:
        self._wires = wires
        self._socket = socket
        self._phone = phone
        self._name = wires.opened
        self._kind = None if fault is None else fault.kind
        self._seconds = 0.0 if fault is None else fault.seconds
        ends = self._kind in (_K.TRANSCRIBER_CUT, _K.TRANSCRIBER_SILENT)
        self._ends_at = anyio.current_time() + self._seconds if ends else math.inf
        self._coming: deque[str] = deque(_NONSENSE if self._kind is _K.TRANSCRIBER_GARBAGE else ())

    async def send(self, message: str) -> None:
        """Send one message."""
        if anyio.current_time() < self._ends_at:
            await self._passed(self._socket.send(message))
        elif self._kind is _K.TRANSCRIBER_CUT:
            raise WebSocketClosedError(_ABNORMAL, "cut, as planned")

    async def receive(self) -> str:
        """Return the next message, or what the plan makes of it."""
        while not self._coming:
            message: str | None = None
            with anyio.CancelScope(deadline=self._ends_at):
                message = await self._passed(self._socket.receive())
            if message is None:
                await self._end()
            else:
                await self._take(message)
        message = self._coming.popleft()
        self._note(message)
        return message

    async def _end(self) -> None:
        if self._kind is _K.TRANSCRIBER_SILENT:
            await anyio.sleep_forever()
        raise WebSocketClosedError(_ABNORMAL, "cut, as planned")

    async def _take(self, message: str) -> None:
        if _COMPLETED not in message:
            self._coming.append(message)
            return
        if self._kind is _K.TRANSCRIBER_ENDLESS:
            return
        if self._kind is _K.TRANSCRIBER_SLOW:
            await anyio.sleep(self._seconds)
        if self._kind is _K.TRANSCRIBER_WRONG:
            event = msgspec.json.decode(message, type=dict[str, Any])
            message = msgspec.json.encode({**event, "transcript": NOT_SAID}).decode()
        times = 2 if self._kind is _K.TRANSCRIBER_REPEATED else 1
        self._coming.extend([message] * times)

    def _note(self, message: str) -> None:
        final = _COMPLETED in message
        if not final and _DELTA not in message:
            return
        event = msgspec.json.decode(message, type=dict[str, Any])
        text = event["transcript"] if final else event["delta"]
        item = f"{self._name}:{event['item_id']}"
        self._wires.told.append(Told(self._wires.now_ms(), self._phone, item, text, final))
        self._wires.ways.trace.note("told", self._phone, text, final)

    async def _passed(self, message: "Awaitable[Any]") -> Any:
        try:
            return await message
        except SocketClosedError as error:
            raise WebSocketClosedError(error.code) from error
