"""What the gateway adds to a turn: exactly nothing or one frame in virtual time, and measured in real time."""

import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import attrs
import httpx
import pytest
from support.telephone import Line, call_to

from voice_adapters.clock import EventLoopClock
from voice_adapters.media.pacer import Pacer
from voice_adapters.media.stream_voice import StreamVoice, VoiceParts
from voice_adapters.media.voice import SpeechMoments
from voice_adapters.responders.openai import OpenAiResponder
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.services.http_stream import HttpStreams
from voice_adapters.speech.openai import OpenAiSynthesizer, OpenAiTranscriber
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.twins.openai.twin import OpenAiTwin, openai_twin
from voice_contracts.twins.sockets import Socket
from voice_contracts.twins.sound import SILENCE, Samples
from voice_domain.call import Call
from voice_domain.inputs import CallInput, LineAnswered
from voice_domain.ports.media import MediaLink, MediaListener
from voice_entrypoints.bench.turns.line_frames import named_turn, speech_frame, spoken_turn, turn_text
from voice_entrypoints.bench.turns.measurement import turn_rows
from voice_entrypoints.bench.turns.services import SERVICE_KEY, TimedServices
from voice_entrypoints.bench.turns.stopwatch import PARTS, Delays, Step, Stopwatch
from voice_entrypoints.bench.turns.text_socket import RefusedStreamError, TextSocket, connect

FRAME_SECONDS = 0.02


class Wire(MediaLink):
    """The far end: plays marks at once, and notes the first frame of every answer."""

    def __init__(self, watch: Stopwatch) -> None:
        self.turn = 0
        self.awaits_answer = False
        self._last_at: float | None = None
        self.listener: MediaListener | None = None
        self._watch = watch

    def has_fallen_silent(self, turn: int) -> bool:
        """Whether everything was said that comes before *turn*."""
        return self.turn == turn and self._last_at is not None and anyio.current_time() - self._last_at >= 0.5

    def send_frame(self, payload: bytes) -> None:
        self._last_at = anyio.current_time()
        if self.awaits_answer:
            self.awaits_answer = False
            self._watch.note(Step.HEARD, 0, self.turn)
            self.turn += 1

    def send_mark(self, name: str) -> None:
        assert self.listener is not None
        self.listener.mark_played(name)

    def clear(self) -> None: ...

    def close(self) -> None: ...


def make_ear(twin: OpenAiTwin, delays: Delays) -> OpenAiTranscriber:
    @asynccontextmanager
    async def open_socket(url: str, headers: Sequence[tuple[str, str]]) -> AsyncIterator[Socket]:
        opened = await twin.dial(url, dict(headers))
        try:
            yield opened
        finally:
            await opened.abort()

    return OpenAiTranscriber(
        api_key=SERVICE_KEY,
        clock=EventLoopClock(),
        silence_duration_ms=delays.silence_ms,
        open_socket=open_socket,
    )


