"""What a host may want of a call."""

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.identity import SpeechId, WaiterId
from voice_domain.vocabulary import EndReason

__all__ = (
    "ContinueRequested",
    "DigitsRequested",
    "GoodbyeRequested",
    "HangUpRequested",
    "SpeakRequested",
    "TransferForbidden",
    "TransferRequested",
    "WaiterWithdrawn",
)


@attrs.frozen
class SpeakRequested:
    """Somebody wants us to say *text*."""

    speech_id: SpeechId
    text: str


@attrs.frozen
class ContinueRequested:
    """Somebody wants us to say *text* and waits for the counterpart's next utterance."""

    speech_id: SpeechId
    text: str
    waiter_id: WaiterId


@attrs.frozen
class WaiterWithdrawn:
    """Whoever waited for an utterance has gone."""

    waiter_id: WaiterId


@attrs.frozen
class HangUpRequested:
    """Somebody wants the call to end now."""

    reason: EndReason = EndReason.HANGUP_BOT
    error: str = ""


@attrs.frozen
class GoodbyeRequested:
    """Somebody wants the call to end after *text* was said; it ends at once if it is not up."""

    speech_id: SpeechId
    text: str


@attrs.frozen
class DigitsRequested:
    """Somebody wants keys pressed."""

    digits: str


@attrs.frozen
class TransferRequested:
    """Somebody wants the counterpart handed over; the dial policy has agreed already."""

    to: PhoneNumber
    verdict: str = ""
    """What the dial policy said."""


@attrs.frozen
class TransferForbidden:
    """Somebody wanted the counterpart handed over, and the dial policy has said no: *verdict* says why."""

    verdict: str
