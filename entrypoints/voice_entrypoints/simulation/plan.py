"""What is to happen in one simulation: calls, what people do in them, and what goes wrong. Made from a seed."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from voice_contracts.twins.callee import Callee, HangUp, Outcome, Press, Say, Step, interrupt
from voice_contracts.twins.stage import StageFacts
from voice_entrypoints.simulation.faults import OF_CALLS, OF_STREAMS, OF_THE_GATEWAY, Fault, FaultKind

__all__ = ("UTTERANCES", "Plan", "PlannedAction", "PlannedCall", "make_plan")

_SECONDS_BETWEEN_CALLS: Final = 0.4
_CALLS_FOR_A_GATEWAY_FAULT: Final = 25
_MOST_AT: Final = 6
_STREAMED: Final = 0.1
"""Which share of the calls has a media stream: each is as much work as ten others."""

UTTERANCES: Final = (
    "Yes, please.",
    "No, thank you.",
    "Could you say that again?",
    "What does it cost?",
    "Tomorrow at three.",
    "I have to ask my wife.",
    "Wrong number.",
    "Who is calling?",
)
"""What callees and callers say."""

_MESSAGES: Final = (
    "Your parcel is here.",
    "This is Maple Dental. You have an appointment tomorrow at ten. Please call us if you cannot come.",
    "Good morning! Do you have a minute?",
    "The server is down.",
)
_OUTCOMES: Final = (
    *[Outcome.ANSWERS] * 12,
    Outcome.MACHINE,
    Outcome.BUSY,
    Outcome.NO_ANSWER,
    Outcome.FAILS,
)


@attrs.frozen
class PlannedAction:
    """What a client does in a call of its own."""

    after_seconds: float
    """From the answer to what it did before."""
    method: str
    """Of the JSON-RPC interface, without its first part."""
    text: str
    patience_seconds: float


@attrs.frozen
class PlannedCall:
    """One call, and what both sides do in it."""

    number: int
    at_seconds: float
    inbound: bool
    mode: str
    message: str
    callee: Callee
    actions: tuple[PlannedAction, ...]
    patience_seconds: float
    """How long the client waits for its call to be placed; then it leaves, and the call goes on."""
    streamed: bool = False
    """Whether its sound passes through us, by a media stream and speech services; else the carrier speaks and hears."""

    @property
    def phone(self) -> str:
        """The number of the counterpart, in which no two calls are alike."""
        return f"+1{202 + self.number // 10_000}555{self.number % 10_000:04d}"


@attrs.frozen
class Plan:
    """One simulation."""

    seed: int
    calls: tuple[PlannedCall, ...]
    faults: tuple[Fault, ...]

    def keeping(self, calls: frozenset[int] | None, faults: frozenset[int] | None) -> "Plan":
        """Return what is left of it with only these calls and faults; None for all."""
        kept = tuple(call for call in self.calls if calls is None or call.number in calls)
        numbers = {call.number for call in kept}
        return attrs.evolve(
            self,
            calls=kept,
            faults=tuple(
                fault
                for fault in self.faults
                if (faults is None or fault.number in faults)
                and (fault.call is None or fault.call in numbers)
            ),
        )

    def fitted(self, facts: StageFacts) -> "Plan":
        """Return what a carrier can carry out of it: who would call us is called, and what cannot stream does not."""
        calls = (
            attrs.evolve(
                call,
                inbound=call.inbound and facts.takes_calls,
                streamed=call.streamed and facts.streams,
            )
            for call in self.calls
        )
        return attrs.evolve(self, calls=tuple(calls))

    def halves(self) -> "tuple[tuple[bool, Plan], ...]":
        """Return its calls without media streams and those with, each with whether it has them.

        A gateway streams either all of its calls or none. A half without calls is left out, unless both are.
        """
        halves = []
        for streamed in (False, True):
            some = frozenset(call.number for call in self.calls if call.streamed is streamed)
            if some or not (streamed or self.calls):
                halves.append((streamed, self.keeping(some, None)))
        return tuple(halves)


def make_plan(seed: int, calls: int, kinds: Sequence[FaultKind]) -> Plan:
    """Return the plan of *seed*: so many *calls*, and faults of these *kinds*; the calls do not depend on the kinds."""
    chance = random.Random(f"calls {seed}")  # noqa: S311 - it must repeat, not surprise
    end = calls * _SECONDS_BETWEEN_CALLS
    planned = tuple(_call(chance, number, end) for number in range(calls))
    streams = random.Random(f"streams {seed}")  # noqa: S311 - as above
    planned = tuple(_streamed(call) if streams.random() < _STREAMED else call for call in planned)
    faulty = random.Random(f"faults {seed}")  # noqa: S311 - as above
    faults = (
        *_of_calls(faulty, calls, kinds),
        *_of_the_gateway(faulty, calls, end, kinds),
        *_of_streams(streams, planned, kinds),
    )
    numbered = tuple(attrs.evolve(fault, number=number) for number, fault in enumerate(faults))
    return Plan(seed, planned, numbered)


def _call(chance: random.Random, number: int, end: float) -> PlannedCall:
    inbound = chance.random() < 0.2
    conversation = inbound or chance.random() < 0.7
    return PlannedCall(
        number=number,
        at_seconds=round(chance.random() * end, 3),
        inbound=inbound,
        mode="conversation" if conversation else "notify",
        message=chance.choice(_MESSAGES),
        callee=_callee(chance, inbound=inbound),
        actions=() if inbound else tuple(_actions(chance, conversation=conversation)),
        patience_seconds=chance.choice((0.02, 1.0, 60.0, 60.0)),
    )


def _streamed(call: PlannedCall) -> PlannedCall:
    """Return *call* with a media stream. Its texts are nobody else's, so that no other call has them ready."""
    actions = (attrs.evolve(one, text=f"{one.text} Number {call.number}.") for one in call.actions)
    message = f"{call.message} Number {call.number}."
    return attrs.evolve(call, streamed=True, message=message, actions=tuple(actions))


