"""Rules of what the counterpart has heard of us."""

from voice_domain.events import SpeechHeard, SpeechOver, WaiterOutcome
from voice_domain.inputs import PartFailed, PartHeard
from voice_domain.rules.draft import Draft
from voice_domain.rules.line import close, release_waiter
from voice_domain.rules.speech import begin, resume
from voice_domain.speech import Speech
from voice_domain.states import IGNORED, FloorFact, floor_after
from voice_domain.vocabulary import EndReason, Purpose

__all__ = ("part_failed", "part_heard", "settle")


def part_heard(draft: Draft, report: PartHeard) -> None:
    """A part is over, heard in full or to where it was cut."""
    if _outstanding(draft, report) is None:
        return
    _record_heard(draft, report)
    settle(draft)


def part_failed(draft: Draft, report: PartFailed) -> None:
    """A part could not be said. A notify message that cannot be heard ends its call; whoever waits is told."""
    speech = _outstanding(draft, report)
    if speech is None:
        return
    call = draft.call
    _record_heard(draft, report, error=report.error)
    if call.waiter_speech_id == report.speech_id:
        release_waiter(draft, WaiterOutcome.SPEECH_FAILED, report.error)
    if speech.purpose is Purpose.OPENING and call.rules.hangs_up_after_speech:
        close(draft, EndReason.ERROR, error=report.error)
    settle(draft)


def settle(draft: Draft) -> None:
    """Give up the floor, and leave if we are leaving, once nothing that we want to say is outstanding."""
    call = draft.call
    if call.speeches or call.closing_reason is not None:
        return
    resume(draft)  # nothing is left to be held, but what we say next must not be
    if floor_after(call.floor, FloorFact.SPEECH_OVER) is not IGNORED:
        draft.record(SpeechOver(draft.at_ms, draft.source))
    if call.leaving:
        close(draft, EndReason.HANGUP_BOT)


def _outstanding(draft: Draft, report: PartHeard | PartFailed) -> Speech | None:
    """Return the speech of a part that is not over yet; None for a part that is, or that nobody knows."""
    speech = draft.call.speech(report.speech_id)
    known = speech is not None and 0 <= report.part < len(speech.parts)
    return speech if speech is not None and known and speech.heard[report.part] is None else None


def _record_heard(draft: Draft, report: PartHeard | PartFailed, *, error: str = "") -> None:
    if report.heard:
        begin(draft, report.speech_id)
    draft.record(SpeechHeard(draft.at_ms, report.speech_id, report.part, report.heard, error, draft.source))
