"""One webhook of Telnyx's, taken apart (developers.telnyx.com/api/call-control, event schemas)."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import attrs
import msgspec

from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.inbound_policy import caller_number
from voice_domain.ports.webhook_reader import BadWebhookError, WebhookRequest
from voice_domain.vocabulary import Direction

__all__ = ("Fields", "Transcription")

_DIRECTIONS = {
    "incoming": Direction.INBOUND,
    "inbound": Direction.INBOUND,
    "outgoing": Direction.OUTBOUND,
    "outbound": Direction.OUTBOUND,
}


class Transcription(msgspec.Struct):
    """What Telnyx heard on one track: `inbound` is what the far end of the leg says."""

    transcript: str = ""
    is_final: bool = True
    confidence: float | None = None
    transcription_track: str = "inbound"


class _Payload(msgspec.Struct):
    call_control_id: str = ""
    client_state: Any = None
    direction: Any = None
    sender: Any = msgspec.field(default=None, name="from")
    to: Any = None
    status: Any = None
    result: Any = None
    digit: Any = None
    hangup_cause: Any = None
    hangup_source: Any = None
    sip_hangup_cause: Any = None
    failure_reason: Any = None
    transcription_data: Transcription | None = None


class _Data(msgspec.Struct):
    event_type: str
    id: str
    payload: _Payload
    occurred_at: Any = None


class _Webhook(msgspec.Struct):
    data: _Data


_decode = msgspec.json.Decoder(_Webhook).decode


# A webhook is looked at twice, to be translated and answered, and a few come at once.
@lru_cache(maxsize=16)
def _parsed(body: bytes) -> _Data:
    return _decode(body).data


@attrs.frozen
class Fields:
    """What a webhook says; a text that is missing reads as empty."""

    event_type: str
    event_id: str
    """The same for every delivery of the event."""
    state: ClientState
    _payload: _Payload
    _occurred_at: object = None

    @classmethod
    def of(cls, request: WebhookRequest) -> "Fields":
        """Take a request apart.

        Raises:
            BadWebhookError: if it is no event of a call.
        """
        try:
            data = _parsed(request.body)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise BadWebhookError(
                "The Telnyx webhook is no call event; only webhooks of a Voice API application belong to this address"
            ) from error
        if not (data.id and data.payload.call_control_id):
            raise BadWebhookError(
                "The Telnyx webhook has no id or no call_control_id; only call events belong to this address"
            )
        state = ClientState.decoded(data.payload.client_state)
        return cls(data.event_type, data.id, state, data.payload, data.occurred_at)

    @property
    def leg(self) -> CarrierCallId:
        """The leg that it tells of; of one that the counterpart is handed over to, the counterpart's own."""
        if self.state.role is Role.TARGET and self.state.parent:
            return self.state.parent
        return CarrierCallId(self._payload.call_control_id)

    def text(self, name: str) -> str:
        """Return what the payload says under *name*, without blanks around it."""
        value = getattr(self._payload, name)
        return value.strip() if isinstance(value, str) else ""

    @property
    def transcription(self) -> Transcription | None:
        """What was heard."""
        return self._payload.transcription_data

    @property
    def occurred_at(self) -> datetime | None:
        """When it happened, by Telnyx's clock; None if it does not say."""
        try:
            at = datetime.fromisoformat(self._occurred_at) if isinstance(self._occurred_at, str) else None
        except ValueError:
            return None
        # Times with and without a zone cannot be compared.
        return at if at is not None and at.tzinfo is not None else None

    @property
    def direction(self) -> Direction | None:
        """Who dialled; only the first event of a leg says it."""
        return _DIRECTIONS.get(self.text("direction").lower())

    @property
    def is_offer(self) -> bool:
        """Whether somebody calls us, and the call is parked until we answer or reject it."""
        return self.event_type == "call.initiated" and self.direction is Direction.INBOUND

    @property
    def caller(self) -> PhoneNumber | None:
        """Who dialled; None for a withheld number."""
        return caller_number(self.text("sender"))

    @property
    def callee(self) -> PhoneNumber | None:
        """Who was dialled."""
        return caller_number(self.text("to"))

    def direction_of_leg(self, own_number: PhoneNumber | None) -> Direction:
        """Return who dialled the leg, where the event does not say it: from its numbers, else from its state.

        A state names a call only if we dialled it.
        """
        if self.direction is not None:
            return self.direction
        from_us, to_us = self.caller == own_number, self.callee == own_number
        if own_number is not None and from_us != to_us:
            return Direction.OUTBOUND if from_us else Direction.INBOUND
        return Direction.OUTBOUND if self.state.call_id else Direction.INBOUND
