"""Whether clients were told the truth."""

from voice_domain.events import ClosingBegan, Ended, Opened, UtteranceHeard
from voice_domain.vocabulary import EndReason
from voice_entrypoints.simulation.oracles.case import Case, Finding

__all__ = ("check_promises",)


def check_promises(case: Case) -> Finding:
    """Compare what the client of one call was told with its record."""
    ids = {str(history[0].call_id) for history in case.histories if isinstance(history[0], Opened)}
    events = [event for history in case.histories for event in history]
    for answer in case.answers:
        result = answer.result or {}
        if answer.method == "initiate" and result and result["callId"] not in ids:
            yield "lost", "its client was told that it was placed, and we have no record of it"
        if (
            answer.method == "initiate"
            and answer.error in ("limit_reached", "unavailable")
            and case.legs
            and not ids
        ):
            yield "unknown-leg", f"its client was refused ({answer.error}), and it was dialled"
        if answer.method == "continue" and result:
            texts = [event.text for event in events if isinstance(event, UtteranceHeard)]
            if result["transcript"] not in texts:
                yield "lost", f"its client was told {result['transcript']!r}, and our record does not have it"
        if answer.method == "end" and not answer.error:
            ends = [event for event in events if isinstance(event, ClosingBegan | Ended)]
            if not ends or ends[0].at_ms > answer.answered_ms:
                yield "lost", "its client was told that it is ended, and our record says that it went on"
            elif (
                isinstance(ends[0], ClosingBegan) and ends[0].reason is EndReason.ERROR and not case.disturbed
            ):
                yield "reason", "its client ended it, and our record says that something broke"
