"""Webhooks that nobody has to sign: `skipSignatureVerification`, for development only."""

import hashlib
from typing import cast

import attrs

from voice_domain.call import Call
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.ports.webhook_reader import (
    DeliberateReader,
    WebhookReader,
    WebhookRequest,
    WebhookResponse,
)

__all__ = ("UnsignedWebhooks",)


@attrs.frozen
class UnsignedWebhooks(WebhookReader):
    """Understands what *reader* understands, and believes whoever sends it."""

    reader: WebhookReader

    @property
    def required_headers(self) -> tuple[str, ...]:
        """None: no signature is looked for."""
        return ()

    @property
    def secret_path(self) -> str:
        """The reader's, if it has one: an address is no signature, and stays as it is."""
        secret: str = getattr(self.reader, "secret_path", "")
        return secret

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a digest of the query and the body: the same request again is a repetition."""
        digest = hashlib.sha256(repr(sorted(request.query.items())).encode())
        digest.update(request.body)
        return f"skip:{digest.hexdigest()}"

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what the request tells; see the port.

        Raises:
            BadWebhookError: as the reader does.
        """
        return self.reader.translate(request)

    async def deliberate(self, request: WebhookRequest, call: Call | None) -> None:
        """Wait as long as the reader does."""
        if hasattr(self.reader, "deliberate"):
            await cast("DeliberateReader", self.reader).deliberate(request, call)

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return the reader's answer."""
        return self.reader.respond(request, call)
