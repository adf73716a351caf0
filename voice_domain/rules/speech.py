"""Rules of our own speech: queueing it, beginning it, and dropping an answer that is not wanted any more."""

from voice_domain.effects import CancelReply, Play, ResumePlayback
from voice_domain.events import SpeechQueued, SpeechResumed, SpeechStarted, TurnDropped
from voice_domain.identity import SpeechId
from voice_domain.inputs import PartStarted
from voice_domain.rules.draft import Draft
from voice_domain.vocabulary import Purpose

__all__ = ("begin", "drop_turn", "part_started", "queue", "resume")


def queue(draft: Draft, speech_id: SpeechId, text: str, purpose: Purpose, *, last: bool = True) -> None:
    """Say *text* after everything that is queued already; as a further part if the speech is known.

    A blank text is nothing to say.
    """
    if not text.strip():
        return
    call = draft.call
    known = call.speech(speech_id)
    part = len(known.parts) if known else 0
    draft.record(SpeechQueued(draft.at_ms, speech_id, part, text, purpose, last, draft.source))
    interruptible = call.rules.interruptible and purpose is not Purpose.FAREWELL
    draft.order(Play(speech_id, part, text, call.opened.locale, interruptible))


def part_started(draft: Draft, report: PartStarted) -> None:
    """The counterpart hears us: the floor is ours, unless it is already."""
    begin(draft, report.speech_id)


def begin(draft: Draft, speech_id: SpeechId) -> None:
    """Record that a speech is being heard, once."""
    speech = draft.call.speech(speech_id)
    if speech is not None and not speech.started:
        draft.record(SpeechStarted(draft.at_ms, speech_id, draft.source))


def resume(draft: Draft) -> None:
    """Go on with what is held, and take the floor back from a voice that had no words."""
    call = draft.call
    if not call.held:
        return
    draft.record(SpeechResumed(draft.at_ms, draft.source))
    draft.order(ResumePlayback())
    if call.yielded_at_ms is not None and call.speaking:
        going_on = next(speech for speech in call.speeches if speech.started)
        draft.record(SpeechStarted(draft.at_ms, going_on.speech_id, draft.source))


def drop_turn(draft: Draft) -> None:
    """Stop the responder, if it is answering; what it has said so far closes its speech."""
    turn = draft.call.turn
    if turn is not None:
        draft.record(TurnDropped(draft.at_ms, turn, source=draft.source))
        draft.order(CancelReply(turn))
