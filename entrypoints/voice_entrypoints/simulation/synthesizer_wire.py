"""The wire between the gateway and the service that makes its speech, with everything that fails there."""

import random
from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
import attrs
import msgspec

from voice_adapters.transports.http_library import httpx
from voice_entrypoints.simulation.faults import FaultKind, Place
from voice_entrypoints.simulation.http_wires import Ways
from voice_entrypoints.simulation.life import Life
from voice_entrypoints.simulation.whose import WHOSE

__all__ = ("Lie", "SynthesizerWire")

_K = FaultKind
_PIECES: Final = 3
_NOISE: Final = random.Random("noise").randbytes(24_001)  # noqa: S311 - it must repeat, not surprise


@attrs.frozen
class Lie:
    """Something else than a text was given for it, as if it were all: nobody can know."""

    at_ms: int
    text: str


class SynthesizerWire(httpx.AsyncBaseTransport):
    """Carries what one life of the gateway asks of the service."""

    def __init__(
        self,
        service: httpx.AsyncBaseTransport,
        life: Life,
        ways: Ways,
        lies: list[Lie],
        now_ms: Callable[[], int],
    ) -> None:
        self._service = service
        self._life = life
        self._ways = ways
        self._lies = lies
        self._now_ms = now_ms

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request there, and its answer back as it is made."""
        phone = WHOSE.get()
        fault = self._ways.book.next(phone, Place.SYNTHESIZER)
        await anyio.sleep(self._ways.seconds(phone, Place.SYNTHESIZER))
        await self._life.reach()
        kind = None if fault is None else fault.kind
        self._ways.trace.note("synthesizer", phone, kind)
        if kind in (_K.SYNTHESIZER_SHORT, _K.SYNTHESIZER_GARBAGE):
            text = msgspec.json.decode(await request.aread())["input"]
            self._lies.append(Lie(self._now_ms(), text))
        if fault is not None and kind is _K.SYNTHESIZER_SLOW:
            await anyio.sleep(fault.seconds)
        if kind is _K.SYNTHESIZER_UNREACHABLE:
            raise httpx.ConnectError("no way there, as planned")
        if kind is _K.SYNTHESIZER_SILENT:
            await anyio.sleep_forever()
        if kind is _K.SYNTHESIZER_BROKEN:
            return httpx.Response(500, json={"error": {"message": "as planned"}})
        if kind in (_K.SYNTHESIZER_EMPTY, _K.SYNTHESIZER_GARBAGE):
            sound = b"" if kind is _K.SYNTHESIZER_EMPTY else _NOISE
            return httpx.Response(200, headers={"content-type": "audio/pcm"}, content=sound)
        answer = await self._service.handle_async_request(request)
        if kind in (_K.SYNTHESIZER_CUT, _K.SYNTHESIZER_SHORT):
            assert isinstance(answer.stream, httpx.AsyncByteStream)  # the service streams what it says
            answer.stream = _Beginning(answer.stream, breaks=kind is _K.SYNTHESIZER_CUT)
        return answer


class _Beginning(httpx.AsyncByteStream):
    """The first pieces of an answer."""

    def __init__(self, whole: httpx.AsyncByteStream, *, breaks: bool) -> None:
        self._whole = whole
        self._breaks = breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for piece in self._whole:
            yield piece
            count += 1
            if count == _PIECES:
                break
        if self._breaks:
            raise httpx.ReadError("the rest is lost, as planned")

    async def aclose(self) -> None:
        """Let the whole go."""
        await self._whole.aclose()
