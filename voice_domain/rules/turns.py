"""Rules of the responder's answers: sentence by sentence, and what is said when none comes."""

from voice_domain.effects import CancelReply
from voice_domain.events import TurnDropped, TurnFinished, TurnMeasured
from voice_domain.identity import SpeechId
from voice_domain.inputs import ReplyFailed, ReplyFinished, ReplySentence, TurnTimed
from voice_domain.phrases import phrase
from voice_domain.rules.draft import Draft
from voice_domain.rules.playback import settle
from voice_domain.rules.speech import queue
from voice_domain.speech import reply_id
from voice_domain.vocabulary import Purpose

__all__ = ("reply_failed", "reply_finished", "reply_sentence", "reply_timed_out", "turn_timed")


def reply_sentence(draft: Draft, report: ReplySentence) -> None:
    """Say one more sentence of the answer, unless a newer utterance has made it obsolete."""
    if report.turn == draft.call.turn and report.text.strip():
        queue(draft, reply_id(report.turn), report.text.strip(), Purpose.REPLY, last=False)


def reply_finished(draft: Draft, report: ReplyFinished) -> None:
    """The answer is complete."""
    if report.turn != draft.call.turn:
        return
    spoke = draft.call.speech(reply_id(report.turn)) is not None
    draft.record(TurnFinished(draft.at_ms, report.turn, draft.source))
    if spoke:
        settle(draft)


def reply_failed(draft: Draft, report: ReplyFailed) -> None:
    """The responder failed: apologise in the call's language; the call lives on."""
    if report.turn == draft.call.turn:
        _apologise(draft, report.turn, report.error)


def reply_timed_out(draft: Draft) -> None:
    """The responder took too long."""
    turn = draft.call.turn
    if turn is not None:
        draft.order(CancelReply(turn))
        _apologise(draft, turn, f"no answer within {draft.call.terms.response_ms} ms")


def turn_timed(draft: Draft, report: TurnTimed) -> None:
    """Keep how long the turn took."""
    draft.record(TurnMeasured(draft.at_ms, report.turn, report.parts, draft.source))


def _apologise(draft: Draft, turn: int, error: str) -> None:
    draft.record(TurnDropped(draft.at_ms, turn, error, draft.source))
    queue(draft, SpeechId(f"apology-{turn}"), phrase("apology", draft.call.opened.locale), Purpose.APOLOGY)
