"""One call on the mock network, from the dial or the offer to its end."""

import logging

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_adapters.carriers.mock.callee import Callee, CalleeVoice
from voice_adapters.carriers.mock.link import MockLink
from voice_adapters.carriers.mock.mouth import Mouth
from voice_adapters.carriers.mock.reporter import Reporter
from voice_adapters.carriers.mock.script import MockOutcome, MockScript
from voice_adapters.media.pacer import Pacer
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import KeysPressed, LineAnswered, LineEnded, LineRang, MachineAnswered
from voice_domain.ports.carrier import DialRequest, Exchange, LineStatus
from voice_domain.ports.clock import Clock
from voice_domain.ports.media import MediaListener
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.refusals import CallNotFoundError
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("Leg", "LegServices")

_log = logging.getLogger(__name__)

_OFFER_MS = 60_000  # a caller whom nobody answers gives up
_INBOUND_CAP_SECONDS = 4 * 3600.0  # what carriers allow a call that nobody limits
_BINDING_SECONDS = 5.0  # until an answered inbound call must have our name
_DIGITS_KEPT = 1_000

_REFUSALS = {
    MockOutcome.BUSY: (EndReason.BUSY, "busy"),
    MockOutcome.FAILED: (EndReason.FAILED, "failed"),
}


@attrs.frozen(kw_only=True)
class LegServices:
    """What all legs of the network share."""

    script: MockScript
    synthesizer: Synthesizer
    """The callee's voice."""
    transcriber: ScriptedTranscriber
    clock: Clock
    pacer: Pacer
    memory_frames: int = 0
    """How many of the frames that a callee heard are kept, the newest ones."""


