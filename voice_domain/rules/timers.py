"""Rules of what follows when a timer fires."""

from voice_domain.effects import ResumePlayback
from voice_domain.events import SpeechStarted, WaiterOutcome
from voice_domain.inputs import TimerFired
from voice_domain.rules.draft import Draft
from voice_domain.rules.hearing import take_floor, take_utterance
from voice_domain.rules.line import close, release_waiter
from voice_domain.rules.turns import reply_timed_out
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = ("timer_fired",)

_CLOSING_REASONS = {
    Timer.RING: (EndReason.NO_ANSWER, ""),
    Timer.STALE: (EndReason.NO_ANSWER, ""),
    Timer.HARD_CAP: (EndReason.TIMEOUT, ""),
    Timer.MAX_DURATION: (EndReason.TIMEOUT, ""),
    Timer.NOTIFY_HANGUP: (EndReason.COMPLETED, ""),
    Timer.STREAM_GRACE: (EndReason.ERROR, "the media stream broke and did not come back"),
}


def timer_fired(draft: Draft, fired: TimerFired) -> None:
    """Act on a timer; one that the call no longer waits for changes nothing."""
    call, timer = draft.call, fired.timer
    if timer not in call.due:
        return
    if timer in _CLOSING_REASONS:
        reason, error = _CLOSING_REASONS[timer]
        close(draft, reason, error=error)
    elif timer is Timer.TRANSCRIPT:
        waited = f"Timed out waiting for transcript after {call.terms.transcript_ms}ms"
        release_waiter(draft, WaiterOutcome.TIMED_OUT, waited)
    elif timer is Timer.SILENCE:
        take_utterance(draft, call.partial, confidence=None)
    elif timer is Timer.RESPONSE:
        reply_timed_out(draft)
    elif timer is Timer.BARGE_IN:
        _judge_voice(draft)


def _judge_voice(draft: Draft) -> None:
    """A voice over ours lasted long enough to be barge-in, or it was a cough and we go on."""
    call = draft.call
    if call.voice_active:
        take_floor(draft)
        return
    for speech in call.speeches:
        if speech.started:
            draft.record(SpeechStarted(draft.at_ms, speech.speech_id, draft.source))
            draft.order(ResumePlayback())
            return
