"""The whole media path of live calls, as a gateway has it, without carriers and services behind it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio

from voice_adapters.clock import RandomIdentities, SystemClock
from voice_adapters.media.pacer import Pacer
from voice_adapters.media.playback import Playback
from voice_adapters.media.stream_voice import StreamVoice, VoiceParts
from voice_adapters.media.voice import SpeechMoments
from voice_adapters.responders.echo import EchoResponder
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.transports.media_engine import MediaEngine, MediaParts
from voice_adapters.transports.media_limits import MediaLimits
from voice_adapters.transports.stream_tokens import StreamTokens
from voice_domain.call import Call
from voice_domain.decide import open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.effects import Play
from voice_domain.events import Opened
from voice_domain.identity import CallId, SpeechId
from voice_domain.inputs import CallInput, LineAnswered
from voice_domain.mode_rules import Mode
from voice_domain.ports.clock import Clock
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction
from voice_entrypoints.bench.media.stand_ins import (
    AgreeableCarrier,
    DeafTranscriber,
    EndlessVoice,
    LoadedExchange,
)
from voice_entrypoints.bench.turns.streamed import WIRE

__all__ = ("STREAM_PATH", "LoadedGateway")

STREAM_PATH = "/voice/stream"
_MANY = 10_000
_HOUR_MS = 3_600_000
_BREATH_SECONDS = 0.005


class LoadedGateway:
    """Live calls that speak without end as soon as their streams come."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._pacer = Pacer()
        voices = VoiceParts(
            synthesizer=EndlessVoice(), transcriber=DeafTranscriber(), pacer=self._pacer, clock=self._clock
        )

        def make_voice(
            call: Call,
            report: Callable[[CallInput], None],
            moments: SpeechMoments,
            _now: Callable[[], Call],
        ) -> StreamVoice:
            return StreamVoice(call.call_id, voices, report=report, moments=moments, recording=None)

        services = CallServices(
            store=MemoryStore(),
            carrier=AgreeableCarrier(),
            keypad=None,
            responder=EchoResponder(),
            clock=self._clock,
            make_voice=make_voice,
        )
        self._calls = LiveCalls(services, limit=_MANY)
        self._exchange = LoadedExchange(self._calls)
        self._tokens = StreamTokens(self._clock, RandomIdentities())
        parts = MediaParts(
            tokens=self._tokens,
            dialect=WIRE.dialect(),
            exchange=self._exchange,
            find_call=self._calls.find,
            clock=self._clock,
        )
        limits = MediaLimits(connections=_MANY, pending=_MANY, pending_per_address=_MANY)
        self.engine = MediaEngine(parts, stream_path=STREAM_PATH, limits=limits)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep calls alive while the context is open."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._pacer.run)
            tasks.start_soon(self.engine.run)
            async with self._calls.running():
                yield
            tasks.cancel_scope.cancel()

    async def place(self) -> tuple[str, str]:
        """Place a call that is answered; return the path of its stream and the carrier's name for it."""
        call_id = RandomIdentities().new_call_id()
        await self._calls.open(open_call(_opened(call_id, self._clock.now_ms())))
        call = await self._calls.submit(call_id, LineAnswered(self._clock.now_ms()))
        assert call.carrier_call_id is not None
        return self.path_of(call.carrier_call_id), call.carrier_call_id

    def path_of(self, carrier_call_id: str) -> str:
        """Return the path of a new stream of a live call."""
        call = self._calls.find(carrier_call_id)
        assert call is not None
        return f"{STREAM_PATH}/{self._tokens.issue(call.call_id)}"

    async def first_frames(self, count: int) -> list[float]:
        """Speak *count* times on a live stream; return how many milliseconds each first frame left after its audio."""
        assert self._exchange.latest is not None
        took: list[float] = []
        for number in range(count):
            watch = _Watch()
            playback = Playback(EndlessVoice(), self._pacer, report=watch.report, moments=watch)
            playback.attach(self._exchange.latest)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(playback.run)
                playback.play(Play(SpeechId(str(number)), 0, "a", "en-US", interruptible=True))
                await watch.sent.wait()
                playback.cut()
                tasks.cancel_scope.cancel()
            took.append(watch.milliseconds)
            await anyio.sleep(_BREATH_SECONDS)
        return took


class _Watch(SpeechMoments):
    def __init__(self) -> None:
        self.sent = anyio.Event()
        self.milliseconds = 0.0
        self._began = 0.0

    def report(self, given: CallInput) -> None:
        """Nobody keeps what is reported."""

    def first_byte(self, speech_id: SpeechId, part: int) -> None:
        del speech_id, part
        self._began = time.perf_counter()

    def first_frame(self, speech_id: SpeechId, part: int) -> None:
        del speech_id, part
        self.milliseconds = (time.perf_counter() - self._began) * 1_000
        self.sent.set()


def _opened(call_id: CallId, now_ms: int) -> Opened:
    return Opened(
        at_ms=now_ms,
        call_id=call_id,
        carrier="bench",
        direction=Direction.OUTBOUND,
        caller=PhoneNumber("+15550001234"),
        callee=PhoneNumber("+15550005678"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(max_ms=_HOUR_MS),
        opening="A speech without an end.",
    )
