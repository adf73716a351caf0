"""A mock network with a plain exchange behind it: a desk that notes what it is told, and when."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import attrs

from voice_adapters.audio.g711 import ULAW_SILENCE
from voice_adapters.carriers.mock import MockCarrier, MockScript
from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_domain.e164 import PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierSignal, DialRequest, Exchange
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer
from voice_domain.ports.transcriber import Words
from voice_domain.refusals import CallNotFoundError

__all__ = (
    "LOUD",
    "SILENT",
    "Desk",
    "DeskLine",
    "MockNetwork",
    "SpellingSynthesizer",
    "dial_request",
    "mock_network",
)

_N = TypeVar("_N")

LOUD = b"\x10" * 160
SILENT = ULAW_SILENCE * 160


def dial_request(
    call_id: str = "c1",
    *,
    callee: str = "+15550005678",
    opening: str = "",
    ring_ms: int = 30_000,
    cap_ms: int = 330_000,
) -> DialRequest:
    """Return a request to dial."""
    return DialRequest(
        call_id=CallId(call_id),
        caller=PhoneNumber("+15550000000"),
        callee=PhoneNumber(callee),
        ring_ms=ring_ms,
        cap_ms=cap_ms,
        mode=Mode.CONVERSATION,
        opening=opening,
        locale="en-US",
    )


class SpellingSynthesizer(Synthesizer):
    """Speaks a loud frame for each letter; cannot speak `unspeakable` things."""

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        await anyio.lowlevel.checkpoint()
        if "unspeakable" in text:
            raise SynthesisError("spelling", "no such letters")
        for letter in text:
            if letter.isalpha():
                yield LOUD


class DeskLine(MediaListener):
    """Our end of one call's audio: notes what comes, and says what it is told to."""

    def __init__(self, link: MediaLink, log: list[str] | None = None) -> None:
        self.link = link
        self.log = log if log is not None else []
        self.frames: list[tuple[float, bytes]] = []
        self.marks: list[tuple[float, str]] = []
        self.closed_at: float | None = None
        self.hear: Callable[[bytes], None] = lambda _: None

    def frame_arrived(self, payload: bytes) -> None:
        self.frames.append((anyio.current_time(), payload))
        self.hear(payload)

    def mark_played(self, name: str) -> None:
        self.marks.append((anyio.current_time(), name))

    def link_closed(self) -> None:
        self.closed_at = anyio.current_time()
        self.log.append("link closed")

    def say(self, frames: int, mark: str = "said") -> None:
        """Send so many loud frames and a mark, all at once."""
        for _ in range(frames):
            self.link.send_frame(LOUD)
        self.link.send_mark(mark)

    @property
    def voiced(self) -> list[float]:
        """When each frame of a voice came."""
        return [at for at, payload in self.frames if payload != SILENT]


@attrs.define
class Desk(Exchange):
    """Takes everything; fails as often as told, and knows only the calls that it should."""

    told: list[tuple[float, CarrierSignal]] = attrs.field(factory=list)
    lines: dict[CallId, DeskLine] = attrs.field(factory=dict)
    log: list[str] = attrs.field(factory=list)
    failures: int = 0
    stranger: bool = False
    refusal: VoiceError | None = None
    changed: anyio.Event = attrs.field(factory=anyio.Event)

    async def tell(self, signal: CarrierSignal) -> None:
        await anyio.lowlevel.checkpoint()
        if self.failures:
            self.failures -= 1
            raise self.refusal or StoreError("disk full")
        self.told.append((anyio.current_time(), signal))
        self.log.append(type(signal.news).__name__)
        self._change()

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        if self.stranger:
            raise CallNotFoundError(call_id)
        self.lines[call_id] = line = DeskLine(link, self.log)
        self._change()
        return line

    @property
    def news(self) -> list[str]:
        """The names of all news, in order."""
        return [type(signal.news).__name__ for _, signal in self.told]

    async def line(self, call_id: str = "c1") -> DeskLine:
        """Wait until the call has audio."""
        while CallId(call_id) not in self.lines:
            await self.changed.wait()
        return self.lines[CallId(call_id)]

    async def first(self, kind: type[_N]) -> tuple[float, _N]:
        """Wait for the first news of a kind; return when they came, too."""
        while True:
            for at, signal in self.told:
                if isinstance(signal.news, kind):
                    return at, signal.news
            await self.changed.wait()

    def ids(self) -> list[str]:
        """Return the event ids of all news, in order."""
        return [str(getattr(signal.news, "event_id", "")) for _, signal in self.told]

    def _change(self) -> None:
        self.changed.set()
        self.changed = anyio.Event()


@attrs.frozen
class MockNetwork:
    """A running mock carrier and those around it."""

    carrier: MockCarrier
    desk: Desk
    transcriber: ScriptedTranscriber

    @asynccontextmanager
    async def listening(
        self, line: DeskLine, call_id: str = "c1"
    ) -> AsyncIterator[list[tuple[float, Words]]]:
        """Transcribe the call; gives all readings so far, with the times at which they came."""
        readings: list[tuple[float, Words]] = []

        def hear(words: Words) -> None:
            readings.append((anyio.current_time(), words))

        async with self.transcriber.open(CallId(call_id), locale="en-US", hearing=hear) as session:
            line.hear = session.feed
            yield readings


@asynccontextmanager
async def mock_network(
    script: MockScript | None = None, *, memory_frames: int = 0, desk: Desk | None = None
) -> AsyncIterator[MockNetwork]:
    """Run a mock carrier until the context is left."""
    transcriber = ScriptedTranscriber()
    carrier = MockCarrier(
        script or MockScript(),
        synthesizer=SpellingSynthesizer(),
        transcriber=transcriber,
        clock=EventLoopClock(),
        memory_frames=memory_frames,
    )
    network = MockNetwork(carrier, desk or Desk(), transcriber)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.run, network.desk)
        yield network
        tasks.cancel_scope.cancel()
