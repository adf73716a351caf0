"""Whether a record is one truth: PRODUCT's invariants of a call, event by event."""

from collections.abc import Sequence

from voice_domain.call import Call
from voice_domain.events import CallEvent, Ended, Opened, WaiterReleased, WaiterSet
from voice_domain.evolve import BrokenHistoryError, evolve, opened_call
from voice_entrypoints.simulation.oracles.case import Case, Finding

__all__ = ("check_records",)


def check_records(case: Case) -> Finding:
    """Check the records of one call."""
    if len(case.histories) > 1:
        yield "record", f"{len(case.histories)} records tell of one call"
    for history in case.histories:
        yield from _whole(history)
        try:
            yield from _steps(history)
        except BrokenHistoryError as error:
            yield "record", f"its history cannot be told: {error}"


def _whole(history: Sequence[CallEvent]) -> Finding:
    ends = [place for place, event in enumerate(history) if isinstance(event, Ended)]
    if ends != [len(history) - 1]:
        yield "record", f"it ends {len(ends)} times" if len(ends) != 1 else "something follows its end"
    moments = [event.at_ms for event in history]
    if moments != sorted(moments):
        yield "record", "its time stamps are not in order"
    waiters = [event.waiter_id for event in history if isinstance(event, WaiterSet)]
    released = [event.waiter_id for event in history if isinstance(event, WaiterReleased)]
    if waiters != released:
        yield "waiter", f"{len(waiters)} waiters were set, {len(released)} released"


def _steps(history: Sequence[CallEvent]) -> Finding:
    opened = history[0]
    if not isinstance(opened, Opened):
        yield "record", f"it begins with {type(opened).__name__}"
        return
    call = opened_call(opened)
    for event in history[1:]:
        before, call = call, evolve(call, event)
        if before.is_over and call != before:
            yield "record", "it changed after its end"
        yield from _transcript(before, call)
    yield from _end(call)


def _transcript(before: Call, after: Call) -> Finding:
    if after.transcript is before.transcript:
        return
    if len(after.transcript) < len(before.transcript):
        yield "transcript", "it became shorter"
    for old, new in zip(before.transcript, after.transcript, strict=False):
        kept = new == old if old.final else (new.speech_id, new.at_ms) == (old.speech_id, old.at_ms)
        if not kept:
            yield "transcript", "what was final changed"


def _end(call: Call) -> Finding:
    if not call.is_over:
        return
    if call.due:
        yield "timer", f"timers run on after the end: {', '.join(call.due)}"
    if call.waiter_id is not None:
        yield "waiter", "somebody waits on after the end"
    if not all(entry.final for entry in call.transcript):
        yield "transcript", "something is still being said after the end"
    moments = [at for at in (call.started_at_ms, call.answered_at_ms, call.ended_at_ms) if at is not None]
    if moments != sorted(moments):
        yield "record", "it ended before it was answered, or was answered before it began"
