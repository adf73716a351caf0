"""Signs what the twin sends, as Telnyx does: Ed25519 (RFC 8032) over the moment and the body."""

from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whoever only reads this needs no cryptography
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ("signed",)


def signed(key: "Ed25519PrivateKey", body: bytes, at_ms: int) -> dict[str, str]:
    """Return the headers of a webhook that is sent at *at_ms*: the moment, and the signature of both."""
    stamp = str(at_ms // 1000)
    signature = key.sign(f"{stamp}|".encode() + body)
    return {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": b64encode(signature).decode()}
