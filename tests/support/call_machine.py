"""A call, and a world around it that is slow, forgetful, repetitive and wrong."""

from collections.abc import Callable, Sequence

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.any_input import AnyInput, Bytes
from support.call_invariants import World
from support.checked_call import CheckedCall
from support.story import EARLY, LEG, opened

from voice_domain.call import Call
from voice_domain.decide import open_call, refuse_call
from voice_domain.inputs import CallInput, DialAccepted, LineAnswered, LineRang, StreamStarted
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import Direction

__all__ = ("BEGINNINGS", "CallMachine", "play_calls")

# Long runs: most of what a move costs is the drawing of it, however many inputs it holds.
MOVES = st.binary(min_size=60, max_size=240)
TERMS = (
    CallTerms(),
    CallTerms(silence_ms=800, stale_ms=0),
    CallTerms(ring_ms=1_000, max_ms=20_000, transcript_ms=4_000, response_ms=2_000, stale_ms=5_000),
)
PATIENCE_MS = 6_000
MARGINS = (0, 0, 0, 1, 450, 5_000)
BEGINNINGS: tuple[tuple[CallInput, ...], ...] = (
    (),
    (LineRang(EARLY, "event-r", LEG),),
    (DialAccepted(LEG), LineAnswered(EARLY, "event-a", LEG)),
    (LineAnswered(EARLY, "event-a", LEG), StreamStarted(EARLY, "event-s", LEG)),
)
Maker = Callable[[Bytes, Call, World], CallInput]


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
        self.make = AnyInput()
        self.checked = CheckedCall(
            refuse_call(start, busy=False, error="") if refused else open_call(start), EARLY
        )
        if refused:
            self.checked.world.hung_up.add(LEG)  # a rejected leg is over
        self.checked.take(*data.one_of(BEGINNINGS))

    @rule(moves=MOVES)
    def people_talk(self, moves: bytes) -> None:
        make = self.make
        kinds = (make.heard, make.spoken, make.replied, make.spoken, make.heard, make.commanded)
        self._all_of(moves, kinds, pace_ms=5)

    @rule(moves=st.binary(min_size=16, max_size=60))
    def a_host_does_not_wait(self, moves: bytes) -> None:
        make = self.make
        self._all_of(moves, (make.commanded, make.replied, make.spoken, make.confirmed), pace_ms=0)

    @rule(moves=st.binary(min_size=24, max_size=60))
    def a_carrier_tells(self, moves: bytes) -> None:
        self._all_of(moves, (self.make.signalled,), pace_ms=4)

    @rule(moves=st.binary(min_size=1, max_size=8))
    def timers_fire(self, moves: bytes) -> None:
        data = Bytes(moves)
        while not data.empty:
            self._fire(data)

    @rule(moves=st.binary(min_size=1, max_size=12))
    def a_carrier_repeats_itself(self, moves: bytes) -> None:
        told = self.checked.told
        for move in moves if told else b"":
            self.checked.take(told[move % len(told)])

    @rule(moves=st.binary(min_size=2, max_size=6), sure=st.integers(0, 3))
    def somebody_ends_the_call(self, moves: bytes, sure: int) -> None:
        if sure == 3 or self.checked.call.final_reason is not None:
            self._take(self.make.ended, Bytes(moves))

    @rule(back=st.integers(-5_000, 60_000))
    def our_clock_is_set(self, back: int) -> None:
        self.checked.now_ms -= back

    def teardown(self) -> None:
        if hasattr(self, "checked"):
            CallMachine.steps += self.checked.steps
            self.checked.check_history()

    def _all_of(self, moves: bytes, kinds: Sequence[Maker], *, pace_ms: int) -> None:
        """Let everything happen while the call lives; a few things once it is about to end: little can then."""
        data = Bytes(moves if self.checked.call.final_reason is None else moves[:24])
        while not data.empty:
            self.checked.now_ms += data.number() * pace_ms
            self._take(data.one_of(kinds), data)

    def _take(self, maker: Maker, data: Bytes) -> None:
        self.make.now_ms = self.checked.now_ms
        self.checked.take(maker(data, self.checked.call, self.checked.world))

    def _fire(self, data: Bytes) -> None:
        """Fire a timer: one that is due, by then or late; or one that is early; or one that does not run."""
        timers, choice = self.checked.world.timers, data.number()
        due, timer = min(((due, timer) for timer, due in timers.items()), default=(0, Timer.RING))
        if timers and choice % 8 < 6:
            if due > self.checked.now_ms + PATIENCE_MS and choice < 252:
                return
            self.checked.now_ms = max(self.checked.now_ms, due + MARGINS[choice // 8 % len(MARGINS)])
        elif timers and choice % 8 == 6:
            timer = data.one_of(tuple(timers))
        else:
            timer = data.one_of(tuple(Timer))
        self.checked.fire(timer)


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
