"""What the events of the line change."""

import attrs

from voice_domain.call import Call
from voice_domain.changes.moves import Changes, line_moved, parting, without
from voice_domain.changes.speech import finished
from voice_domain.events import (
    Answered,
    ClosingBegan,
    Dialled,
    Ended,
    StatusAsked,
    StreamLost,
    TransferFailed,
    Transferred,
)
from voice_domain.states import LineFact
from voice_domain.terms import Timer

__all__ = (
    "answered",
    "bridged",
    "closing_began",
    "dialled",
    "ended",
    "rang",
    "status_asked",
    "stream_lost",
    "transfer_failed",
    "transferred",
    "without_doubt",
)


def dialled(call: Call, event: Dialled) -> Changes:
    """The call has a (new) name at the carrier; the older ones are remembered."""
    changes = line_moved(call, LineFact.DIALLED)
    changes["carrier_call_id"] = event.carrier_call_id
    if call.carrier_call_id is not None:
        changes["former_carrier_call_ids"] = (*call.former_carrier_call_ids, call.carrier_call_id)
    return changes


def rang(call: Call) -> Changes:
    """The callee's phone rings."""
    return line_moved(call, LineFact.RANG)


def answered(call: Call, event: Answered) -> Changes:
    """The answer starts the maximum duration; a notify call with nothing to say waits to be hung up."""
    told_ms = event.at_ms if event.answered_at_ms is None else event.answered_at_ms
    # The carrier's clock is not ours: nobody answers before the dial, nor after we know of it.
    answered_at_ms = max(call.opened.at_ms, min(told_ms, event.at_ms))
    sure = without_doubt(call, Timer.RING, Timer.STALE)
    due = {**sure["due"], Timer.MAX_DURATION: answered_at_ms + call.terms.max_ms}
    if not call.opened.opening.strip():
        due.update(parting(call, event.at_ms))
    return {**sure, **line_moved(call, LineFact.ANSWERED), "answered_at_ms": answered_at_ms, "due": due}


def bridged(call: Call) -> Changes:
    """Audio can flow."""
    return {**line_moved(call, LineFact.BRIDGED), "bridged": True}


def stream_lost(call: Call, event: StreamLost) -> Changes:
    """The media stream has a moment to come back."""
    return {"due": {**call.due, Timer.STREAM_GRACE: event.at_ms + call.terms.stream_grace_ms}}


def status_asked(call: Call, event: StatusAsked) -> Changes:
    """The carrier has a moment to tell, before the timer counts."""
    due = {**without(call.due, event.about), Timer.STATUS: event.at_ms + call.terms.status_ms}
    return {"doubted": event.about, "due": due}


def without_doubt(call: Call, *timers: Timer) -> Changes:
    """Return the change by which *timers* are no reason any more to end the call, nor to ask the carrier."""
    if call.doubted not in timers:
        return {"due": without(call.due, *timers)}
    return {"doubted": None, "due": without(call.due, *timers, Timer.STATUS)}


def transferred(call: Call, event: Transferred) -> Changes:
    """The counterpart leaves us: only the longest durations still end the call."""
    sure = without_doubt(call, Timer.STREAM_GRACE)
    due = without(sure["due"], Timer.NOTIFY_HANGUP)
    return {**sure, "transferred": event.to, "transfer_verdict": event.verdict, "due": due}


def transfer_failed(call: Call, event: TransferFailed) -> Changes:
    """The counterpart is ours again, and a notify call that has said everything is about to be hung up."""
    back = attrs.evolve(call, transferred=None)
    idle = not call.speeches and call.waiter_id is None
    return {"transferred": None, "due": {**call.due, **(parting(back, event.at_ms) if idle else {})}}


def closing_began(call: Call, event: ClosingBegan) -> Changes:
    """A call that we hang up waits for no timer."""
    return {
        **line_moved(call, LineFact.CLOSING_BEGAN),
        "closing_reason": event.reason,
        "error": event.error or call.error,
        "held": False,
        "yielded_at_ms": None,
        "doubted": None,
        "due": {},
    }


def ended(call: Call, event: Ended) -> Changes:
    """Everything stops; what was not heard of us until now never will be."""
    transcript = call.transcript
    for speech in call.speeches:
        transcript = finished(transcript, speech)
    return {
        **line_moved(call, LineFact.ENDED),
        "ended_at_ms": event.at_ms,
        "end_reason": event.reason,
        "error": event.error or call.error,
        "cause": event.cause,
        "transcript": transcript,
        "speeches": (),
        "turn": None,
        "partial": "",
        "voice_active": False,
        "held": False,
        "yielded_at_ms": None,
        "doubted": None,
        "due": {},
    }
