"""Signs what the twin sends, as Twilio does (www.twilio.com/docs/usage/security)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

__all__ = ("sign",)


def sign(token: str, url: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """Return the `X-Twilio-Signature` of a form post; without *fields*, that of a GET or an upgrade.

    Names and values go in code-point order, and identical pairs count once.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
