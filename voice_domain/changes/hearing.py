"""What the counterpart's voice and words change."""

from collections.abc import Mapping

from voice_domain.call import Call
from voice_domain.changes.moves import Changes, floor_moved, without
from voice_domain.events import CounterpartSpoke, PartialHeard, UtteranceHeard, VoiceStarted, VoiceStopped
from voice_domain.states import FloorFact
from voice_domain.terms import Timer
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Speaker

__all__ = ("counterpart_spoke", "partial_heard", "utterance_heard", "voice_started", "voice_stopped")


def voice_started(call: Call, event: VoiceStarted) -> Changes:
    """A voice over ours is judged after a moment; a voice in a pause says that the utterance goes on."""
    due = _with_silence(call, event.at_ms, silent=False) if call.partial else call.due
    if event.over_us:
        due = {**due, Timer.BARGE_IN: event.at_ms + call.terms.barge_in_ms}
    if call.yielded_at_ms is not None:
        due = {**due, Timer.BARGE_IN: max(event.at_ms, call.yielded_at_ms + call.terms.voice_ms)}
    return {"voice_active": True, "held": call.held or event.over_us, "due": due}


def voice_stopped(call: Call, event: VoiceStopped) -> Changes:
    """The utterance may be complete, if there is one; a voice that took the floor owes its words soon."""
    due = _with_silence(call, event.at_ms, silent=True) if call.partial else call.due
    if call.yielded_at_ms is not None:
        soon = event.at_ms + call.terms.silence_ms + call.terms.words_ms
        due = {**due, Timer.BARGE_IN: min(call.due[Timer.BARGE_IN], soon)}
    return {"voice_active": False, "due": due}


def partial_heard(call: Call, event: PartialHeard) -> Changes:
    """A first reading, which is taken as final if nothing follows."""
    due = _with_silence(call, event.at_ms, silent=not call.voice_active)
    return {"partial": event.text, "due": due}


def counterpart_spoke(call: Call, event: CounterpartSpoke) -> Changes:
    """The floor is theirs; what we said is kept until there are words, else dropped: whoever waits waits from now."""
    changes = floor_moved(call, FloorFact.COUNTERPART_SPOKE)
    if event.held:
        due = {**call.due, Timer.BARGE_IN: event.at_ms + call.terms.voice_ms}
        return {**changes, "yielded_at_ms": event.at_ms, "due": due}
    waits = {} if call.waiter_id is None else {Timer.TRANSCRIPT: event.at_ms + call.terms.transcript_ms}
    due = {**without(call.due, Timer.BARGE_IN), **waits}
    return {**changes, "held": False, "yielded_at_ms": None, "due": due}


def utterance_heard(call: Call, event: UtteranceHeard) -> Changes:
    """Final words enter the transcript."""
    entry = Entry(event.at_ms, Speaker.COUNTERPART, event.text)
    return {
        "transcript": (*call.transcript, entry),
        "partial": "",
        "due": without(call.due, Timer.SILENCE),
    }


def _with_silence(call: Call, at_ms: int, *, silent: bool) -> Mapping[Timer, int]:
    """Return the due times after a sign of the counterpart: when to take the partial as final."""
    local = silent and call.terms.silence_ms > 0
    return {**call.due, Timer.SILENCE: at_ms + (call.terms.silence_ms if local else call.terms.partial_ms)}
