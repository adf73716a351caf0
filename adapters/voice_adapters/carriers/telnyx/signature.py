"""How Telnyx signs its webhooks (developers.telnyx.com/development/api-fundamentals/webhooks), and how that is checked.

Ed25519 (RFC 8032) over the timestamp as it was sent, a bar, and the body as it was sent. Without a key nothing is
believed.
"""

import binascii
import hashlib
from base64 import b64decode
from typing import TYPE_CHECKING, Final

import attrs

from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

if TYPE_CHECKING:  # an extra: whoever does without it must still be able to import this
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ("SIGNATURE_HEADER", "TIMESTAMP_HEADER", "TOLERANCE_SECONDS", "TelnyxSignature")

SIGNATURE_HEADER: Final = "telnyx-signature-ed25519"
TIMESTAMP_HEADER: Final = "telnyx-timestamp"
TOLERANCE_SECONDS: Final = 300
"""How old a webhook may be, and how far ahead of our clock."""

_URL_SAFE: Final = str.maketrans("-_", "+/")
_LONGEST_TIMESTAMP: Final = 12


@attrs.frozen(kw_only=True)
class TelnyxSignature:
    """Checks signatures with the public key of an account."""

    public_key: "Ed25519PublicKey | None"
    """None: no webhook is authentic."""
    clock: Clock

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from what was signed, the same for the same request however its signature is written.

        Raises:
            NotAuthenticError: if it is not Telnyx's, or not of now; says what to look at.
        """
        if self.public_key is None:
            raise NotAuthenticError("there is no key to check it with; set telnyx.publicKey")
        signature = request.headers.get(SIGNATURE_HEADER, "")
        timestamp = request.headers.get(TIMESTAMP_HEADER, "")
        if not (signature and timestamp):
            raise NotAuthenticError(
                "it has no telnyx-signature-ed25519 and telnyx-timestamp headers, so it does not come from Telnyx"
            )
        self._check_age(timestamp)
        signed = timestamp.encode() + b"|" + request.body
        if not _fits(self.public_key, signed, signature):
            raise NotAuthenticError(
                "its signature does not fit; compare telnyx.publicKey with the public key in Telnyx's portal"
            )
        return f"telnyx:{hashlib.sha256(signed).hexdigest()}"

    def _check_age(self, timestamp: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
            raise NotAuthenticError("its telnyx-timestamp is no time in seconds")
        off_by_seconds = abs(self.clock.now_ms() // 1000 - int(timestamp))
        if off_by_seconds > TOLERANCE_SECONDS:
            raise NotAuthenticError(
                f"it was signed {off_by_seconds} s from now, and only {TOLERANCE_SECONDS} are allowed; "
                "set this machine's clock"
            )


def _fits(key: "Ed25519PublicKey", signed: bytes, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    raw = _signature_bytes(signature)
    if raw is None:
        return False
    try:
        key.verify(raw, signed)
    except InvalidSignature:
        return False
    return True


def _signature_bytes(text: str) -> bytes | None:
    """Return what *text* holds in base64 of either alphabet (RFC 4648), of whatever length; None if it is none."""
    padded = text.rstrip("=").translate(_URL_SAFE) + "=="
    try:
        return b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return None