def _callee(chance: random.Random, *, inbound: bool) -> Callee:
    return Callee(
        script=tuple(_script(chance)),
        outcome=Outcome.ANSWERS if inbound else chance.choice(_OUTCOMES),
        ring_after_ms=chance.choice((50, 200, 1_000)),
        answer_after_ms=chance.choice((300, 1_000, 4_000)),
    )


def _script(chance: random.Random) -> Iterator[Step]:
    for _ in range(chance.randrange(3)):
        text, after_ms = chance.choice(UTTERANCES), chance.choice((200, 800, 2_500))
        kind = chance.random()
        if kind < 0.7:
            yield Say(text, after_ms)
        elif kind < 0.85:
            yield interrupt(text, after_ms)
        else:
            yield Press(chance.choice(("1", "12#", "0")), after_ms)
    if chance.random() < 0.85:
        yield HangUp(chance.choice((0, 500, 3_000)))


def _actions(chance: random.Random, *, conversation: bool) -> Iterator[PlannedAction]:
    methods = (
        ("speak", "continue", "continue", "dtmf", "status", "end") if conversation else ("status", "end")
    )
    for _ in range(chance.choice((0, 0, 1, 2))):
        yield PlannedAction(
            after_seconds=chance.choice((0.0, 1.5, 6.0)),
            method=chance.choice(methods),
            text=chance.choice(_MESSAGES),
            patience_seconds=chance.choice((0.5, 30.0, 30.0)),
        )


def _of_calls(chance: random.Random, calls: int, kinds: Sequence[FaultKind]) -> Iterator[Fault]:
    possible = [kind for kind in kinds if kind in OF_CALLS]
    for number in range(calls):
        for _ in range(chance.choice((0, 0, 1, 1, 2, 3)) if possible else 0):
            kind, at = chance.choice(possible), chance.choice((0, 0, 1, 2, 3, _MOST_AT))
            yield Fault(0, kind, number, at, chance.choice((0.05, 0.7, 3.0, 9.0)))


def _of_streams(
    chance: random.Random, calls: Sequence[PlannedCall], kinds: Sequence[FaultKind]
) -> Iterator[Fault]:
    possible = [kind for kind in kinds if kind in OF_STREAMS]
    for call in calls:
        for _ in range(chance.choice((0, 1, 1, 2, 3)) if possible and call.streamed else 0):
            kind, at = chance.choice(possible), chance.choice((0, 0, 0, 1, 2))
            yield Fault(0, kind, call.number, at, chance.choice((0.05, 0.7, 3.0, 9.0)))


def _of_the_gateway(
    chance: random.Random, calls: int, end: float, kinds: Sequence[FaultKind]
) -> Iterator[Fault]:
    possible = [kind for kind in kinds if kind in OF_THE_GATEWAY]
    for _ in range(max(1, calls // _CALLS_FOR_A_GATEWAY_FAULT) if possible else 0):
        at = round(chance.random() * (end + 10), 3)
        yield Fault(0, chance.choice(possible), None, at, chance.choice((0.1, 1.0, 4.0)))
