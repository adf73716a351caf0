"""Signs what the twin sends, as Plivo does (www.plivo.com/docs/voice/concepts/signature-validation)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

__all__ = ("sign_v2", "sign_v3")


def sign_v3(token: str, method: str, url: str, nonce: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """Return the `X-Plivo-Signature-V3` of a request; *fields* are those of a form post, decoded.

    The query counts decoded and sorted; a form's fields follow it after a dot. The nonce is always the end.
    """
    parts = urlsplit(url)
    query = "&".join(
        f"{name}={value}" for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    posted = "".join(name + value for name, value in sorted(fields)) if method == "POST" else ""
    signed = _root(url)
    if query or posted:
        signed += f"?{query}"
    if query and posted:
        signed += "."
    return _signature(token, f"{signed}{posted}.{nonce}")


def sign_v2(token: str, url: str, nonce: str) -> str:
    """Return the `X-Plivo-Signature-V2` of a request: neither query nor body count."""
    return _signature(token, _root(url) + nonce)


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _signature(token: str, signed: str) -> str:
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
