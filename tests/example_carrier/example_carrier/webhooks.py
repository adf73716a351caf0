"""What Example tells us: one JSON object for each event, its body signed with HMAC-SHA256."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from voice_domain.call import Call
from voice_domain.e164 import InvalidNumberError, PhoneNumber
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import CarrierNews, KeysPressed, LineAnswered, LineEnded, LineRang, WordsHeard
from voice_domain.ports.carrier import CarrierSignal, SpeechPlayed
from voice_domain.ports.webhook_reader import (
    BadWebhookError,
    NotAuthenticError,
    WebhookReader,
    WebhookRequest,
    WebhookResponse,
)
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("END_REASONS", "SIGNATURE_HEADER", "ExampleWebhooks", "sign")

SIGNATURE_HEADER: Final = "x-example-signature"

END_REASONS: Final[Mapping[str, EndReason]] = MappingProxyType(
    {
        "counterpart": EndReason.HANGUP_USER,
        "us": EndReason.HANGUP_BOT,
        "not answered": EndReason.NO_ANSWER,
        "busy": EndReason.BUSY,
        "too long": EndReason.TIMEOUT,
    }
)
"""Example's words for why a call is over; any other is a failure."""


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a webhook."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@attrs.frozen(kw_only=True)
class ExampleWebhooks(WebhookReader):
    """Reads Example's webhooks."""

    secret: str = attrs.field(repr=False)

    @property
    def required_headers(self) -> tuple[str, ...]:
        """Without the signature nothing is read."""
        return (SIGNATURE_HEADER,)

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from the body, which is all that is signed."""
        given = request.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(sign(self.secret, request.body).encode(), given):
            raise NotAuthenticError(
                "its signature does not fit; compare example.signingSecret with the console"
            )
        return f"example:{hashlib.sha256(request.body).hexdigest()}"

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what an event tells; nothing for events that we have no use for."""
        try:
            event = json.loads(request.body)
            make = _NEWS.get(event["type"])
            if make is None:
                return ()
            return (_signal(event, make(event)),)
        except (ValueError, KeyError, TypeError, RecursionError, InvalidNumberError) as error:
            raise BadWebhookError("it is no event of Example's") from error

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return an empty answer: Example is told by requests what to do."""
        del request, call
        return WebhookResponse(204)


def _signal(event: Mapping[str, Any], news: CarrierNews | SpeechPlayed) -> CarrierSignal:
    reference = event.get("reference")
    return CarrierSignal(
        news=news,
        carrier_call_id=CarrierCallId(str(event["call"])),
        call_id=None if reference is None else CallId(str(reference)),
        direction=Direction.INBOUND if event["inbound"] else Direction.OUTBOUND,
        caller=PhoneNumber(event["from"]),
        callee=PhoneNumber(event["to"]),
    )


def _spoken(event: Mapping[str, Any]) -> SpeechPlayed:
    return SpeechPlayed(SpeechId(event["speech"]), event["part"], event["at"], event["id"])


_NEWS: Final[Mapping[str, Callable[[Mapping[str, Any]], CarrierNews | SpeechPlayed]]] = MappingProxyType(
    {
        "rings": lambda event: LineRang(event["at"], event["id"]),
        "answered": lambda event: LineAnswered(event["at"], event["id"]),
        "read": _spoken,
        "heard": lambda event: WordsHeard(event["at"], event["text"], event_id=event["id"]),
        "pressed": lambda event: KeysPressed(event["at"], event["digits"], event["id"]),
        "ended": lambda event: LineEnded(
            event["at"],
            END_REASONS.get(event["cause"], EndReason.FAILED),
            cause=event["cause"],
            event_id=event["id"],
        ),
    }
)
