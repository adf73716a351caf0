"""What the rules of a call cost: a conversation of forty turns, decided and folded without anything around it."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from voice_domain.call import Call
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import CallEvent, Opened
from voice_domain.evolve import fold
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import (
    CallInput,
    DialAccepted,
    LineAnswered,
    LineRang,
    PartHeard,
    PartStarted,
    ReplyFinished,
    ReplySentence,
    StreamStarted,
    VoiceBegan,
    VoiceEnded,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.speech import OPENING_ID, reply_id
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

__all__ = ("measure",)

_ROUNDS: Final = 40
_TURNS: Final = 40
_NOW: Final = 1_800_000_000_000
_OPENED: Final = Opened(
    at_ms=_NOW,
    call_id=CallId("bench"),
    carrier="mock",
    direction=Direction.OUTBOUND,
    caller=PhoneNumber("+15550001234"),
    callee=PhoneNumber("+15550005678"),
    mode=Mode.CONVERSATION,
    locale="en-US",
    terms=CallTerms(max_ms=3_600_000),
    opening="Good morning.",
)


def measure() -> dict[str, Any]:
    """Return microseconds, the best of several rounds; a decision that records nothing counts as one event."""
    inputs = tuple(_conversation())
    events, call = _played(inputs)
    repeated = LineRang(_NOW, "repeated")
    known = decide(call, repeated, _NOW).call
    return {
        "rows": [
            _row("decide and evolve, per event", _best(lambda: _played(inputs)) / len(events), aim=15.0),
            _row("fold a stored call, per event", _best(lambda: fold(events)) / len(events), aim=15.0),
            _row("news that were told before", _best(lambda: decide(known, repeated, _NOW))),
        ],
        "events": len(events),
        "inputs": len(inputs),
    }


def _row(what: str, value: float, *, aim: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "value": round(value, 2), "unit": "µs"}
    return row if aim is None else row | {"aim": aim, "better": "less"}


def _best(work: Callable[[], object]) -> float:
    """Return how many microseconds *work* takes when nothing disturbs it."""
    return min(_once(work) for _ in range(_ROUNDS))


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000_000


def _played(inputs: tuple[CallInput, ...]) -> tuple[list[CallEvent], Call]:
    decision = open_call(_OPENED)
    events = list(decision.events)
    for place, given in enumerate(inputs):
        decision = decide(decision.call, given, _NOW + 50 * place)
        events += decision.events
    return events, decision.call


def _conversation() -> Iterator[CallInput]:
    yield DialAccepted(CarrierCallId("leg"))
    yield LineRang(_NOW, "ring")
    yield LineAnswered(_NOW, "answer")
    yield StreamStarted(_NOW, "stream")
    yield PartStarted(OPENING_ID, 0)
    yield PartHeard(OPENING_ID, 0, "Good morning.")
    for turn in range(1, _TURNS + 1):
        yield from _turn(turn, reply_id(turn))


def _turn(turn: int, speech_id: SpeechId) -> Iterator[CallInput]:
    yield VoiceBegan(_NOW)
    yield WordsHeard(_NOW, "What are", final=False)
    yield WordsHeard(_NOW, "What are your hours", final=False)
    yield VoiceEnded(_NOW)
    yield WordsHeard(_NOW, "What are your hours?", event_id=f"words-{turn}")
    for part, text in enumerate(("We are open from nine.", "On Sundays we are closed.")):
        yield ReplySentence(turn, text)
        yield PartStarted(speech_id, part)
        yield PartHeard(speech_id, part, text)
    yield ReplyFinished(turn)
