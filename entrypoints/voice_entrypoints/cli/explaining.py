"""What is to be explained of a call: what happened and why, who owed what to whom, and where the time went."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from voice_contracts.event_shapes import event_object
from voice_contracts.status import record_of
from voice_domain.call import Call
from voice_domain.effects import CancelTimer, Effect, StartTimer
from voice_domain.events import CallEvent, Opened, TurnMeasured
from voice_domain.evolve import evolve, opened_call
from voice_domain.ports.event_store import JournalRow, Ruling
from voice_domain.states import Line
from voice_domain.vocabulary import Direction
from voice_entrypoints.cli.live.sentences import sentence_of
from voice_entrypoints.cli.live.story import TurnLatency, latency_parts

__all__ = ("Debt", "Explanation", "Moment", "decision_words", "explanation_of")

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@attrs.frozen
class Moment:
    """One event of a call."""

    at_ms: int
    type: str
    sentence: str
    because: str
    """What it was decided on; empty for the events that follow from the same, and where nobody decided."""
    ordered: tuple[str, ...]
    """What was ordered with it, in order; stands at the last event of its decision."""


@attrs.frozen
class Debt:
    """Something that one side owed another for a while."""

    debtor: str
    creditor: str
    what: str
    since_ms: int
    until_ms: int | None = None
    """None if it was never paid."""


@attrs.frozen(kw_only=True)
class Explanation:
    """One call, explained."""

    call: Call
    moments: tuple[Moment, ...]
    debts: tuple[Debt, ...]
    latencies: tuple[TurnLatency, ...]

    @property
    def billed_seconds(self) -> float | None:
        """From the answer to the end, which is what carriers count; None if it was not answered or is not over."""
        if self.call.answered_at_ms is None or self.call.ended_at_ms is None:
            return None
        return (self.call.ended_at_ms - self.call.answered_at_ms) / 1000

    def to_json(self) -> dict[str, Any]:
        """Return it for programs; what is not known is null."""
        return {
            "call": record_of(self.call),
            "moments": [
                {
                    "at": moment.at_ms,
                    "type": moment.type,
                    "sentence": moment.sentence,
                    "because": moment.because,
                    "ordered": list(moment.ordered),
                }
                for moment in self.moments
            ],
            "debts": [
                {
                    "debtor": debt.debtor,
                    "creditor": debt.creditor,
                    "what": debt.what,
                    "since": debt.since_ms,
                    "until": debt.until_ms,
                }
                for debt in self.debts
            ],
            "turns": [
                {"turn": each.turn, "totalMs": each.total_ms, "parts": dict(each.parts)}
                for each in self.latencies
            ],
            "billedSeconds": self.billed_seconds,
        }


def explanation_of(rows: Sequence[JournalRow], rulings: Sequence[Ruling]) -> Explanation:
    """Return what is to be said of a call, given all its events and why they were kept.

    Raises:
        BrokenHistoryError: if the events are no history of a call.
    """
    because, ordered = _reasons(rulings)
    moments: list[Moment] = []
    debts = _Debts()
    latencies: list[TurnLatency] = []
    call: Call | None = None
    for version, row in enumerate(rows):
        call = _after(call, row.event)
        shape = event_object(row.sequence, call, row.event)
        moments.append(
            Moment(
                row.event.at_ms,
                shape["type"],
                sentence_of(shape),
                because.get(version, ""),
                ordered.get(version, ()),
            )
        )
        debts.look_at(call)
        if isinstance(row.event, TurnMeasured):
            latencies.append(TurnLatency(row.event.turn, latency_parts(shape["parts"])))
    assert call is not None  # whoever asks has found the call, so it has events
    return Explanation(
        call=call, moments=tuple(moments), debts=tuple(debts.all()), latencies=tuple(latencies)
    )


def _after(call: Call | None, event: CallEvent) -> Call:
    if isinstance(event, Opened):
        return opened_call(event)
    assert call is not None  # the first event of every call opens it
    return evolve(call, event)


def _reasons(rulings: Sequence[Ruling]) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    because: dict[int, str] = {}
    ordered: dict[int, tuple[str, ...]] = {}
    for ruling in rulings:
        if ruling.events:
            because[ruling.version] = "" if ruling.given is None else decision_words(type(ruling.given))
        last = max(0, ruling.version + ruling.events - 1)
        ordered[last] = (*ordered.get(last, ()), *map(_effect_words, ruling.effects))
    return because, ordered


def decision_words(kind: type) -> str:
    """Return the words for a kind of input or effect."""
    return _WORDS.sub(" ", kind.__name__).lower()


def _effect_words(effect: Effect) -> str:
    name = decision_words(type(effect))
    return f"{name} {effect.timer.value}" if isinstance(effect, StartTimer | CancelTimer) else name


class _Debts:
    """Keeps the books while a call goes on."""

    def __init__(self) -> None:
        self._paid: list[Debt] = []
        self._open: dict[tuple[str, str, str], int] = {}

    def look_at(self, call: Call) -> None:
        """Note what is owed after an event, and what is not any more."""
        owed = dict.fromkeys(_owed(call))
        for key in [key for key in self._open if key not in owed]:
            self._paid.append(Debt(*key, since_ms=self._open.pop(key), until_ms=call.last_at_ms))
        for key in owed:
            self._open.setdefault(key, call.last_at_ms)

    def all(self) -> list[Debt]:
        """Return every debt in the order in which they were made."""
        unpaid = [Debt(*key, since_ms=since) for key, since in self._open.items()]
        return sorted((*self._paid, *unpaid), key=lambda debt: debt.since_ms)


def _owed(call: Call) -> Iterator[tuple[str, str, str]]:
    """Tell who owes what to whom: debtor, creditor, what."""
    if call.is_over:
        return
    if call.closing_reason is not None:
        yield "the carrier", "us", "the end of the call"
        return
    outbound = call.direction is Direction.OUTBOUND
    if outbound and call.carrier_call_id is None:
        yield "the carrier", "us", "a name for the call that we dialled"
    elif call.line is Line.RINGING:
        yield (
            ("they", "us", "an answer to the ringing")
            if outbound
            else ("we", "them", "an answer to the ringing")
        )
    if call.turn is not None:
        yield "the responder", "them", f"the answer to turn {call.turn}"
    if any(heard is None for speech in call.speeches for heard in speech.heard):
        yield "we", "them", "what we have to say"
    if call.waiter_id is not None:
        yield "they", "whoever waits", "an utterance"
