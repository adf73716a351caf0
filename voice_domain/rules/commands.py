"""Rules of what a host may ask of a call that is up."""

from voice_domain.effects import Listen, SendDigits, Transfer
from voice_domain.events import (
    DigitsSent,
    TransferDenied,
    TransferFailed,
    Transferred,
    WaiterOutcome,
    WaiterSet,
)
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import (
    ContinueRequested,
    DigitsRequested,
    SpeakRequested,
    TransferForbidden,
    TransferRefused,
    TransferRequested,
    WaiterWithdrawn,
)
from voice_domain.refusals import AlreadyWaitingError, CallEndedError, NotConnectedError
from voice_domain.rules.draft import Draft
from voice_domain.rules.line import release_waiter
from voice_domain.rules.playback import settle
from voice_domain.rules.speech import drop_turn, queue
from voice_domain.vocabulary import Purpose

__all__ = (
    "continue_requested",
    "digits_requested",
    "speak_requested",
    "transfer_forbidden",
    "transfer_refused",
    "transfer_requested",
    "waiter_withdrawn",
)


def speak_requested(draft: Draft, request: SpeakRequested) -> None:
    """Say something more.

    Raises:
        CallEndedError: if we are saying goodbye.
    """
    _stay(draft)
    queue(draft, request.speech_id, request.text, Purpose.COMMAND)


def continue_requested(draft: Draft, request: ContinueRequested) -> None:
    """Say something more and keep the next utterance for whoever asked.

    Raises:
        AlreadyWaitingError: if somebody waits already.
        CallEndedError: if we are saying goodbye.
    """
    _stay(draft)
    call = draft.call
    if call.waiter_id is not None:
        raise AlreadyWaitingError(call.call_id)
    queue(draft, request.speech_id, request.text, Purpose.COMMAND)
    draft.record(WaiterSet(draft.at_ms, request.waiter_id, request.speech_id, draft.source))
    if not call.rules.listens:
        draft.order(Listen(call.opened.locale))


def waiter_withdrawn(draft: Draft, request: WaiterWithdrawn) -> None:
    """Nobody waits any more, so the next utterance goes to the responder again."""
    if draft.call.waiter_id == request.waiter_id:
        release_waiter(draft, WaiterOutcome.WITHDRAWN, "")


def digits_requested(draft: Draft, request: DigitsRequested) -> None:
    """Press keys.

    Raises:
        NotConnectedError: if the carrier has not named the call yet.
    """
    name = _carrier_name(draft)
    draft.record(DigitsSent(draft.at_ms, request.digits, draft.source))
    draft.order(SendDigits(name, request.digits))


def transfer_requested(draft: Draft, request: TransferRequested) -> None:
    """Hand the counterpart over; nobody is asked for replies any more.

    Raises:
        NotConnectedError: if the carrier has not named the call yet.
    """
    name = _carrier_name(draft)
    spoke = bool(draft.call.speeches)
    drop_turn(draft)
    if spoke:
        settle(draft)
    draft.record(Transferred(draft.at_ms, request.to, draft.source, request.verdict))
    draft.order(Transfer(name, request.to))


def transfer_forbidden(draft: Draft, request: TransferForbidden) -> None:
    """The counterpart stays with us; that somebody wanted otherwise is kept."""
    draft.record(TransferDenied(draft.at_ms, request.verdict, draft.source))


def transfer_refused(draft: Draft, report: TransferRefused) -> None:
    """The counterpart stays with us, and is answered again."""
    if draft.call.transferred is not None:
        draft.record(TransferFailed(draft.at_ms, report.error, draft.source))


def _stay(draft: Draft) -> None:
    if draft.call.leaving:
        raise CallEndedError(draft.call.call_id)


def _carrier_name(draft: Draft) -> CarrierCallId:
    name = draft.call.carrier_call_id
    if name is None:
        raise NotConnectedError(draft.call.call_id)
    return name
