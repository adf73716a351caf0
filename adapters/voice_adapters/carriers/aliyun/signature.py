"""How requests to Aliyun's interfaces are signed.

ACS3-HMAC-SHA256 signs the method, the path, the query and headers, and is what we send
(help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature). RPC HMAC-SHA1 signs the parameters alone
and is what older installations of the interface ask for
(help.aliyun.com/zh/sdk/product-overview/rpc-mechanism). Both are pure: time and nonce are the caller's.
"""

import base64
import hashlib
import hmac
import string
from collections.abc import Mapping
from typing import Final

import attrs

__all__ = ("ALGORITHM", "AccessKey", "RequestToSign", "authorization", "canonical_query", "rpc_signature")

ALGORITHM: Final = "ACS3-HMAC-SHA256"
# RFC 3986, section 2.3: what stays as it is; every other octet is written as two digits. A table, because every
# value of every request goes through it.
_UNRESERVED: Final = frozenset(string.ascii_letters + string.digits + "-_.~")
_WRITTEN: Final = tuple(chr(octet) if chr(octet) in _UNRESERVED else f"%{octet:02X}" for octet in range(256))


@attrs.frozen
class AccessKey:
    """Who asks."""

    id: str
    secret: str = attrs.field(repr=False)
    security_token: str | None = attrs.field(default=None, repr=False)
    """Comes with temporary credentials; None for those that last."""


@attrs.frozen(kw_only=True)
class RequestToSign:
    """What ACS3 signs of a request."""

    method: str
    path: str
    query: Mapping[str, str] = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    """All of them are signed. `x-acs-content-sha256`, the hash of the body, is one."""


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return *parameters* encoded and in the order of their names' code points; an empty value keeps its `=`."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters.items()))


def authorization(request: RequestToSign, key: AccessKey) -> str:
    """Return the `Authorization` header of *request*."""
    headers = sorted((name.lower(), value.strip()) for name, value in request.headers.items())
    names = ";".join(name for name, _ in headers)
    canonical = "\n".join(
        (
            request.method,
            request.path,
            canonical_query(request.query),
            *(f"{name}:{value}" for name, value in headers),
            "",
            names,
            next(value for name, value in headers if name == "x-acs-content-sha256"),
        )
    )
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(key.secret.encode(), to_sign.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={key.id},SignedHeaders={names},Signature={signature}"


def rpc_signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """Return the parameter `Signature` for *parameters*, which are all the others."""
    to_sign = f"{method}&{_encoded('/')}&{_encoded(canonical_query(parameters))}"
    return base64.b64encode(hmac.new(f"{secret}&".encode(), to_sign.encode(), "sha1").digest()).decode()


def _encoded(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    return "".join(map(_WRITTEN.__getitem__, text.encode(errors="replace")))
