"""One webhook of Twilio's, taken apart: what it is about, and what it says."""

from collections.abc import Mapping
from enum import Enum

import attrs

from voice_adapters.carriers.twilio.signature import form_of
from voice_adapters.carriers.twilio.statuses import plain_status
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inbound_policy import caller_number
from voice_domain.ports.webhook_reader import BadWebhookError, WebhookRequest
from voice_domain.vocabulary import Direction

__all__ = ("Fields", "Topic", "Turn")


class Topic(Enum):
    """What a webhook is about; only of the first kind does the answer matter."""

    DOCUMENT = "document"
    """The call needs to know what to do next."""
    STATUS = "status"
    PARTIAL = "partial"
    DETECTION = "amd"
    STREAM = "stream"
    TRANSFER = "transfer"
    """News of the leg that the counterpart is handed over to."""


_DIRECTIONS = {
    "inbound": Direction.INBOUND,
    "outbound-api": Direction.OUTBOUND,
    "outbound-dial": Direction.OUTBOUND,
}
_TOPICS = {topic.value: topic for topic in (Topic.STATUS, Topic.DETECTION, Topic.STREAM, Topic.TRANSFER)}
# A field that only one kind of webhook has: they are told apart even where our query got lost.
_TELLING_FIELDS = {
    "StreamEvent": Topic.STREAM,
    "MachineDetectionDuration": Topic.DETECTION,
    "CallbackSource": Topic.STATUS,
    "UnstableSpeechResult": Topic.PARTIAL,
    "StableSpeechResult": Topic.PARTIAL,
}


@attrs.frozen
class Turn:
    """Which of our documents a webhook answers to: the order that the document carried out, and its place in it."""

    order: int
    round: int

    @classmethod
    def parse(cls, text: str) -> "Turn | None":
        """Read what `str` writes; None for anything else."""
        order, dash, place = text.partition("-")
        if not (dash and text.isascii() and order.isdigit() and place.isdigit() and len(text) < 40):
            return None
        return cls(int(order), int(place))

    def __str__(self) -> str:
        return f"{self.order}-{self.round}"


@attrs.frozen
class Fields:
    """What a webhook says; a name that is missing reads as empty text."""

    query: Mapping[str, str]
    said: Mapping[str, str]

    @classmethod
    def of(cls, request: WebhookRequest) -> "Fields":
        """Take a request apart. By GET everything is in the query.

        Raises:
            BadWebhookError: if it names no call.
        """
        said = request.query if request.method.upper() == "GET" else dict(form_of(request))
        if not said.get("CallSid"):
            raise BadWebhookError(
                "The Twilio webhook has no CallSid; only voice webhooks belong to this address"
            )
        return cls(request.query, said)

    def text(self, name: str) -> str:
        """Return what was said under *name*, without blanks around it."""
        return self.said.get(name, "").strip()

    @property
    def topic(self) -> Topic:
        """What it is about."""
        if self.query.get("partial"):
            return Topic.PARTIAL
        told = _TOPICS.get(self.query.get("type", ""))
        if told is not None:
            return told
        return next((topic for name, topic in _TELLING_FIELDS.items() if name in self.said), Topic.DOCUMENT)

    @property
    def leg(self) -> CarrierCallId:
        """The leg between us and the counterpart; news of the leg of a transfer name it as their parent."""
        parent = self.text("ParentCallSid") if self.topic is Topic.TRANSFER else ""
        return CarrierCallId(parent or self.text("CallSid"))

    @property
    def call_id(self) -> CallId | None:
        """Our name for the call, if the address of the webhook held it."""
        name = self.query.get("callId", "")
        return CallId(name) if name else None

    @property
    def status(self) -> str:
        """The state of the call, as the tables spell it."""
        return plain_status(self.said.get("CallStatus", ""))

    @property
    def direction(self) -> Direction | None:
        """Who dialled; None if it does not say."""
        return _DIRECTIONS.get(self.text("Direction").lower())

    @property
    def is_offer(self) -> bool:
        """Whether somebody calls us, and nobody has answered."""
        return (
            self.topic is Topic.DOCUMENT
            and self.direction is Direction.INBOUND
            and self.status in ("ringing", "queued", "initiated", "")
        )

    @property
    def caller(self) -> PhoneNumber | None:
        """Who dialled; None for a withheld number."""
        return caller_number(self.text("From"))

    @property
    def callee(self) -> PhoneNumber | None:
        """Who was dialled."""
        return caller_number(self.text("To"))

    @property
    def turn(self) -> Turn | None:
        """Which of our documents it answers to; None if the address did not say."""
        return Turn.parse(self.query.get("turn", ""))

    @property
    def has_result(self) -> bool:
        """Whether it brings what a Gather heard."""
        return bool(self.text("SpeechResult") or self.text("Digits") or self.text("FinishedOnKey"))