class Leg:
    """Lives in `run`; its other methods only tell it what the network, or we, decided, and return at once."""

    def __init__(
        self, carrier_call_id: CarrierCallId, services: LegServices, *, request: DialRequest | None = None
    ) -> None:
        self.carrier_call_id = carrier_call_id
        """The network's name for it now; see `rename`."""
        self.request = request
        """What was dialled; None for a call that came in."""
        self.call_id = request.call_id if request else None
        """Our name for it; of an inbound call unknown until `bind`."""
        self.digits_heard = ""
        """The keys that we pressed, the last thousand."""
        self.ending: LineStatus | None = None
        """How it ended; None while it lives."""
        self.link: MockLink | None = None
        """The callee's ear, from the answer on."""
        self._services = services
        self._locale = request.locale if request else "en-US"
        self._began_at = anyio.current_time()
        self._answered = anyio.Event()
        self._answered_at_ms: int | None = None
        self._bound = anyio.Event()
        if request is not None:
            self._bound.set()
        self._reporter: Reporter | None = None
        self._listener: MediaListener | None = None
        self._talking: TaskGroup | None = None
        self._answer_told = self._end_told = False
        self._life = anyio.CancelScope()

    @property
    def status(self) -> LineStatus:
        """What the network knows of it."""
        answered = self._answered_at_ms is not None
        return self.ending or LineStatus(alive=True, answered=answered, answered_at_ms=self._answered_at_ms)

    def bind(self, call_id: CallId, locale: str) -> None:
        """Give an inbound leg our name for the call, and its language; the first one is kept."""
        if self.call_id is None:
            self.call_id, self._locale = call_id, locale
            self._bound.set()

    def rename(self, carrier_call_id: CarrierCallId) -> None:
        """Have the network use another name for it from now on."""
        self.carrier_call_id = carrier_call_id
        if self._reporter is not None:
            self._reporter.carrier_call_id = carrier_call_id

    def answer(self, *, told: bool = False) -> None:
        """It is answered: an inbound call by us, an outbound one by the callee. *told* if the exchange knows."""
        self._answer_told = self._answer_told or told
        self._answered_at_ms = self._answered_at_ms or self._services.clock.now_ms()
        self._answered.set()

    def end(self, reason: EndReason, cause: str, *, told: bool = False) -> None:
        """It is over; the first reason is kept, repeating it is harmless. *told* if the exchange knows."""
        if self.ending is None:
            self.ending = LineStatus(alive=False, reason=reason, cause=cause)
            self._end_told = told
            self._life.cancel()

    def hear_digits(self, digits: str) -> None:
        """The callee hears us press keys."""
        self.digits_heard = (self.digits_heard + digits)[-_DIGITS_KEPT:]

    def transfer(self) -> None:
        """Have somebody else rung for the counterpart; once that one answers, our part is over."""
        if self._talking is not None:
            self._talking.start_soon(self._hand_over)

    async def run(self, exchange: Exchange) -> None:
        """Live, telling *exchange* everything; returns when the leg is over and that was told."""
        direction = Direction.OUTBOUND if self.request else Direction.INBOUND
        reporter = Reporter(exchange, self._services.clock, self.carrier_call_id, direction, self.call_id)
        self._reporter = reporter
        cap_seconds = self.request.cap_ms / 1000 if self.request else _INBOUND_CAP_SECONDS
        with self._life:
            with anyio.CancelScope(deadline=self._began_at + cap_seconds):
                if await self._is_answered(reporter):
                    await self._talk(exchange, reporter)
            self.end(EndReason.TIMEOUT, "time limit")
        assert self.ending is not None  # whatever leaves the scope has said why
        if not self._end_told:
            reason = self.ending.reason or EndReason.COMPLETED
            await reporter.tell(LineEnded(0, reason, self.ending.cause))
        if self._listener is not None:
            self._listener.link_closed()

    async def _is_answered(self, reporter: Reporter) -> bool:
        """Ring; return whether somebody answered, else the leg is over."""
        answered = await (self._dialled(reporter) if self.request else self._answered_within(_OFFER_MS))
        if not answered:
            self.end(EndReason.NO_ANSWER, "no answer")
            return False
        self._answered_at_ms = self._answered_at_ms or self._services.clock.now_ms()
        if not self._answer_told:
            await reporter.tell(LineAnswered(0))
        return True

    async def _dialled(self, reporter: Reporter) -> bool:
        """Let the callee do what the script says; an answer that is told from outside comes before all that."""
        request, script = self.request, self._services.script
        assert request is not None  # an inbound call is not dialled
        outcome = script.outcome_for(request.callee)
        if await self._answered_within(min(script.ring_ms, request.ring_ms)):
            return True
        if outcome in _REFUSALS:
            self.end(*_REFUSALS[outcome])
            return False
        await reporter.tell(LineRang(0))
        picked_up = outcome.picks_up and script.answer_ms < request.ring_ms
        if await self._answered_within(script.answer_ms if picked_up else request.ring_ms):
            return True
        if picked_up and outcome is MockOutcome.VOICEMAIL:
            await reporter.tell(MachineAnswered(0))
            await anyio.sleep_forever()
        return picked_up

    async def _answered_within(self, ms: int) -> bool:
        """Return whether it is answered from outside before so many milliseconds from its beginning are over."""
        with anyio.CancelScope(deadline=self._began_at + ms / 1000):
            await self._answered.wait()
        return self._answered.is_set()

    async def _talk(self, exchange: Exchange, reporter: Reporter) -> None:
        """Be connected, and let the callee play its script."""
        call_id = await self._our_name()
        link = MockLink(realtime=self._services.script.realtime, memory_frames=self._services.memory_frames)
        try:
            listener = exchange.attach(call_id, link)
        except CallNotFoundError:
            _log.info("nobody takes the audio of %s", self.carrier_call_id)
            self.end(EndReason.COMPLETED, "nobody took the audio")
            return
        self.link = link
        mouth = Mouth(listener, realtime=self._services.script.realtime)
        mouth.open(self._services.pacer)
        try:
            async with anyio.create_task_group() as self._talking:
                self._talking.start_soon(link.run, listener)
                if await self._callee(call_id, link, mouth, reporter).perform(opening=self._opens):
                    self.end(EndReason.HANGUP_USER, "hang-up")
                await anyio.sleep_forever()
        finally:
            self._talking = None
            self._listener = None if link.closed else listener
            mouth.close()
            link.close()
            self._services.transcriber.forget(call_id)

    async def _our_name(self) -> CallId:
        with anyio.move_on_after(_BINDING_SECONDS):
            await self._bound.wait()
        return self.call_id or CallId(self.carrier_call_id)

    @property
    def _opens(self) -> bool:
        """Whether we speak first."""
        return self.request is None or bool(self.request.opening)

    def _callee(self, call_id: CallId, ear: MockLink, mouth: Mouth, reporter: Reporter) -> Callee:
        async def press(digits: str) -> None:
            await reporter.tell(KeysPressed(0, digits))

        return Callee(
            script=self._services.script,
            ear=ear,
            mouth=mouth,
            voice=CalleeVoice(self._services.synthesizer, self._locale),
            announce=lambda text, frames: self._services.transcriber.announce(call_id, text, frames=frames),
            press=press,
        )

    async def _hand_over(self) -> None:
        await anyio.sleep(self._services.script.answer_ms / 1000)
        self.end(EndReason.COMPLETED, "transferred")
