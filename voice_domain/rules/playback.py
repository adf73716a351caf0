"""Rules of what the counterpart has heard of us."""

from voice_domain.events import SpeechHeard, SpeechOver, WaiterOutcome
from voice_domain.inputs import PartFailed, PartHeard
from voice_domain.rules.draft import Draft
from voice_domain.rules.line import close, release_waiter
from voice_domain.states import Floor, FloorFact, floor_after
from voice_domain.vocabulary import EndReason, Purpose

__all__ = ("part_failed", "part_heard", "settle")


def part_heard(draft: Draft, report: PartHeard) -> None:
    """A part is over, heard in full or to where it was cut."""
    speech = draft.call.speech(report.speech_id)
    if speech is None or report.part >= len(speech.parts) or speech.heard[report.part] is not None:
        return
    draft.record(SpeechHeard(draft.at_ms, report.speech_id, report.part, report.heard, source=draft.source))
    settle(draft)


def part_failed(draft: Draft, report: PartFailed) -> None:
    """A part could not be said. A notify message that nobody can hear ends its call; whoever waits is told."""
    call = draft.call
    speech = call.speech(report.speech_id)
    if speech is None or report.part >= len(speech.parts) or speech.heard[report.part] is not None:
        return
    draft.record(
        SpeechHeard(draft.at_ms, report.speech_id, report.part, report.heard, report.error, draft.source)
    )
    if call.waiter_speech_id == report.speech_id:
        release_waiter(draft, WaiterOutcome.SPEECH_FAILED, report.error)
    if speech.purpose is Purpose.OPENING and call.rules.hangs_up_after_speech:
        close(draft, EndReason.ERROR, error=report.error)
        return
    settle(draft)


def settle(draft: Draft) -> None:
    """Give up the floor, and leave if we are leaving, once nothing that we want to say is outstanding."""
    if draft.call.speeches:
        return
    if isinstance(floor_after(draft.call.floor, FloorFact.SPEECH_OVER), Floor):
        draft.record(SpeechOver(draft.at_ms, draft.source))
    if draft.call.leaving:
        close(draft, EndReason.HANGUP_BOT)
