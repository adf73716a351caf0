"""Rules of the line: dialling, ringing, answering, ending."""

from voice_domain.effects import ClearPlayback, HangUp, Listen, ReleaseWaiter, StopListening
from voice_domain.events import (
    Answered,
    Bridged,
    ClosingBegan,
    Dialled,
    Ended,
    Rang,
    StreamLost,
    StreamOpened,
    WaiterOutcome,
    WaiterReleased,
)
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import CallInput, DialAccepted, DialRefused, HangUpRequested, LineEnded, LineFailed
from voice_domain.rules.draft import Draft
from voice_domain.rules.speech import drop_turn, queue
from voice_domain.speech import OPENING_ID
from voice_domain.states import IGNORED, LineFact, line_after
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason, Purpose

__all__ = (
    "adopt",
    "answer",
    "bridge",
    "close",
    "dial_refused",
    "end",
    "hang_up_confirmed",
    "hang_up_requested",
    "line_ended",
    "line_failed",
    "release_waiter",
    "ring",
    "stream_closed",
    "stream_started",
    "was_answered",
)


def _moves(draft: Draft, fact: LineFact) -> bool:
    """Whether *fact* is news to the line. An illegal one counts: recording it fails, as it should."""
    return line_after(draft.call.line, fact) is not IGNORED


def adopt(draft: Draft, given: CallInput) -> None:
    """Take the name that the carrier has for the call, if *given* tells a new one.

    A leg that turns up when the call is over, or about to be, is hung up under its name at once. The answer to
    a dial does not replace a name that news have told: it may be on its way for longer.
    """
    name: CarrierCallId | None = getattr(given, "carrier_call_id", None)
    call = draft.call
    if name is None or name == call.carrier_call_id or name in call.former_carrier_call_ids:
        return
    if isinstance(given, DialAccepted) and call.carrier_call_id is not None:
        return
    if _moves(draft, LineFact.DIALLED):
        draft.record(Dialled(draft.at_ms, name, draft.source))
    if call.final_reason is not None and not isinstance(given, LineEnded):
        draft.order(HangUp(name, call.final_reason))


def dial_refused(draft: Draft, report: DialRefused) -> None:
    """The call failed, or ended for the reason that we had already; a leg that exists nevertheless is hung up."""
    call = draft.call
    if call.answered_at_ms is not None:
        return
    if call.carrier_call_id is not None:
        close(draft, report.reason, error=report.error)
    elif _moves(draft, LineFact.ENDED):
        end(draft, call.closing_reason or report.reason, error=report.error, cause=report.cause)


def ring(draft: Draft) -> None:
    """The callee's phone rings."""
    if _moves(draft, LineFact.RANG):
        draft.record(Rang(draft.at_ms, draft.source))


def answer(draft: Draft, *, answered_at_ms: int | None = None) -> None:
    """Somebody answered: say the opening, and listen if the mode does.

    *answered_at_ms* is when that was by the carrier's clock, if we learn of it only now.
    """
    if not was_answered(draft, answered_at_ms):
        return
    call = draft.call
    queue(draft, OPENING_ID, call.opened.opening, Purpose.OPENING)
    if call.rules.listens:
        draft.order(Listen(call.opened.locale))


def was_answered(draft: Draft, answered_at_ms: int | None) -> bool:
    """Record that somebody answered, and order nothing; return whether that is news."""
    news = _moves(draft, LineFact.ANSWERED)
    if news:
        draft.record(Answered(draft.at_ms, draft.source, answered_at_ms))
    return news


def bridge(draft: Draft) -> None:
    """Audio can flow."""
    if not draft.call.bridged and _moves(draft, LineFact.BRIDGED):
        draft.record(Bridged(draft.at_ms, draft.source))


def stream_started(draft: Draft) -> None:
    """The media stream is up, or back."""
    draft.record(StreamOpened(draft.at_ms, draft.source))


def stream_closed(draft: Draft) -> None:
    """The media stream is gone; the call has a moment to get it back. One that was handed over needs none."""
    call = draft.call
    known = Timer.STREAM_GRACE in call.due or call.doubted is Timer.STREAM_GRACE
    if not known and call.transferred is None:
        draft.record(StreamLost(draft.at_ms, draft.source))


def line_ended(draft: Draft, news: LineEnded) -> None:
    """The carrier says that it is over. A reason that we had for hanging up wins over the carrier's word."""
    if _moves(draft, LineFact.ENDED):
        ours = draft.call.closing_reason
        end(draft, ours or news.reason, error="" if ours else news.error, cause=news.cause)


def line_failed(draft: Draft, news: LineFailed) -> None:
    """The carrier reports an error; only a final one ends the call."""
    if not news.retryable:
        close(draft, EndReason.ERROR, error=news.error)


def hang_up_requested(draft: Draft, request: HangUpRequested) -> None:
    """Somebody wants the call to end."""
    close(draft, request.reason, error=request.error)


def hang_up_confirmed(draft: Draft) -> None:
    """The leg is over at the carrier."""
    if _moves(draft, LineFact.ENDED):
        end(draft, draft.call.closing_reason or EndReason.HANGUP_BOT)


def close(draft: Draft, reason: EndReason, *, error: str = "") -> None:
    """Begin to hang up: silence everything; the leg is ended now, or as soon as the carrier has named it."""
    if not _moves(draft, LineFact.CLOSING_BEGAN):
        return
    was_held = draft.call.held  # dropping the turn may end the speech that is on hold
    drop_turn(draft)
    draft.record(ClosingBegan(draft.at_ms, reason, error, draft.source))
    release_waiter(draft, WaiterOutcome.CALL_ENDED, reason.value)
    if draft.call.speeches or was_held:
        draft.order(ClearPlayback())
    if draft.call.answered_at_ms is not None:
        draft.order(StopListening())
    if draft.call.carrier_call_id is not None:
        draft.order(HangUp(draft.call.carrier_call_id, reason))


def end(draft: Draft, reason: EndReason, *, error: str = "", cause: str = "") -> None:
    """The call is over; nobody waits for it any more."""
    drop_turn(draft)
    release_waiter(draft, WaiterOutcome.CALL_ENDED, reason.value)
    draft.record(Ended(draft.at_ms, reason, error, cause, draft.source))


def release_waiter(draft: Draft, outcome: WaiterOutcome, detail: str) -> None:
    """Tell whoever waits for an utterance, if anybody does."""
    waiter_id = draft.call.waiter_id
    if waiter_id is not None:
        draft.record(WaiterReleased(draft.at_ms, waiter_id, outcome, detail, draft.source))
        draft.order(ReleaseWaiter(waiter_id, outcome, detail))
