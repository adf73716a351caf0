"""Rules of what follows when a timer fires."""

from collections.abc import Mapping
from types import MappingProxyType

from voice_domain.effects import AskStatus, StartTimer
from voice_domain.events import StatusAsked, WaiterOutcome
from voice_domain.inputs import StatusTold, TimerFired
from voice_domain.rules.draft import Draft
from voice_domain.rules.hearing import take_utterance, yield_floor
from voice_domain.rules.line import answer, close, end, release_waiter, was_answered
from voice_domain.rules.speech import resume
from voice_domain.rules.turns import reply_timed_out
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = ("CLOSING_REASONS", "DOUBTFUL", "status_told", "timer_fired")

CLOSING_REASONS: Mapping[Timer, tuple[EndReason, str]] = MappingProxyType(
    {
        Timer.RING: (EndReason.NO_ANSWER, ""),
        Timer.STALE: (EndReason.NO_ANSWER, ""),
        Timer.HARD_CAP: (EndReason.TIMEOUT, ""),
        Timer.MAX_DURATION: (EndReason.TIMEOUT, ""),
        Timer.NOTIFY_HANGUP: (EndReason.COMPLETED, ""),
        Timer.STREAM_GRACE: (EndReason.ERROR, "the media stream broke and did not come back"),
    }
)
"""The timers that end a call: the end reason, and what went wrong for a person."""

DOUBTFUL = (Timer.RING, Timer.STALE, Timer.STREAM_GRACE)
"""Those of them that may only mean that the carrier's news of an answer or of the end was lost: it is asked first."""


def timer_fired(draft: Draft, fired: TimerFired) -> None:
    """Act on a timer. One that the call no longer waits for changes nothing; one that is early is set again."""
    call, timer = draft.call, fired.timer
    due_ms = call.due.get(timer)
    if due_ms is None:
        return
    if draft.at_ms < due_ms:
        draft.order(StartTimer(timer, due_ms))
    elif timer in DOUBTFUL and call.carrier_call_id is not None:
        draft.record(StatusAsked(draft.at_ms, timer, draft.source))
        draft.order(AskStatus(call.carrier_call_id))
    elif timer in CLOSING_REASONS:
        _close(draft, timer)
    elif timer is Timer.STATUS and call.doubted is not None:
        _close(draft, call.doubted)
    elif timer is Timer.TRANSCRIPT:
        waited = f"Timed out waiting for transcript after {call.terms.transcript_ms}ms"
        release_waiter(draft, WaiterOutcome.TIMED_OUT, waited)
    elif timer is Timer.SILENCE:
        take_utterance(draft, call.partial, confidence=None)
    elif timer is Timer.RESPONSE:
        reply_timed_out(draft)
    elif call.voice_active and call.yielded_at_ms is None:
        yield_floor(draft)  # a voice over ours that lasted is barge-in
    else:
        resume(draft)  # it was a cough, or a voice of which no words came: somebody has to speak


def status_told(draft: Draft, told: StatusTold) -> None:
    """The carrier knows what became of the leg: one that is over ended for its reason, any other is hung up.

    An answer that was not told is taken whether or not anybody asked, and leaves nothing to doubt of a call that rings.
    """
    if told.answered and told.alive:
        answer(draft, answered_at_ms=told.answered_at_ms)
    doubted = draft.call.doubted
    if told.answered and told.alive is False and told.answered_at_ms is not None:
        was_answered(draft, told.answered_at_ms)
    if doubted is None:
        return
    if told.alive is False:
        otherwise = EndReason.NO_ANSWER if draft.call.answered_at_ms is None else EndReason.COMPLETED
        end(draft, told.reason or otherwise, cause=told.cause)
    else:
        _close(draft, doubted)


def _close(draft: Draft, timer: Timer) -> None:
    reason, error = CLOSING_REASONS[timer]
    close(draft, reason, error=error)
