"""Signatures of webhooks that we send, by Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks)."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

__all__ = ("signed_headers",)

_PREFIX: Final = "whsec_"


def signed_headers(message_id: str, at_seconds: int, body: bytes, secret: str | None) -> dict[str, str]:
    """Return the headers of one post: id and time, and a signature if there is a *secret*.

    The id stays the same when a post is repeated, so that a receiver can leave out what it has.
    """
    headers = {"webhook-id": message_id, "webhook-timestamp": str(at_seconds)}
    if secret:
        signed = f"{message_id}.{at_seconds}.".encode() + body
        digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def _key(secret: str) -> bytes:
    text = secret.removeprefix(_PREFIX)
    if text != secret:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            return text.encode()
    return secret.encode()