@asynccontextmanager
async def conversation(watch: Stopwatch, wire: Wire) -> AsyncIterator[MediaListener]:
    """Run one call with our own adapters of OpenAI against the twin; give the way to its ear."""

    def recognise(_samples: Samples, _rate_hz: int) -> str:
        watch.note(Step.UNDERSTOOD, 0, wire.turn)
        return turn_text(0, wire.turn)

    delays, pacer = watch.delays, Pacer()
    script = attrs.evolve(
        TimedServices(watch).script(), recognise=recognise, delta_ms=delays.final_ms, final_ms=delays.final_ms
    )
    async with openai_twin(script) as twin, httpx.AsyncClient(transport=twin.transport) as client:
        http = HttpStreams(client)
        voices = VoiceParts(
            synthesizer=OpenAiSynthesizer(http=http, api_key=SERVICE_KEY),
            transcriber=make_ear(twin, delays),
            pacer=pacer,
            clock=EventLoopClock(),
        )

        def make_voice(
            call: Call, report: Callable[[CallInput], None], moments: SpeechMoments, _now: Callable[[], Call]
        ) -> StreamVoice:
            return StreamVoice(call.call_id, voices, report=report, moments=moments, recording=None)

        services = CallServices(
            store=MemoryStore(),
            carrier=Line(),
            keypad=None,
            responder=OpenAiResponder(http=http, model="bench", api_key=SERVICE_KEY),
            clock=EventLoopClock(),
            make_voice=make_voice,
        )
        calls = LiveCalls(services, limit=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pacer.run)
            async with calls.running():
                call = await calls.open(call_to())
                await calls.submit(call.call_id, LineAnswered(EventLoopClock().now_ms()))
                wire.listener = calls.attach(call.call_id, wire)
                yield wire.listener
            tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_in_virtual_time_a_turn_takes_what_the_services_take_and_a_frame_at_the_most() -> None:
    watch = Stopwatch(Delays(), anyio.current_time)
    wire = Wire(watch)

    async with conversation(watch, wire) as listener:
        began, tick = anyio.current_time(), 0

        async def hear(frame: bytes) -> None:
            nonlocal tick
            tick += 1
            await anyio.sleep_until(began + tick * FRAME_SECONDS)
            listener.frame_arrived(frame)

        for turn in range(10):
            # Each turn begins elsewhere between two ticks of our own pacer.
            began += 0.003
            while not wire.has_fallen_silent(turn):
                await hear(SILENCE)
            for _ in range(15):
                await hear(speech_frame(0, turn))
            watch.note(Step.SPOKE, 0, turn)
            wire.awaits_answer = True
            for silent in range(1, 60):
                await hear(SILENCE)
                if silent * 20 == watch.delays.silence_ms:
                    watch.note(Step.FELL_SILENT, 0, turn)

    measured = watch.parts()
    assert len(measured) == 10
    for parts in measured:
        assert all(part(parts) == pytest.approx(0, abs=1e-6) for part in PARTS.values()), parts


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("gateway and lines run in processes of their own; one event loop here is enough")
async def test_a_short_run_in_real_time_answers_every_turn_and_its_parts_are_the_whole() -> None:
    with anyio.fail_after(60):
        rows = {row["what"]: row["value"] for row in await turn_rows(1, 1)}

    assert rows["turns answered of 1, 1 call"] == 1
    assert rows["added per turn, p50, 1 call"] > 0
    parts = sum(rows[f"of it {name}, p50, 1 call"] for name in PARTS)
    assert parts == pytest.approx(rows["added per turn, p50, 1 call"], abs=0.01)


def test_a_turn_that_was_not_answered_is_not_counted() -> None:
    now = iter(range(100))
    watch = Stopwatch(Delays(), lambda: float(next(now)))
    for step in Step:
        watch.note(step, 0, 0)
    watch.note(Step.SPOKE, 0, 1)

    assert len(watch.parts()) == 1
    assert watch.parts()[0].added_ms == 5_000 - 650


def test_moments_of_another_process_are_added() -> None:
    here, there = Stopwatch(), Stopwatch()
    for step in Step:
        (here if step in (Step.ASKED, Step.VOICED) else there).note(step, 3, 4)

    here.take(there.exported())

    assert len(here.parts()) == 1


def test_a_frame_and_a_text_tell_whose_turn_they_are_of() -> None:
    assert spoken_turn(speech_frame(7, 2)) == (7, 2)
    assert len(speech_frame(7, 2)) == 160
    assert spoken_turn(SILENCE) is None
    assert named_turn(f"You said {turn_text(7, 2)}") == (7, 2)
    assert named_turn("Hello.") is None


def test_both_ends_of_a_socket_understand_each_other_whatever_the_size() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        raw, accepted = socket.create_connection(("127.0.0.1", port)), server.accept()[0]
        raw.sendall(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        with raw, accepted:
            there = TextSocket(accepted, is_client=False)
            opened = list(there.messages())
            # The example of RFC 6455, section 1.3.
            assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in raw.recv(4_096)
            here = TextSocket(raw, is_client=True)
            for size in (1, 125, 126, 3_000):
                here.send(b"x" * size)
                there.send(b"y" * size)
            raw.shutdown(socket.SHUT_WR)
            came = [len(message) for end in (there, here) for message in end.messages()]

    assert opened == [b""]
    assert came == [1, 125, 126, 3_000] * 2


def test_a_server_that_refuses_the_upgrade_is_no_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            accepted, _ = server.accept()
            with accepted:
                accepted.recv(4_096)
                accepted.sendall(b"HTTP/1.1 401 Unauthorized\r\n\r\n")

        refusing = threading.Thread(target=refuse)
        refusing.start()
        with pytest.raises(RefusedStreamError, match="401"):
            connect(server.getsockname()[1], "/")
        refusing.join(10)
