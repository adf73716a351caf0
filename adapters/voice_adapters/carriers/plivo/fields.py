"""One webhook of Plivo's, taken apart: what it is about, and what it says."""

from collections.abc import Mapping
from enum import Enum

import attrs

from voice_adapters.carriers.plivo.causes import STATUS_REASONS, plain_status
from voice_adapters.carriers.plivo.signature import form_of
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
    RING = "ring"
    HANGUP = "hangup"
    PARTIAL = "interim"
    DETECTION = "amd"
    STREAM = "stream"
    TRANSFER = "transfer"
    """News of the leg that the counterpart is handed over to."""


_DIRECTIONS = {"inbound": Direction.INBOUND, "outbound": Direction.OUTBOUND}
_TOPICS: Mapping[str, Topic] = {topic.value: topic for topic in Topic if topic is not Topic.DOCUMENT}
_TOPIC_OF_EVENT: Mapping[str, Topic] = {
    "ring": Topic.RING,
    "hangup": Topic.HANGUP,
    "machinedetection": Topic.DETECTION,
    "startstream": Topic.STREAM,
    "stopstream": Topic.STREAM,
    "droppedstream": Topic.STREAM,
    "degradedstream": Topic.STREAM,
}
# A field that only one kind of webhook has: they are told apart even where our query got lost, or never was.
_TELLING_FIELDS = {
    "HangupCauseCode": Topic.HANGUP,
    "HangupCause": Topic.HANGUP,
    "UnstableSpeech": Topic.PARTIAL,
    "StableSpeech": Topic.PARTIAL,
    "StreamID": Topic.STREAM,
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
        if not said.get("CallUUID", "").strip():
            raise BadWebhookError(
                "The Plivo webhook has no CallUUID; only webhooks of calls belong to this address"
            )
        return cls(request.query, said)

    def text(self, name: str) -> str:
        """Return what was said under *name*, without blanks around it."""
        return self.said.get(name, "").strip()

    @property
    def topic(self) -> Topic:
        """What it is about: the address decides, then the event's name, then what it holds."""
        told = _TOPICS.get(self.query.get("flow", ""))
        if told is not None:
            return told
        if self._from_document:
            return Topic.DOCUMENT
        told = _TOPIC_OF_EVENT.get(self.text("Event").lower())
        return told or next(
            (topic for name, topic in _TELLING_FIELDS.items() if name in self.said), Topic.DOCUMENT
        )

    @property
    def leg(self) -> CarrierCallId:
        """The call's own name."""
        return CarrierCallId(self.text("CallUUID"))

    @property
    def request_id(self) -> CarrierCallId | None:
        """The name that placing the call gave; None for a call to us."""
        return CarrierCallId(self.text("RequestUUID")) or None

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
    def is_end(self) -> bool:
        """Whether it tells that the call is over."""
        if self.topic in (Topic.STREAM, Topic.TRANSFER):
            return False
        return self.topic is Topic.HANGUP or self.status in STATUS_REASONS

    @property
    def was_up(self) -> bool:
        """Whether the call that is over had been answered."""
        return bool(self.text("AnswerTime")) or self.status == "completed"

    @property
    def direction(self) -> Direction | None:
        """Who dialled; None if it does not say."""
        return _DIRECTIONS.get(self.text("Direction").lower())

    @property
    def is_offer(self) -> bool:
        """Whether somebody calls us, and nobody has answered: it comes to an address that no document of ours held."""
        return (
            self.topic is Topic.DOCUMENT
            and self.direction is Direction.INBOUND
            and not self.is_end
            and self.status != "in-progress"
            and not self._from_document
        )

    @property
    def _from_document(self) -> bool:
        return not self.query.keys().isdisjoint({"turn", "at"})

    @property
    def caller(self) -> PhoneNumber | None:
        """Who dialled; None for a withheld number."""
        return _number(self.text("From"))

    @property
    def callee(self) -> PhoneNumber | None:
        """Who was dialled."""
        return _number(self.text("To"))

    @property
    def turn(self) -> Turn | None:
        """Which of our documents it answers to; None if the address did not say."""
        return Turn.parse(self.query.get("turn", ""))


def _number(raw: str) -> PhoneNumber | None:
    # Plivo leaves the plus sign out.
    return caller_number(f"+{raw}" if raw.isascii() and raw.isdigit() else raw)
