"""A small world for tests of the runtime: a carrier, ears and mouths that do what they are told."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio

from voice_adapters.clock import EventLoopClock, RandomIdentities
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.stores.memory import MemoryStore
from voice_domain.call import Call
from voice_domain.decide import Decision, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.effects import Play
from voice_domain.events import Opened
from voice_domain.evolve import fold
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import CallInput, LineAnswered, LineRang, PartHeard, PartStarted
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierError,
    DialRequest,
    Keypad,
    LineStatus,
    SpeechPlayed,
)
from voice_domain.ports.event_store import EventStore
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

__all__ = ("Line", "Mouth", "Parrot", "World", "answered", "call_to", "over")

US = PhoneNumber("+15550000000")


def call_to(
    number: str = "+15550005678",
    *,
    mode: Mode = Mode.CONVERSATION,
    opening: str = "Hello.",
    terms: CallTerms | None = None,
) -> Decision:
    """Return how an outbound call begins."""
    opened = Opened(
        at_ms=EventLoopClock().now_ms(),
        call_id=RandomIdentities().new_call_id(),
        carrier="line",
        direction=Direction.OUTBOUND,
        caller=US,
        callee=PhoneNumber(number),
        mode=mode,
        locale="en-US",
        terms=terms or CallTerms(),
        opening=opening,
    )
    return open_call(opened)


class Line(Carrier, Keypad):
    """A carrier that keeps a list of what it was asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.dial_seconds = 0.0
        self.hang_up_seconds = 0.0
        self.refuse_dial = False
        self.refusals_of_hang_up = 0
        self.legs: set[str] = set()

    name = "line"
    capabilities = Capabilities(media_stream=True, digits=True, transfer=True, inbound=True, reject=True)

    async def dial(self, request: DialRequest) -> CarrierCallId:
        self.asked.append(("dial", str(request.callee)))
        await anyio.sleep(self.dial_seconds)
        if self.refuse_dial:
            raise CarrierError("line", "no such number", code="404")
        leg = CarrierCallId(f"leg-{request.call_id}")
        self.legs.add(leg)
        return leg

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        self.asked.append(("answer", carrier_call_id))

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        self.asked.append(("busy" if busy else "reject", carrier_call_id))

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        self.asked.append(("hang up", carrier_call_id))
        await anyio.sleep(self.hang_up_seconds)
        if self.refusals_of_hang_up:
            self.refusals_of_hang_up -= 1
            raise CarrierError("line", "try again", status=503, retryable=True)
        self.legs.discard(carrier_call_id)

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        return LineStatus(alive=carrier_call_id in self.legs)

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        self.asked.append(("digits", digits))

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        self.asked.append(("transfer", str(to)))


class Mouth(Voice):
    """Says every part in a tenth of a second for each character."""

    def __init__(self, report: Callable[[CallInput], None]) -> None:
        self._report = report
        self._orders: list[Play] = []
        self._arrived = anyio.Event()
        self.listening: str | None = None
        self.open = True

    def play(self, order: Play) -> None:
        self._orders.append(order)
        self._arrived.set()

    def foresee(self, order: Play) -> None: ...

    def forget(self) -> None: ...

    def clear(self) -> None:
        for report in self.cut():
            self._report(report)

    def cut(self) -> list[CallInput]:
        dropped, self._orders = self._orders, []
        return [PartHeard(order.speech_id, order.part, "") for order in dropped]

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def listen(self, locale: str) -> None:
        self.listening = locale

    def stop_listening(self) -> None:
        self.listening = None

    def attach(self, link: MediaLink) -> MediaListener:
        raise NotImplementedError

    def played(self, played: SpeechPlayed) -> None: ...

    async def run(self) -> None:
        try:
            while True:
                while not self._orders:
                    self._arrived = anyio.Event()
                    await self._arrived.wait()
                order = self._orders[0]
                self._report(PartStarted(order.speech_id, order.part))
                await anyio.sleep(len(order.text) / 10)
                if self._orders and self._orders[0] is order:
                    self._orders.pop(0)
                    self._report(PartHeard(order.speech_id, order.part, order.text))
        finally:
            self.open = False


class Parrot(Responder):
    """Repeats every utterance, after a pause."""

    def __init__(self, pause_seconds: float = 0.1) -> None:
        self.pause_seconds = pause_seconds

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        await anyio.sleep(self.pause_seconds)
        yield f"{request.utterance}!"


class World:
    """A switchboard and everything around it."""

    def __init__(
        self,
        *,
        limit: int = 10,
        store: EventStore | None = None,
        line: Line | None = None,
        responder: Responder | None = None,
        mouth: Callable[[Callable[[CallInput], None]], Mouth] = Mouth,
    ) -> None:
        self.line = line or Line()
        self.store = MemoryStore() if store is None else store
        self.mouths: list[Mouth] = []
        self.responder = responder or Parrot()
        self._make_mouth = mouth
        self.services = CallServices(
            store=self.store,
            carrier=self.line,
            keypad=self.line,
            responder=self.responder,
            clock=EventLoopClock(),
            make_voice=self._mouth,
        )
        self.calls = LiveCalls(self.services, limit=limit)

    def _mouth(
        self,
        call: Call,
        report: Callable[[CallInput], None],
        moments: SpeechMoments,
        now: Callable[[], Call],
    ) -> Mouth:
        mouth = self._make_mouth(report)
        self.mouths.append(mouth)
        return mouth

    @asynccontextmanager
    async def running(self) -> AsyncIterator["World"]:
        async with self.calls.running():
            yield self

    def now_ms(self) -> int:
        return self.services.clock.now_ms()

    def asked(self, what: str) -> int:
        """How often the carrier was asked for something."""
        return [asked for asked, _ in self.line.asked].count(what)


async def answered(world: World, call: Call) -> None:
    """Let the callee's phone ring and be answered."""
    await world.calls.submit(call.call_id, LineRang(world.now_ms(), "r"))
    await world.calls.submit(call.call_id, LineAnswered(world.now_ms(), "a"))


async def over(world: World, call_id: CallId) -> Call:
    """Wait until nothing of a call lives, and return what the store says of it."""
    while world.calls.find(call_id) is not None:  # noqa: ASYNC110 - virtual time: looking costs nothing
        await anyio.sleep(0.05)
    return fold(await world.store.load(call_id))
