"""Whole calls on media streams in virtual time: when their sound leaves, and how soon a voice stops it."""

import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest

from voice_adapters.audio.g711 import pcm16_to_ulaw
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.media_stream import MediaStream, Wire
from voice_entrypoints.bench.media.gateway import LoadedGateway

pytestmark = pytest.mark.anyio

FRAME_SECONDS = 0.02
LEAD_FRAMES = 4
QUIET = b"\xff" * 160


class Recorder(Wire):
    """Notes when each message would have been written."""

    def __init__(self) -> None:
        self.played: list[float] = []
        self.cleared: list[float] = []
        self.closed: list[int] = []

    def play(self, text: bytes) -> None:
        self.played.append(anyio.current_time())

    def send(self, text: bytes) -> None: ...

    def clear(self, text: bytes) -> None:
        self.cleared.append(anyio.current_time())

    def close(self, code: int, reason: str) -> None:
        self.closed.append(code)


@asynccontextmanager
async def streaming() -> AsyncIterator[tuple[MediaStream, Recorder]]:
    """Give the stream of a live call that speaks without end."""
    gateway = LoadedGateway(EventLoopClock())
    async with gateway.running():
        path, carrier_call_id = await gateway.place()
        wire = Recorder()
        stream = gateway.engine.open(path, {}, "192.0.2.1", wire)
        assert isinstance(stream, MediaStream)
        stream.take(_start(carrier_call_id))
        yield stream, wire


def _start(carrier_call_id: str) -> str:
    spoken = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    begun = {"callSid": carrier_call_id, "streamSid": "MZ1", "mediaFormat": spoken}
    return json.dumps({"event": "start", "start": begun})


def _media(payload: bytes) -> str:
    return json.dumps({"event": "media", "media": {"payload": base64.b64encode(payload).decode()}})


def _voice(frame: int) -> bytes:
    """Return 20 ms of something like a vowel: loud, and never at one level for long."""
    level = (4_000, 9_000, 6_000, 12_000)[frame % 4]
    wave = level * np.sin(2 * np.pi * 220 * (np.arange(160) + 160 * frame) / 8_000)
    return pcm16_to_ulaw(wave.astype("<i2").tobytes())


async def _hear(stream: MediaStream, frames: list[bytes]) -> None:
    for frame in frames:
        await anyio.sleep(FRAME_SECONDS)
        stream.take(_media(frame))


async def test_frames_leave_every_twenty_milliseconds_for_as_long_as_one_speaks() -> None:
    async with streaming() as (_, wire):
        await anyio.sleep(60)

    lead, steady = wire.played[: LEAD_FRAMES + 1], wire.played[LEAD_FRAMES + 1 :]
    gaps = sorted(abs(later - earlier - FRAME_SECONDS) for earlier, later in itertools.pairwise(steady))
    assert lead[LEAD_FRAMES - 1] == lead[0]
    assert gaps[int(len(gaps) * 0.99)] <= 0.005
    assert gaps[-1] <= 0.005
    assert len(wire.played) == pytest.approx(60 / FRAME_SECONDS + LEAD_FRAMES, abs=2)


async def test_a_voice_clears_what_we_say_within_100_ms_of_its_first_frame() -> None:
    async with streaming() as (stream, wire):
        await _hear(stream, [QUIET] * 100)
        assert wire.cleared == []
        began = anyio.current_time()
        await _hear(stream, [_voice(frame) for frame in range(10)])

    assert wire.cleared
    assert wire.cleared[0] - began <= 0.1
    assert not [at for at in wire.played if began + 0.1 < at < wire.cleared[0] + 0.1]


async def test_silence_and_a_click_stop_nothing() -> None:
    click = b"\x00" * 40 + QUIET[40:]
    async with streaming() as (stream, wire):
        await _hear(stream, ([QUIET] * 20 + [click]) * 20)

        assert wire.cleared == []


async def test_a_stream_that_is_lost_and_comes_back_goes_on_with_the_call() -> None:
    gateway = LoadedGateway(EventLoopClock())
    first, second = Recorder(), Recorder()
    async with gateway.running():
        path, carrier_call_id = await gateway.place()
        stream = gateway.engine.open(path, {}, "192.0.2.1", first)
        assert isinstance(stream, MediaStream)
        stream.take(_start(carrier_call_id))
        await anyio.sleep(1)
        stream.lost()
        gateway.engine.leave(stream)
        await anyio.sleep(1)
        again = gateway.engine.open(gateway.path_of(carrier_call_id), {}, "192.0.2.1", second)
        assert isinstance(again, MediaStream)
        again.take(_start(carrier_call_id))
        await anyio.sleep(1)

        assert len(first.played) == pytest.approx(1 / FRAME_SECONDS + LEAD_FRAMES, abs=2)
        assert len(second.played) == pytest.approx(1 / FRAME_SECONDS + LEAD_FRAMES, abs=2)
        assert second.closed == []


async def test_the_stream_of_a_call_that_ends_is_closed() -> None:
    async with streaming() as (_, wire):
        await anyio.sleep(1)

    assert wire.closed == [1000]
