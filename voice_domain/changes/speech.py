"""What the events of our own speech change."""

import attrs

from voice_domain.call import Call
from voice_domain.changes.moves import Changes, floor_moved, parting, without
from voice_domain.events import SpeechHeard, SpeechOver, SpeechQueued, SpeechStarted
from voice_domain.speech import Speech
from voice_domain.states import FloorFact
from voice_domain.terms import Timer
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Purpose, Speaker

__all__ = (
    "finished",
    "speech_heard",
    "speech_over",
    "speech_queued",
    "speech_resumed",
    "speech_started",
    "with_speech",
)


def speech_queued(call: Call, event: SpeechQueued) -> Changes:
    """One more part to say; the responder's time for its next sentence begins anew."""
    known = call.speech(event.speech_id) or Speech(event.speech_id, event.purpose)
    speech = known.with_part(event.text, last=event.last)
    changes = with_speech(call, speech)
    if speech.started and event.text:
        changes["transcript"] = _rewritten(call.transcript, speech, text=speech.intended_text)
    due = without(call.due, Timer.NOTIFY_HANGUP)
    if event.purpose is Purpose.REPLY and event.text:
        due = {**due, Timer.RESPONSE: event.at_ms + call.terms.response_ms}
    changes["due"] = due
    changes["leaving"] = call.leaving or event.purpose is Purpose.FAREWELL
    return changes


def with_speech(call: Call, speech: Speech) -> Changes:
    """Return the change that puts *speech* in its place, or out of the list when it is over."""
    others = tuple(known for known in call.speeches if known.speech_id != speech.speech_id)
    if speech.over:
        return {"speeches": others, "transcript": finished(call.transcript, speech)}
    if len(others) == len(call.speeches):
        return {"speeches": (*others, speech)}
    return {"speeches": tuple(speech if s.speech_id == speech.speech_id else s for s in call.speeches)}


def speech_started(call: Call, event: SpeechStarted) -> Changes:
    """A speech enters the transcript when it begins to be heard; while we speak nobody is waited for."""
    changes = floor_moved(call, FloorFact.SPEECH_STARTED)
    changes["due"] = without(call.due, Timer.NOTIFY_HANGUP, Timer.TRANSCRIPT)
    speech = call.speech(event.speech_id)
    if speech is None or speech.started:
        return changes
    started = attrs.evolve(speech, started=True)
    entry = Entry(event.at_ms, Speaker.US, started.intended_text, final=False, speech_id=started.speech_id)
    changes["speeches"] = tuple(started if s is speech else s for s in call.speeches)
    changes["transcript"] = (*call.transcript, entry)
    return changes


def speech_resumed(call: Call) -> Changes:
    """What we say is not held any more."""
    return {"held": False, "yielded_at_ms": None, "due": without(call.due, Timer.BARGE_IN)}


def speech_heard(call: Call, event: SpeechHeard) -> Changes:
    """A part is over, with what was heard of it."""
    speech = call.speech(event.speech_id)
    return {} if speech is None else with_speech(call, speech.with_heard(event.part, event.heard))


def speech_over(call: Call, event: SpeechOver) -> Changes:
    """From now on an utterance is waited for, or a notify call is about to be hung up."""
    if call.waiter_id is None:
        started = parting(call, event.at_ms)
    else:
        started = {Timer.TRANSCRIPT: event.at_ms + call.terms.transcript_ms}
    return {**floor_moved(call, FloorFact.SPEECH_OVER), "due": {**call.due, **started}}


def finished(transcript: tuple[Entry, ...], speech: Speech) -> tuple[Entry, ...]:
    """Return the transcript with the entry of *speech* final, holding what was heard."""
    heard, intended = speech.heard_text, speech.intended_text
    cut = intended if heard != intended else None
    return _rewritten(transcript, speech, text=heard, intended=cut, final=True)


def _rewritten(
    transcript: tuple[Entry, ...],
    speech: Speech,
    *,
    text: str,
    intended: str | None = None,
    final: bool = False,
) -> tuple[Entry, ...]:
    # From the end, because it is among the latest: a call may have thousands of entries.
    for place in range(len(transcript) - 1, -1, -1):
        entry = transcript[place]
        if entry.speech_id == speech.speech_id and not entry.final:
            changed = attrs.evolve(entry, text=text, intended=intended, final=final)
            return (*transcript[:place], changed, *transcript[place + 1 :])
    return transcript
