"""What a carrier tells us over HTTP."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

import attrs

from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.ports.carrier import CarrierSignal

__all__ = (
    "BadWebhookError",
    "DeliberateReader",
    "NotAuthenticError",
    "SecretlyReached",
    "WebhookReader",
    "WebhookRequest",
    "WebhookResponse",
)


class NotAuthenticError(VoiceError):
    """The request does not prove that it comes from the carrier."""

    kind: ClassVar[str] = "not_authentic"


class BadWebhookError(VoiceError):
    """The request comes from the carrier and cannot be understood."""

    kind: ClassVar[str] = "bad_webhook"


@attrs.frozen(kw_only=True)
class WebhookRequest:
    """One request, as it came. Only its method is shown: all else may hold numbers, speech and secret addresses."""

    method: str
    urls: tuple[str, ...] = attrs.field(repr=False)
    """The public URLs that the carrier may have meant and signed, most likely first, query included."""
    query: Mapping[str, str] = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    """Names in lower case."""
    body: bytes = attrs.field(repr=False)
    path: str = attrs.field(default="", repr=False)
    """The path that was asked for, decoded; empty if whoever makes the request does not say."""


@attrs.frozen
class WebhookResponse:
    """What the carrier gets back."""

    status: int = 200
    content_type: str = "text/plain"
    body: bytes = b""


class WebhookReader(Protocol):
    """Authenticates, translates and answers a carrier's webhooks; pure, and quick enough for the event loop."""

    @property
    def required_headers(self) -> tuple[str, ...]:
        """Headers (lower case); a request that has none of them is refused before its body is read. Empty for any."""
        ...

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from signed material only: the same request again has the same key.

        Raises:
            NotAuthenticError: if it is not the carrier's.
        """
        ...

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what the request tells, in order; empty for news that we have no use for.

        Raises:
            BadWebhookError: if it is no webhook of this carrier.
        """
        ...

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return the answer, given the call as it is after the signals were taken; None if there is no such call."""
        ...


class SecretlyReached(Protocol):
    """A reader of a carrier that signs nothing: its webhooks come to an address that nobody else knows."""

    @property
    def secret_path(self) -> str:
        """The segment behind the path of the webhooks; every other path is not found, that path itself too."""
        ...


class DeliberateReader(Protocol):
    """A reader whose answer may have to wait for what the call is about to want."""

    async def deliberate(self, request: WebhookRequest, call: Call | None) -> None:
        """Return when there is something to respond, a few seconds later at most; *call* is as in `respond`."""
        ...
