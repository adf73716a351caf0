"""A call, and a world around it that is slow, forgetful, repetitive and wrong."""

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.any_input import AnyInput, Bytes
from support.call_invariants import World, check_call, check_step
from support.story import EARLY, LEG, opened

from voice_domain.call import Call
from voice_domain.decide import Decision, decide, open_call, refuse_call
from voice_domain.events import CallEvent
from voice_domain.evolve import evolve, fold
from voice_domain.inputs import (
    CallInput,
    DialAccepted,
    LineAnswered,
    LineRang,
    StreamStarted,
    TimerFired,
)
from voice_domain.mode_rules import Mode
from voice_domain.refusals import AlreadyWaitingError, CallEndedError, NotConnectedError
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import Direction

__all__ = ("CallMachine", "play_calls")

MOVES = st.binary(min_size=12, max_size=80)
TERMS = (
    CallTerms(),
    CallTerms(silence_ms=800, stale_ms=0),
    CallTerms(ring_ms=1_000, max_ms=20_000, transcript_ms=4_000, response_ms=2_000, stale_ms=5_000),
)
PATIENCE_MS = 6_000
MARGINS = (0, 0, 0, 1, 450, 5_000)


class CallMachine(RuleBasedStateMachine):
    """Plays one call; each run of bytes is a run of inputs, and everything is checked after every input."""

    steps = 0
    """Inputs taken by all machines so far."""

    @initialize(choices=st.binary(min_size=6, max_size=6))
    def begin(self, choices: bytes) -> None:
        data = Bytes(choices)
        inbound = data.one_of((False, False, True))
        start = opened(
            mode=data.one_of((Mode.CONVERSATION, Mode.CONVERSATION, Mode.NOTIFY)),
            opening=data.one_of(("Good morning.", "")),
            terms=data.one_of(TERMS),
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            carrier_call_id=LEG if inbound else None,
            source="event-0" if inbound else "",
        )
        refused = inbound and data.number() % 8 == 7
        decision = refuse_call(start, busy=False, error="") if refused else open_call(start)
        self.make = AnyInput()
        self.world = World(decision)
        if refused:
            self.world.hung_up.add(LEG)  # a rejected leg is over
        self.call: Call = decision.call
        self.events: list[CallEvent] = list(decision.events)
        self.told: list[CallInput] = []
        self.now_ms = EARLY
        beginnings: tuple[tuple[CallInput, ...], ...] = (
            (),
            (LineRang(EARLY, "event-r", LEG),),
            (DialAccepted(LEG), LineAnswered(EARLY, "event-a", LEG)),
            (LineAnswered(EARLY, "event-a", LEG), StreamStarted(EARLY, "event-s", LEG)),
        )
        for given in data.one_of(beginnings):
            self._take(given)

    @rule(moves=MOVES)
    def people_talk(self, moves: bytes) -> None:
        make = self.make
        kinds = (make.heard, make.spoken, make.replied, make.spoken, make.heard, make.commanded)
        data = self._data(moves)
        while not data.empty:
            self._pass(data.number() % 64 * 20)
            self._take(data.one_of(kinds)(data, self.call, self.world))

    @rule(moves=st.binary(min_size=4, max_size=16))
    def a_host_does_not_wait(self, moves: bytes) -> None:
        kinds = (self.make.commanded, self.make.replied, self.make.spoken, self.make.confirmed)
        data = self._data(moves)
        while not data.empty:
            self._take(data.one_of(kinds)(data, self.call, self.world))

    @rule(moves=MOVES)
    def a_carrier_tells(self, moves: bytes) -> None:
        data = self._data(moves[:12])
        while not data.empty:
            self._pass(data.number() * 4)
            self._take(self.make.signalled(data, self.call, self.world))

    @rule(moves=st.binary(min_size=1, max_size=8))
    def timers_fire(self, moves: bytes) -> None:
        data = Bytes(moves)
        while not data.empty:
            self._fire(data)

    @rule(moves=st.binary(min_size=1, max_size=12))
    def a_carrier_repeats_itself(self, moves: bytes) -> None:
        data = Bytes(moves)
        while self.told and not data.empty:
            self._take(self.told[data.number() % len(self.told)])

    @rule(moves=st.binary(min_size=2, max_size=6), sure=st.integers(0, 3))
    def somebody_ends_the_call(self, moves: bytes, sure: int) -> None:
        data = Bytes(moves)
        if sure == 3 or self.call.final_reason is not None:
            self._take(self.make.ended(data, self.call, self.world))

    @rule(back=st.integers(-5_000, 60_000))
    def our_clock_is_set(self, back: int) -> None:
        self.now_ms -= back

    def teardown(self) -> None:
        """The whole history adds up to the call, and what is over has left nothing behind."""
        if hasattr(self, "events"):
            assert fold(self.events) == self.call

    def _data(self, moves: bytes) -> Bytes:
        """Return all of *moves* while the call lives, and a few once it is about to end: little can happen then."""
        return Bytes(moves if self.call.final_reason is None else moves[:12])

    def _pass(self, milliseconds: int) -> None:
        self.now_ms += milliseconds

    def _fire(self, data: Bytes) -> None:
        """Fire a timer: one that is due, by then or late; or one that is early; or one that does not run."""
        choice = data.number()
        due, timer = min(((due, timer) for timer, due in self.world.timers.items()), default=(0, Timer.RING))
        if self.world.timers and choice % 8 < 6:
            if due > self.now_ms + PATIENCE_MS and choice < 252:
                return
            self.now_ms = max(self.now_ms, due + MARGINS[choice // 8 % len(MARGINS)])
        elif self.world.timers and choice % 8 == 6:
            timer = data.one_of(tuple(self.world.timers))
        else:
            timer = data.one_of(tuple(Timer))
        self.world.timers.pop(timer, None)
        self._take(TimerFired(timer))

    def _take(self, given: CallInput) -> None:
        CallMachine.steps += 1
        self.make.now_ms = self.now_ms
        before = self.call
        try:
            decision = decide(before, given, self.now_ms)
        except (AlreadyWaitingError, CallEndedError, NotConnectedError):
            return
        assert decide(before, given, self.now_ms) == decision
        check_step(before, given, decision)
        self._adopt(before, given, decision)
        check_call(self.call, self.world)

    def _adopt(self, before: Call, given: CallInput, decision: Decision) -> None:
        self.call = before
        for event in decision.events:
            self.call = evolve(self.call, event)
        assert self.call == decision.call
        self.events += decision.events
        self.world.note(decision, given)
        if getattr(given, "event_id", ""):
            self.told.append(given)
            again = decide(self.call, given, self.now_ms + 700)
            assert (again.call, again.events) == (self.call, ())
            assert self.call.is_over or again.effects == ()


def play_calls(count: int) -> int:
    """Play *count* calls, the same ones every time; return how many inputs they took."""
    CallMachine.steps = 0
    run_state_machine_as_test(
        CallMachine,
        settings=settings(
            max_examples=count,
            stateful_step_count=40,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return CallMachine.steps
