"""One live call: one mailbox, one task that empties it, one scope that everything of the call lives in.

Inputs are decided in batches: decide each, make all events and the outbox durable at once, publish, then carry out
the effects. So duplicates, races and crashes have one place to be right in.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_adapters.runtime.asking import leg_status, told_of
from voice_adapters.runtime.errands import Errand
from voice_adapters.runtime.foresight import Foresight
from voice_adapters.runtime.guarded_voice import GuardedVoice
from voice_adapters.runtime.mailbox import Item, Mailbox
from voice_adapters.runtime.outbox import outbox_of
from voice_adapters.runtime.replies import Replies
from voice_adapters.runtime.rulings import ruling_of
from voice_adapters.runtime.running_errands import RunningErrands
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.timers import Timers
from voice_adapters.runtime.turn_clock import TurnClock
from voice_domain.call import Call
from voice_domain.decide import Decision, decide
from voice_domain.effects import (
    AskResponder,
    AskStatus,
    CancelReply,
    CancelTimer,
    ClearPlayback,
    Effect,
    HangUp,
    Listen,
    PausePlayback,
    Play,
    ReleaseWaiter,
    ResumePlayback,
    SendDigits,
    StartTimer,
    StopListening,
)
from voice_domain.errors import VoiceError
from voice_domain.events import WaiterReleased
from voice_domain.evolve import evolve
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import CallInput, HangUpConfirmed, HangUpRequested, LineEnded, TimerFired
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.refusals import CallEndedError
from voice_domain.vocabulary import EndReason

__all__ = ("CallProcess",)

_log = logging.getLogger(__name__)

_BATCH = 64
_STORE_PAUSE_SECONDS = 0.5


@attrs.frozen
class _Step:
    item: Item
    decision: Decision
    outbox: tuple[OutboxItem, ...]
    ruling: Ruling


def _rulings(steps: list[_Step]) -> tuple[Ruling, ...]:
    return tuple(step.ruling for step in steps if step.ruling.events or step.ruling.effects)


class CallProcess:
    """Runs one call from its first effect to its last confirmation."""

    def __init__(self, decision: Decision, services: CallServices) -> None:
        self.call: Call = decision.call
        self.first_errands: tuple[Errand, ...] = ()
        self._first = decision
        self._services = services
        self._mailbox = Mailbox()
        self._timers = Timers()
        self._errands = RunningErrands(services, self._deliver, self._mailbox.wake)
        self._clock = TurnClock(self.post, services.clock)
        voice = services.make_voice(decision.call, self.post, self._clock, lambda: self.call)
        self._voice = GuardedVoice(decision.call.call_id, voice, self.post)
        self._replies = Replies(services.responder, self.post)
        self._foresight = Foresight(self._voice, self._replies)
        self._voice_awake = False
        self._broken = False
        self._tasks: TaskGroup | None = None
        self.started = anyio.Event()

    @property
    def dialling(self) -> bool:
        """Whether the carrier has been asked to dial and has not answered."""
        return self._errands.dialling

    @property
    def queue_depths(self) -> Mapping[str, int]:
        """How many inputs wait, costly effects are under way, and parts of our speech are yet to be heard."""
        speeches = self.call.speeches
        return {
            "mailbox": len(self._mailbox),
            "errands": len(self._errands),
            "speech": sum(heard is None for speech in speeches for heard in speech.heard),
        }

    def post(self, given: CallInput) -> None:
        """Put an input into the mailbox; nobody waits for it, and it is not lost if the store is down."""
        if not self._mailbox.closed:
            self._clock.note(given)
            self._mailbox.put(Item(given, patient=True, awaited=False))

    async def submit(self, given: CallInput, *, patient: bool = False) -> Call:
        """Put an input into the mailbox and wait until what follows is durable and was carried out.

        Raises:
            VoiceError: what `decide` raises, or the error of a costly effect.
            StoreError: unless *patient*, if nothing can be made durable.
        """
        if self._mailbox.closed:
            raise CallEndedError(self.call.call_id)
        item = Item(given, patient=patient, awaited=True)
        self._clock.note(given)
        self._mailbox.put(item)
        assert item.done is not None
        await item.done.wait()
        if item.error is not None:
            raise item.error
        for errand in item.errands:
            await errand.done.wait()
            if errand.error is not None:
                raise errand.error
        return self.call

    def attach(self, link: MediaLink) -> MediaListener:
        """Use this media link from now on."""
        self._wake_voice()
        return self._voice.attach(link)

    def played(self, played: SpeechPlayed) -> None:
        """The carrier's own voice has read a part to its end."""
        self._voice.played(played)

    async def run(self, leave: Callable[[], None]) -> None:
        """Live until the call is over and every errand is done; *leave* is called then.

        What is let go after that, foreign code with its own idea of haste, holds up nobody.
        """
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                opened = self.call.opened
                if opened.opening and not self.call.closing_reason:
                    tasks.start_soon(partial(self._voice.prepare, opened.opening, locale=opened.locale))
                self.first_errands = self._carry_out(self._first.effects, outbox_of(self._first))
                self.started.set()
                while not (self.call.is_over and not len(self._errands) and not len(self._mailbox)):
                    await self._mailbox.wait(self._timers.seconds_to_next(self._services.clock.now_ms()))
                    # While the store fails, what waits for it must not keep a hang-up from being tried.
                    limit = None if self._services.health.problem else _BATCH
                    # What is here already comes before a timer: it may be what that waits for.
                    await self._take(self._mailbox.take(limit) + self._due_timers())
                self._close()
                leave()
                tasks.cancel_scope.cancel()
        finally:
            self.started.set()
            self._close()

    def _close(self) -> None:
        over = CallEndedError(self.call.call_id)
        stopped = UnavailableError("The gateway stopped before this was done; `voicecall status` tells more")
        self._mailbox.close(over if self.call.is_over else stopped)

    def _due_timers(self) -> list[Item]:
        fired = [TimerFired(timer) for timer in self._timers.take_due(self._services.clock.now_ms())]
        for each in fired:
            self._clock.note(each)
        return [Item(each, patient=True, awaited=False) for each in fired]

    async def _take(self, items: list[Item]) -> None:
        """Decide *items*, make it durable, and do what follows."""
        if not items:
            return
        steps = self._decided(self._with_last_words(items))
        events = tuple(event for step in steps for event in step.decision.events)
        outbox = {entry.effect_id: entry for step in steps for entry in step.outbox}
        fresh = tuple(entry for entry in outbox.values() if entry.effect_id not in self._errands)
        last = 0
        try:
            if events or fresh:
                version = self.call.version
                self._look_ahead(steps)
                last = await self._services.store.append(
                    self.call.call_id, events, expected_version=version, outbox=fresh, rulings=_rulings(steps)
                )
                self._services.health.worked()
        except StoreError as error:
            self._foresight.forget(self.call)
            await self._without_store(steps, error)
            return
        before, self.call = self.call, steps[-1].decision.call if steps else self.call
        self._services.legs.note(self.call)
        self._publish(before, steps, last=last)
        for step in steps:
            errands = self._carry_out(step.decision.effects, step.outbox)
            if not errands and isinstance(step.item.given, HangUpRequested):
                errands = self._errands.try_again()  # it is the same hang-up, asked for once more
            step.item.succeed(step.decision.call, errands)
        if self.call.is_over:
            self._errands.leg_is_over(self.call.carrier_call_id)

    def _look_ahead(self, steps: list[_Step]) -> None:
        """Begin what may be begun before it is kept; while nothing can be kept it would be begun again and again."""
        assert self._tasks is not None  # inputs are taken in `run` only
        if steps and not self._services.health.problem:
            effects = tuple(effect for step in steps for effect in step.decision.effects)
            self._foresight.begin(steps[-1].decision.call, effects, self._tasks)

    def _decided(self, items: list[Item]) -> list[_Step]:
        """Decide *items* one after the other; those that are refused are told, and left out."""
        call, steps = self.call, list[_Step]()
        now = self._services.clock.now_ms()
        for item in items:
            try:
                decision = decide(call, item.given, now)
            except VoiceError as error:
                item.fail(error)
            except Exception as error:  # noqa: BLE001 - a bug must not cancel the errands, least of all a hang-up
                item.fail(self._stumbled(error))
            else:
                call = decision.call
                steps.append(_Step(item, decision, outbox_of(decision), ruling_of(decision, item.given, now)))
        return steps

    def _stumbled(self, error: Exception) -> VoiceError:
        """End the call because of a bug; at the second one, give up."""
        if self._broken:
            raise error
        _log.error("call %s broke", self.call.call_id, exc_info=error)
        self._broken = True
        problem = f"internal error: {type(error).__name__}"
        self.post(HangUpRequested(EndReason.ERROR, problem))
        return UnavailableError(f"The call broke: {problem}; it is hung up")

    def _with_last_words(self, items: list[Item]) -> list[Item]:
        """Before news that the call is over, put what was heard of us until then."""
        if self.call.is_over or not any(
            isinstance(item.given, LineEnded | HangUpConfirmed) for item in items
        ):
            return items
        reports = [Item(given, patient=True, awaited=False) for given in self._voice.cut()]
        place = next(
            place for place, item in enumerate(items) if isinstance(item.given, LineEnded | HangUpConfirmed)
        )
        return [*items[:place], *reports, *items[place:]]

    async def _without_store(self, steps: list[_Step], error: StoreError) -> None:
        """Nothing can be kept now: tell who can be told, keep the rest, and still hang up what costs money."""
        self._services.health.failed(error)
        kept: list[Item] = []
        for step in steps:
            ends = tuple(effect for effect in step.decision.effects if isinstance(effect, HangUp))
            self._carry_out(ends, step.outbox)
            if step.item.patient:
                kept.append(step.item)
                continue
            step.item.fail(error)
            if ends:  # done all the same, so the record has to say it as soon as it can
                kept.append(Item(step.item.given, patient=True, awaited=False))
        self._mailbox.put_back(kept)
        await anyio.sleep(_STORE_PAUSE_SECONDS)

    def _publish(self, call: Call, steps: list[_Step], *, last: int) -> None:
        """Tell the events of *steps*, of which the *last* has this place in the journal."""
        told = [(step.decision, event) for step in steps for event in step.decision.events]
        for place, (decision, event) in enumerate(told, start=last - len(told) + 1):
            # After the last event of a decision it is the call that was decided, which need not be made again.
            call = decision.call if event is decision.events[-1] else evolve(call, event)
            if isinstance(event, WaiterReleased):
                self._services.waiting.release(event)
            self._services.hub.publish(place, call, event)

    def _carry_out(self, effects: tuple[Effect, ...], outbox: tuple[OutboxItem, ...]) -> tuple[Errand, ...]:
        assert self._tasks is not None  # effects are carried out in `run` only
        entries = {id(entry.effect): entry for entry in outbox}
        errands: list[Errand] = []
        for effect in effects:
            entry = entries.get(id(effect))
            if entry is not None:
                if isinstance(effect, SendDigits):
                    self._voice.keys_sent()
                errands.append(self._errands.start(entry, self.call, self._tasks))
            else:
                self._perform(effect)
        return tuple(errands)

    async def _deliver(self, report: CallInput) -> Call:
        return await self.submit(report, patient=True)

    async def _ask_status(self, carrier_call_id: CarrierCallId) -> None:
        status = await leg_status(self._services, self.call.call_id, carrier_call_id)
        self.post(told_of(status))

    def _wake_voice(self) -> None:
        """Start the voice's tasks when the call first needs them: most of a ringing call's weight is theirs."""
        if not self._voice_awake and self._tasks is not None:
            self._voice_awake = True
            self._tasks.start_soon(self._voice.run)

    def _perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912 - one case an effect
        match effect:
            case StartTimer():
                self._timers.start(effect.timer, effect.due_ms)
            case CancelTimer():
                self._timers.cancel(effect.timer)
            case Play():
                self._wake_voice()
                self._voice.play(effect)
            case ClearPlayback():
                self._voice.clear()
            case PausePlayback():
                self._voice.pause()
            case ResumePlayback():
                self._voice.resume()
            case Listen():
                self._wake_voice()
                self._voice.listen(effect.locale)
            case StopListening():
                self._voice.stop_listening()
            case AskResponder():
                assert self._tasks is not None
                self._replies.ask(self.call, effect.turn, self._tasks)
            case AskStatus():
                assert self._tasks is not None
                self._tasks.start_soon(self._ask_status, effect.carrier_call_id)
            case CancelReply():
                self._replies.cancel(effect.turn)
            case ReleaseWaiter():
                pass  # told with its event, right after that was made durable
            case _:
                raise AssertionError("a costly effect goes through the outbox")
