"""How Plivo signs what it sends (www.plivo.com/docs/voice/concepts/signature-validation), and how that is checked.

Version 3 signs the URL, a form's fields and a nonce. Version 2, which old accounts may still send, signs the URL
without its query and a nonce: it counts only where version 3 is not spoken at all. Everything is compared in constant
time, and nothing unsigned decides anything.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import attrs

from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

__all__ = ("NONCE_HEADERS", "PlivoSignature", "form_of")

_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_NONCE_3: Final = "x-plivo-signature-v3-nonce"
_NONCE_2: Final = "x-plivo-signature-v2-nonce"
_SIGNATURE_2: Final = "x-plivo-signature-v2"
# The second is made with the main account's token, where the number belongs to a subaccount.
_SIGNATURES_3: Final = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")

NONCE_HEADERS: Final = (_NONCE_3, _NONCE_2)
"""A request has one of these."""


def form_of(request: WebhookRequest) -> tuple[tuple[str, str], ...]:
    """Return the fields of a form post, empty ones included; nothing for any other request."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method.upper() != "POST" or content_type != _FORM_TYPE:
        return ()
    return _parsed(request.body)


# A webhook is looked at several times, to be authenticated, translated and answered, and a few come at once.
@lru_cache(maxsize=16)
def _parsed(body: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


@attrs.frozen(kw_only=True)
class PlivoSignature:
    """Checks signatures with the account's auth token."""

    auth_token: str = attrs.field(repr=False)

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from what was signed, the same for the same request.

        Raises:
            NotAuthenticError: if no candidate URL fits a signature; says what to look at.
        """
        if not self.auth_token:
            raise NotAuthenticError(
                "there is no plivo.authToken to check it with; set it, or PLIVO_AUTH_TOKEN"
            )
        speaks_3 = any(name in request.headers for name in (*_SIGNATURES_3, _NONCE_3))
        attempts = self._version_3(request) if speaks_3 else self._version_2(request)
        for signed, signatures in attempts:
            if self._fits(signed, signatures):
                return f"plivo:{hashlib.sha256(signed).hexdigest()}"
        raise NotAuthenticError(
            "its signature fits none of our public URLs; compare publicUrl with the address that is set in Plivo's "
            "console, and plivo.authToken with the auth token of the account that the number belongs to"
        )

    def _version_3(self, request: WebhookRequest) -> Iterator[tuple[bytes, list[str]]]:
        nonce = request.headers.get(_NONCE_3, "")
        listed = [request.headers[name] for name in _SIGNATURES_3 if request.headers.get(name)]
        if not (nonce and listed):
            raise NotAuthenticError(
                "it has no X-Plivo-Signature-V3 or no nonce, so it does not come from Plivo"
            )
        form = form_of(request)
        if request.method.upper() not in ("GET", "POST") or (request.body and not form):
            raise NotAuthenticError("its signature does not cover its body; Plivo sends forms by POST")
        for parts in _split(request.urls):
            signed = f"{_root(parts)}{_query_and_fields(parts.query, form)}.{nonce}"
            # Several signatures stand without blanks (the vendor's SDK does not trim them either).
            yield _bytes(signed), [each for value in listed for each in value.split(",")]

    def _version_2(self, request: WebhookRequest) -> Iterator[tuple[bytes, list[str]]]:
        nonce, signature = request.headers.get(_NONCE_2, ""), request.headers.get(_SIGNATURE_2, "")
        if not (nonce and signature):
            raise NotAuthenticError(
                "it has no Plivo signature headers (V3 or V2), so it does not come from Plivo"
            )
        for parts in _split(request.urls):
            yield _bytes(_root(parts) + nonce), [signature]

    def _fits(self, signed: bytes, signatures: list[str]) -> bool:
        wanted = base64.b64encode(hmac.new(self.auth_token.encode(), signed, hashlib.sha256).digest())
        fits = [hmac.compare_digest(wanted, _bytes(signature)) for signature in signatures]
        return any(fits)


def _query_and_fields(query: str, form: tuple[tuple[str, str], ...]) -> str:
    # Names, and values of one name, are in the order of their code points; repeated pairs count as often as they come.
    asked = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(query, keep_blank_values=True)))
    if form:
        fields = "".join(name + value for name, value in sorted(form))
        return f"?{asked}.{fields}" if asked else f"?{fields}"
    return f"?{asked}" if asked else ""


def _root(parts: SplitResult) -> str:
    # The port stays as it was written: an explicit one is not the same as none.
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _split(urls: tuple[str, ...]) -> Iterator[SplitResult]:
    for url in urls:
        try:
            yield urlsplit(url)
        except ValueError:
            continue


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
