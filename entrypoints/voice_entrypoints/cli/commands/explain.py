"""`voicecall explain` and `voicecall replay`: why a past call went as it did, and whether it would again."""

from typing import Annotated, Any

from cyclopts import Parameter

from voice_contracts.status import record_of
from voice_domain.call import Call
from voice_domain.ports.event_store import CallHistory
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.cli.archive import open_archive
from voice_entrypoints.cli.columns import columns
from voice_entrypoints.cli.explaining import Explanation, Moment, explanation_of
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.cli.record_text import record_text
from voice_entrypoints.cli.surroundings import tolerant_surroundings
from voice_entrypoints.words.language import (
    translated,
    translated_all,
    translated_list,
    translated_word,
)

__all__ = ("explain", "explanation_text", "replay")

_PLAIN = Shared()
_ALL = 1_000_000
_NOT_NOTES = frozenset(
    {"mode", "initialMessage", "turnCount", "lastTurnLatencyMs", "digits", "transferredTo"}
)

_Key = Annotated[str, Parameter(name="call", help="The call, by our id or the carrier's.")]


async def explain(call: _Key, /, *, shared: Shared = _PLAIN) -> int:
    """Tell what happened in a call and why, who owed what to whom, and where the time went."""
    async with open_archive(tolerant_surroundings(shared)) as history:
        found = await _found(history, call)
        rows = await history.journal(after=0, limit=_ALL, call_id=found.call_id)
        explanation = explanation_of(rows, await history.rulings(found.call_id))
    if shared.json:
        show_json(explanation.to_json())
    else:
        show(explanation_text(explanation))
    return 0


async def replay(call: _Key, /, *, shared: Shared = _PLAIN) -> int:
    """Take every decision of a stored call again and compare what follows; exits with 1 at a difference."""
    from voice_domain.use_cases.replay_call import ReplayCall

    async with open_archive(tolerant_surroundings(shared)) as history:
        found = await _found(history, call)
        again = await ReplayCall(history=history)(found.call_id)
    difference = again.difference
    if shared.json:
        result: dict[str, Any] = {
            "callId": found.call_id,
            "same": again.same,
            "decisions": again.decisions,
            "effects": again.effects,
            "undecided": again.undecided,
        }
        if difference is not None:
            result["difference"] = {
                "version": difference.version,
                "given": "" if difference.given is None else type(difference.given).__name__,
                "kept": [type(each).__name__ for each in difference.kept],
                "now": [type(each).__name__ for each in difference.now],
                "refusal": difference.refusal,
            }
        show_json(result)
        return 0 if again.same else 1
    decisions, effects = again.decisions, again.effects
    if difference is None:
        show(translated(f"{decisions} decisions with {effects} effects came out as they had"))
    else:
        on = "its beginning" if difference.given is None else type(difference.given).__name__
        show(
            translated(
                f"{decisions} decisions with {effects} effects came out as they had; "
                f"then the one on {on} at event {difference.version} did not:"
            )
        )
        show(f"  {translated('kept:')} {_names(difference.kept)}")
        show(f"  {translated('now:')}  {translated(difference.refusal) or _names(difference.now)}")
    if again.undecided:
        show(
            translated(
                f"{again.undecided} events were not decided: a breakdown, an import or an older version kept them"
            )
        )
    return 0 if again.same else 1


def explanation_text(explanation: Explanation) -> str:
    """Return the explanation for a person, numbers masked."""
    call = explanation.call
    record = record_of(call)
    parts = [record_text(record), _verdicts(record), _timeline(explanation), _debts(explanation)]
    if explanation.latencies:
        turns = "\n".join(f"  {latency.told()}" for latency in explanation.latencies)
        parts.append(f"{translated('WHERE THE TIME OF EACH TURN WENT')}\n{turns}")
    seconds = explanation.billed_seconds
    if seconds is not None:
        cost = f"{seconds:.1f} s from the answer to the end; the carrier's invoice tells the price"
        parts.append(f"{translated('COST')}\n  {translated(cost)}")
    return "\n\n".join(part for part in parts if part)


def _verdicts(record: dict[str, Any]) -> str:
    notes = {name: value for name, value in record["metadata"].items() if name not in _NOT_NOTES}
    if not notes:
        return ""
    return (
        translated("VERDICTS AND NOTES")
        + "\n"
        + "\n".join(f"  {name}: {translated(value)}" for name, value in notes.items())
    )


def _timeline(explanation: Explanation) -> str:
    began = explanation.call.started_at_ms
    rows = [_row(moment, began) for moment in explanation.moments]
    return translated("WHAT HAPPENED") + "\n" + columns(rows, right=frozenset({0}))


def _row(moment: Moment, began: int) -> tuple[str, ...]:
    why = translated(f"on {moment.because}") if moment.because else ""
    ordered = f"-> {translated_list(map(_ordered, moment.ordered))}" if moment.ordered else ""
    return (f"{(moment.at_ms - began) / 1000:.3f}", translated(moment.sentence), why, ordered)


def _ordered(effect: str) -> str:
    """Return what was ordered in the reader's language: one word, or a timer's after what is done with it."""
    order, _, timer = effect.rpartition(" ")
    whole = translated_word(effect)
    return f"{translated_word(order)} {translated_word(timer)}".strip() if whole == effect else whole


def _debts(explanation: Explanation) -> str:
    if not explanation.debts:
        return ""
    began = explanation.call.started_at_ms
    rows: list[tuple[str, ...]] = [translated_all("FROM", "TO", "WHO", "WHOM", "WHAT")]
    for debt in explanation.debts:
        until = translated("never") if debt.until_ms is None else f"{(debt.until_ms - began) / 1000:.3f}"
        owed = (_side(debt.debtor), _side(debt.creditor), translated(debt.what))
        rows.append((f"{(debt.since_ms - began) / 1000:.3f}", until, *owed))
    return translated("WHO OWED WHAT TO WHOM") + "\n" + columns(rows, right=frozenset({0, 1}))


def _side(name: str) -> str:
    sides = ("we", "us", "they", "them")
    known = dict(zip(sides, translated_all("we", "us", "they", "them"), strict=True))
    return known.get(name) or translated(name)


def _names(values: tuple[object, ...]) -> str:
    return translated_list(type(value).__name__ for value in values) or translated("nothing")


async def _found(history: CallHistory, key: str) -> Call:
    call = await history.find(key)
    if call is None:
        raise CallNotFoundError(key)
    return call
