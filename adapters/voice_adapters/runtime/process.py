"""One live call: one mailbox, one task that empties it, one scope that everything of the call lives in.

Inputs are decided in batches: decide each, make all events and the outbox durable at once, publish, then carry out
the effects. So duplicates, races and crashes have one place to be right in.
"""

import logging
from functools import partial

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_adapters.runtime.errands import Errand, run_errand
from voice_adapters.runtime.mailbox import Item, Mailbox
from voice_adapters.runtime.replies import Replies
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.turn_clock import TurnClock
from voice_domain.call import Call
from voice_domain.decide import Decision, decide
from voice_domain.effects import (
    AskResponder,
    CancelReply,
    CancelTimer,
    ClearPlayback,
    CostlyEffect,
    Effect,
    HangUp,
    Listen,
    PausePlayback,
    Play,
    ReleaseWaiter,
    ResumePlayback,
    StartTimer,
    StopListening,
)
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent, WaiterReleased, WaiterSet
from voice_domain.evolve import evolve
from voice_domain.inputs import CallInput, HangUpConfirmed, LineEnded, TimerFired
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.event_store import OutboxItem, StoreError
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.refusals import CallEndedError
from voice_domain.terms import Timer

__all__ = ("CallProcess", "outbox_of")

_log = logging.getLogger(__name__)

_BATCH = 64
_STORE_PAUSE_SECONDS = 0.5


def outbox_of(decision: Decision) -> tuple[OutboxItem, ...]:
    """Return the costly effects of *decision* with their stable names."""
    call = decision.call
    return tuple(
        OutboxItem(f"{call.call_id}:{call.version}:{place}", call.call_id, effect)
        for place, effect in enumerate(decision.effects)
        if isinstance(effect, CostlyEffect)
    )


@attrs.frozen
class _Step:
    item: Item
    decision: Decision
    outbox: tuple[OutboxItem, ...]


class CallProcess:
    """Runs one call from its first effect to its last confirmation."""

    def __init__(self, decision: Decision, services: CallServices) -> None:
        self.call: Call = decision.call
        self.first_errands: tuple[Errand, ...] = ()
        self._first = decision
        self._services = services
        self._mailbox = Mailbox()
        self._timers: dict[Timer, int] = {}
        self._running: dict[str, Errand] = {}
        self._clock = TurnClock(self.post, services.clock)
        self._voice = services.make_voice(decision.call, self.post, self._clock, lambda: self.call)
        self._replies = Replies(services.responder, self.post)
        self._voice_awake = False
        self._tasks: TaskGroup | None = None
        self.started = anyio.Event()

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

    async def run(self) -> None:
        """Live until the call is over and every errand is done."""
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                opened = self.call.opened
                if opened.opening and not self.call.closing_reason:
                    tasks.start_soon(partial(self._voice.prepare, opened.opening, locale=opened.locale))
                self.first_errands = self._carry_out(self._first.effects, outbox_of(self._first))
                self.started.set()
                while not (self.call.is_over and not self._running and not len(self._mailbox)):
                    await self._mailbox.wait(self._seconds_to_timer())
                    await self._take(self._due_timers() + self._mailbox.take(_BATCH))
                tasks.cancel_scope.cancel()
        finally:
            self.started.set()
            self._mailbox.close(CallEndedError(self.call.call_id))

    def _seconds_to_timer(self) -> float | None:
        if not self._timers:
            return None
        return (min(self._timers.values()) - self._services.clock.now_ms()) / 1000

    def _due_timers(self) -> list[Item]:
        now = self._services.clock.now_ms()
        due = sorted((at, timer) for timer, at in self._timers.items() if at <= now)
        for _, timer in due:
            del self._timers[timer]
        return [Item(TimerFired(timer), patient=True, awaited=False) for _, timer in due]

    async def _take(self, items: list[Item]) -> None:
        """Decide *items*, make it durable, and do what follows."""
        if not items:
            return
        items = self._with_last_words(items)
        call, steps = self.call, list[_Step]()
        now = self._services.clock.now_ms()
        for item in items:
            try:
                decision = decide(call, item.given, now)
            except VoiceError as error:
                item.fail(error)
                continue
            call = decision.call
            steps.append(_Step(item, decision, outbox_of(decision)))
        events = tuple(event for step in steps for event in step.decision.events)
        outbox = tuple(entry for step in steps for entry in step.outbox)
        try:
            if events or outbox:
                version = self.call.version
                await self._services.store.append(
                    call.call_id, events, expected_version=version, outbox=outbox
                )
                self._services.health.worked()
        except StoreError as error:
            await self._without_store(steps, error)
            return
        before, self.call = self.call, call
        self._publish(before, events)
        for step in steps:
            step.item.succeed(step.decision.call, self._carry_out(step.decision.effects, step.outbox))

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
        _log.error("call %s: %s", self.call.call_id, error)
        self._services.health.failed(error)
        kept: list[Item] = []
        for step in steps:
            self._carry_out(
                tuple(effect for effect in step.decision.effects if isinstance(effect, HangUp)), step.outbox
            )
            if step.item.patient:
                kept.append(step.item)
            else:
                step.item.fail(error)
        self._mailbox.put_back(kept)
        await anyio.sleep(_STORE_PAUSE_SECONDS)

    def _publish(self, call: Call, events: tuple[CallEvent, ...]) -> None:
        for event in events:
            call = evolve(call, event)
            if isinstance(event, WaiterSet):
                self._services.waiting.expect(event.waiter_id)
            elif isinstance(event, WaiterReleased):
                self._services.waiting.release(event)
            self._services.hub.publish(call, event)

    def _carry_out(self, effects: tuple[Effect, ...], outbox: tuple[OutboxItem, ...]) -> tuple[Errand, ...]:
        entries = {id(entry.effect): entry for entry in outbox}
        errands: list[Errand] = []
        for effect in effects:
            entry = entries.get(id(effect))
            if entry is not None:
                errands.append(self._start_errand(entry))
            else:
                self._perform(effect)
        return tuple(errands)

    def _start_errand(self, entry: OutboxItem) -> Errand:
        running = self._running.get(entry.effect_id)
        if running is not None:
            return running  # a hang-up that did not wait for the store
        errand = Errand(entry)
        self._running[entry.effect_id] = errand
        assert self._tasks is not None
        self._tasks.start_soon(self._run_errand, errand)
        return errand

    async def _run_errand(self, errand: Errand) -> None:
        async def deliver(given: CallInput) -> None:
            await self.submit(given, patient=True)

        try:
            await run_errand(errand, self.call, self._services, deliver)
        finally:
            self._running.pop(errand.item.effect_id, None)
            self._mailbox.wake()

    def _wake_voice(self) -> None:
        """Start the voice's tasks when the call first needs them: most of a ringing call's weight is theirs."""
        if not self._voice_awake and self._tasks is not None:
            self._voice_awake = True
            self._tasks.start_soon(self._voice.run)

    def _perform(self, effect: Effect) -> None:  # noqa: C901 - one case an effect
        match effect:
            case StartTimer():
                self._timers[effect.timer] = effect.due_ms
            case CancelTimer():
                self._timers.pop(effect.timer, None)
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
            case CancelReply():
                self._replies.cancel(effect.turn)
            case ReleaseWaiter():
                pass  # told with its event, right after that was made durable
            case _:
                raise AssertionError("a costly effect goes through the outbox")
