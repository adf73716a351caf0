"""How Twilio signs what it sends (www.twilio.com/docs/usage/webhooks/webhooks-security), and how that is checked.

A form post is signed with its URL and its fields, everything else with its URL alone; a body that is no form is held
by its digest in the URL. Everything is compared in constant time, and nothing unsigned decides anything.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import attrs

from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

__all__ = ("SIGNATURE_HEADER", "TwilioSignature", "form_of")

SIGNATURE_HEADER: Final = "x-twilio-signature"
_SETTINGS_HEADER: Final = "x-twilio-webhooks-signature-settings"
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_DIGEST_FIELD: Final = "bodySHA256"
_DEFAULT_PORTS: Final = {"https": 443, "wss": 443}


def form_of(request: WebhookRequest) -> tuple[tuple[str, str], ...]:
    """Return the fields of a form post, empty ones included; nothing for any other request."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method.upper() != "POST" or content_type != _FORM_TYPE:
        return ()
    return _parsed(request.body)


# A webhook is looked at four times, to be authenticated, translated and answered, and a few come at once.
@lru_cache(maxsize=16)
def _parsed(body: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


@attrs.frozen(kw_only=True)
class TwilioSignature:
    """Checks signatures with the account's auth token, or a shared key where the request names one."""

    auth_token: str = attrs.field(repr=False)
    shared_keys: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Secrets of the keys for HMAC-SHA256, by the names that requests give."""

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from what was signed, the same for the same request.

        Raises:
            NotAuthenticError: if no candidate URL fits the signature; says what to look at.
        """
        signature = request.headers.get(SIGNATURE_HEADER, "")
        if not signature:
            raise NotAuthenticError("it has no X-Twilio-Signature header, so it does not come from Twilio")
        algorithm, secret = self._means(request.headers.get(_SETTINGS_HEADER))
        fields = _signed_fields(form_of(request))
        for url in (variant for candidate in request.urls for variant in _variants(candidate)):
            signed = (url + fields).encode("utf-8", "surrogatepass")
            if _fits(signed, signature, secret, algorithm) and _holds_body(url, request):
                digest = hashlib.sha256(signed).hexdigest()
                return f"twilio:{digest}"
        raise NotAuthenticError(
            "its X-Twilio-Signature fits none of our public URLs; compare publicUrl with the address that is set in "
            "Twilio's console, and twilio.authToken with the account's primary auth token"
        )

    def _means(self, settings: str | None) -> tuple[str, str]:
        """Return the algorithm and the secret that a request says it was signed with."""
        if settings is None:
            return "sha1", self.auth_token
        said = dict(part.strip().partition("=")[::2] for part in settings.split(","))
        secret = self.shared_keys.get(said["key"]) if "key" in said else None
        if said.get("algorithm") != "HMAC_SHA256":
            raise NotAuthenticError("it is signed with an algorithm that we do not know; use HMAC_SHA256")
        if not secret:
            raise NotAuthenticError(
                "it is signed with a shared key that we do not have; sign with the auth token"
            )
        return "sha256", secret


def _fits(signed: bytes, signature: str, secret: str, algorithm: str) -> bool:
    mac = hmac.new(secret.encode(), signed, algorithm).digest()
    wanted = base64.b64encode(mac)
    return hmac.compare_digest(wanted, signature.encode("utf-8", "replace"))


def _signed_fields(form: tuple[tuple[str, str], ...]) -> str:
    # Identical pairs count once; names and then values are in the order of their code points.
    return "".join(name + value for name, value in sorted(set(form)))


def _holds_body(url: str, request: WebhookRequest) -> bool:
    """Whether the body is covered: by the fields of a form, by its digest in the signed URL, or by being empty."""
    if form_of(request):
        return True
    digests = [
        value
        for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
        if name == _DIGEST_FIELD
    ]
    if not digests:
        return not request.body
    body = hashlib.sha256(request.body).hexdigest().encode()
    return all(hmac.compare_digest(body, digest.encode("utf-8", "replace")) for digest in digests)


def _variants(url: str) -> Iterator[str]:
    """Yield *url*, and with its port dropped, and with the port of its scheme: Twilio may have signed any of them."""
    yield url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    if port is not None:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))
    elif parts.netloc:
        default = _DEFAULT_PORTS.get(parts.scheme, 80)
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{default}"))
