"""Rules of leaving a call with a word: a goodbye that somebody wants, or one because we hear nothing any more."""

from voice_domain.effects import ClearPlayback
from voice_domain.events import HearingFailed
from voice_domain.identity import SpeechId
from voice_domain.inputs import GoodbyeRequested, HearingLost
from voice_domain.phrases import phrase
from voice_domain.rules.draft import Draft
from voice_domain.rules.line import close
from voice_domain.rules.speech import drop_turn, queue, resume
from voice_domain.vocabulary import EndReason, Purpose

__all__ = ("DEAF_ID", "goodbye_requested", "hearing_lost")

DEAF_ID = SpeechId("deaf")


def goodbye_requested(draft: Draft, request: GoodbyeRequested) -> None:
    """Say goodbye instead of whatever we are saying, then hang up; at once if nobody hears us."""
    call = draft.call
    if call.answered_at_ms is None or not request.text.strip():
        close(draft, EndReason.HANGUP_BOT)
        return
    if call.leaving:
        return
    drop_turn(draft)
    if draft.call.speeches:
        draft.order(ClearPlayback())
    resume(draft)
    queue(draft, request.speech_id, request.text, Purpose.FAREWELL)


def hearing_lost(draft: Draft, report: HearingLost) -> None:
    """Apologise after what we are saying, and hang up: who is not heard should not have to guess it.

    It is no loss where nobody is listened to, and to a counterpart who was handed over.
    """
    call = draft.call
    listens = call.rules.listens or call.waiter_id is not None
    if call.leaving or call.transferred is not None or not listens:
        return
    drop_turn(draft)
    draft.record(HearingFailed(draft.at_ms, report.error, draft.source))
    resume(draft)
    queue(draft, DEAF_ID, phrase("deaf", call.opened.locale), Purpose.FAREWELL)
