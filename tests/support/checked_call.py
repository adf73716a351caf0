"""One call on the pure core that is checked in every way after every input."""

import copy

from support.call_invariants import World, check_call, check_step

from voice_domain.call import Call
from voice_domain.decide import Decision, decide
from voice_domain.events import CallEvent
from voice_domain.evolve import evolve, fold
from voice_domain.inputs import CallInput, TimerFired
from voice_domain.refusals import AlreadyWaitingError, CallEndedError, NotConnectedError
from voice_domain.terms import Timer

__all__ = ("CheckedCall",)


class CheckedCall:
    """Takes inputs; fails as soon as a promise is broken."""

    def __init__(self, decision: Decision, now_ms: int) -> None:
        self.now_ms = now_ms
        self.call: Call = decision.call
        self.world = World(decision)
        self.told: list[CallInput] = []
        """The news that had an event id, for telling them again."""
        self.steps = 0
        self._events: list[CallEvent] = list(decision.events)

    def take(self, *inputs: CallInput) -> None:
        """Give the call inputs; it may refuse commands."""
        for given in inputs:
            self.steps += 1
            try:
                decision = decide(self.call, given, self.now_ms)
            except (AlreadyWaitingError, CallEndedError, NotConnectedError):
                continue
            assert decide(self.call, given, self.now_ms) == decision, "decisions are not chance"
            check_step(self.call, given, decision)
            self._adopt(given, decision)
            check_call(self.call, self.world)

    def branched(self) -> "CheckedCall":
        """Return another that was given the same so far, and goes its own way from here."""
        other = copy.copy(self)
        other.world = self.world.branched()
        other.told = self.told.copy()
        other._events = self._events.copy()
        return other

    def fire(self, timer: Timer) -> None:
        """Fire a timer now, whether it runs or not."""
        self.world.timers.pop(timer, None)
        self.take(TimerFired(timer))

    def check_history(self) -> None:
        """Check that everything that happened adds up to the call."""
        assert fold(self._events) == self.call

    def _adopt(self, given: CallInput, decision: Decision) -> None:
        for event in decision.events:
            self.call = evolve(self.call, event)
        assert self.call == decision.call
        self._events += decision.events
        self.world.note(decision, given)
        if getattr(given, "event_id", ""):
            self.told.append(given)
            again = decide(self.call, given, self.now_ms + 700)
            assert (again.call, again.events) == (self.call, ())
            assert self.call.is_over or again.effects == ()
