"""Whether our records and the carrier's ledger tell the same: legs, times, money, reasons."""

from typing import Final

from voice_contracts.twins.ledger import LegRecord
from voice_domain.call import Call
from voice_domain.evolve import BrokenHistoryError, fold
from voice_domain.vocabulary import EndReason
from voice_entrypoints.simulation.oracles.case import Case, Finding
from voice_entrypoints.simulation.oracles.waiting import closing_of, hang_up_waits

__all__ = ("check_ledger",)

_LONGEST_MS: Final = 65_000
"""The ring timeout, the longest duration, the carrier's own margin and everybody's delays."""
_SAME_MS: Final = 1_500
"""How far apart our clock and the carrier's may be on the same fact: the way of its news."""


def check_ledger(case: Case) -> Finding:
    """Compare one call with its legs."""
    ours = [leg for leg in case.legs if leg.parent_id is None]
    if len(ours) > 1:
        yield "double-dial", f"{len(ours)} legs were made for one call"
    for leg in ours:
        yield from _leg(leg)
    calls = [call for history in case.histories if (call := _folded(history)) is not None]
    for call in calls:
        yield from _compare(case, call, ours)
    if ours and not case.histories and _is_known(case, ours[0]):
        yield "unknown-leg", f"the carrier has the leg {ours[0].leg_id}, and we have no record of it"


def _folded(history: object) -> Call | None:
    try:
        return fold(history)  # type: ignore[arg-type]  # whatever it is, it was kept
    except BrokenHistoryError:
        return None  # told by another oracle


def _leg(leg: LegRecord) -> Finding:
    if leg.ended_ms is None:
        yield "leg-alive", f"the leg {leg.leg_id} is still up ({leg.state})"
        return
    lived = leg.ended_ms - leg.states[0].at_ms
    if lived > _LONGEST_MS:
        yield "leg-alive", f"the leg {leg.leg_id} was up for {lived / 1000:.0f} s"


def _compare(case: Case, call: Call, legs: list[LegRecord]) -> Finding:
    name = call.carrier_call_id
    leg = next((leg for leg in legs if name and name in (leg.leg_id, leg.request_id)), None)
    if leg is None:
        if name is not None:
            yield "unknown-leg", f"our record names the leg {name}, which the carrier never had"
        if call.answered_at_ms is not None:
            yield "billing", "our record says that it was answered, but knows no leg"
        return
    if leg.ended_ms is None or call.ended_at_ms is None:
        return
    # A call that we refuse ends with the answer to its webhook; if that is lost, the carrier apologises for us.
    refused = leg.is_inbound and call.answered_at_ms is None
    if call.ended_at_ms < leg.ended_ms and not refused and not hang_up_waits(case, call, leg):
        yield "early-end", f"our record ended {leg.ended_ms - call.ended_at_ms} ms before the leg did"
    yield from _money(case, call, leg)
    yield from _reason(case, call, leg)


def _money(case: Case, call: Call, leg: LegRecord) -> Finding:
    assert leg.ended_ms is not None
    assert call.ended_at_ms is not None
    if call.answered_at_ms is not None and leg.answered_ms is None:
        yield "billing", "our record says that it was answered, and the carrier that it was not"
    if case.disturbed or hang_up_waits(case, call, leg):
        return
    if leg.answered_ms is not None and call.answered_at_ms is None:
        yield "billing", "the carrier bills it, and our record says that nobody answered"
    elif leg.answered_ms is not None and call.answered_at_ms is not None:
        ours, theirs = call.ended_at_ms - call.answered_at_ms, leg.ended_ms - leg.answered_ms
        if abs(ours - theirs) > _SAME_MS:
            yield "billing", f"it lasted {ours} ms by our record, and {theirs} ms by the carrier's"
    if call.ended_at_ms - leg.ended_ms > _SAME_MS:
        yield "billing", f"we noticed the end {call.ended_at_ms - leg.ended_ms} ms late"


def _is_known(case: Case, leg: LegRecord) -> bool:
    """Whether we must have a record of a call: that a caller has given up by now is no reason to have one."""
    ended_ms = leg.states[-1].at_ms
    return not case.planned.inbound or any(hook.at_ms < ended_ms for hook in case.taken)


def _unknown_reasons(case: Case) -> tuple[EndReason, ...]:
    """Return what a record says of an end whose news got lost, where the carrier does not tell it again."""
    if case.stage.facts.tells_why_when_asked or not case.disturbed:
        return ()
    return (EndReason.COMPLETED, EndReason.ERROR) if case.outages else (EndReason.COMPLETED,)


def _reason(case: Case, call: Call, leg: LegRecord) -> Finding:
    closing = closing_of(case, call)
    wanted = case.stage.end_reason(leg) if closing is None else closing.reason
    if closing is None and call.end_reason in _unknown_reasons(case):
        return
    if call.end_reason is not wanted:
        yield (
            "reason",
            f"it ended with {call.end_reason}, and should have with {wanted} (the carrier says {leg.state})",
        )
    if (
        leg.ended_by == case.stage.facts.left_by
        and leg.answered_ms is not None
        and closing is None
        and call.error
    ):
        yield "reason", f"the counterpart hung up, and our record holds an error: {call.error}"
