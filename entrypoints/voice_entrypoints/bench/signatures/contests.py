"""The same signatures, checked by us and by the vendor's own library.

Every request is another one: what is remembered from the one before must not help.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

import attrs
import msgspec

from voice_adapters.carriers.aliyun.signature import AccessKey, RequestToSign, authorization
from voice_adapters.carriers.plivo import PlivoSignature
from voice_adapters.carriers.telnyx import TelnyxSignature, read_public_key
from voice_adapters.carriers.twilio import TwilioSignature
from voice_adapters.clock import SystemClock
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.twilio.signature import sign
from voice_domain.ports.webhook_reader import WebhookRequest

__all__ = ("CONTESTS", "REQUESTS", "Check", "Contest")

REQUESTS: Final = 64
"""How many different requests each checks in turn."""

Check: TypeAlias = Callable[[int], object]
"""Checks the request of a number, from 0 to `REQUESTS`; fails if it is not authentic."""

_URL: Final = "https://voice.example.com/voice/webhook?callId=call-1&type=status"
_TOKEN: Final = "bench-auth-token-0123456789abcdef"  # noqa: S105 - of an account that does not exist
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


@attrs.frozen
class Contest:
    """One carrier's signature."""

    what: str
    ours: Callable[[], Check]
    theirs: Callable[[], Check]
    """Raises ImportError without the vendor's library."""
    install: str
    """The package that brings it."""


def _fields(number: int) -> dict[str, str]:
    """Return a status callback as carriers send them, of some twenty fields."""
    names = ("CallSid", "AccountSid", "From", "To", "CallStatus", "Direction", "ApiVersion", "SequenceNumber")
    known = {name: f"{name}-{number:08d}" for name in names}
    return known | {f"Detail{place}": f"value {place} of {number} 通话" for place in range(12)}


def _forms() -> list[bytes]:
    return [urlencode(_fields(number)).encode() for number in range(REQUESTS)]


def _posted(body: bytes, headers: dict[str, str]) -> WebhookRequest:
    return WebhookRequest(method="POST", urls=(_URL,), query={}, headers=headers, body=body)


def _held(fits: object) -> None:
    if not fits:
        raise AssertionError("an authentic request was refused")


def _twilio_requests() -> list[tuple[bytes, str]]:
    return [(body, sign(_TOKEN, _URL, parse_qsl(body.decode()))) for body in _forms()]


def _our_twilio() -> Check:
    checker = TwilioSignature(auth_token=_TOKEN)
    posted = [_posted(body, {**_FORM, "x-twilio-signature": mac}) for body, mac in _twilio_requests()]
    return lambda number: checker.authenticate(posted[number])


def _their_twilio() -> Check:
    from twilio.request_validator import RequestValidator

    validator, requests = RequestValidator(_TOKEN), _twilio_requests()

    def check(number: int) -> None:
        body, mac = requests[number]
        _held(validator.validate(_URL, dict(parse_qsl(body.decode(), keep_blank_values=True)), mac))

    return check


def _plivo_requests() -> list[tuple[bytes, str, str]]:
    """Sign as www.plivo.com/docs/voice/concepts/signature-validation says, version 3."""
    requests = []
    for number, body in enumerate(_forms()):
        root, _, query = _URL.partition("?")
        asked = "&".join(sorted(query.split("&")))
        fields = "".join(name + value for name, value in sorted(_fields(number).items()))
        signed = f"{root}?{asked}.{fields}.nonce-{number}"
        mac = hmac.new(_TOKEN.encode(), signed.encode(), hashlib.sha256).digest()
        requests.append((body, f"nonce-{number}", base64.b64encode(mac).decode()))
    return requests


def _our_plivo() -> Check:
    checker = PlivoSignature(auth_token=_TOKEN)
    posted = [
        _posted(body, {**_FORM, "x-plivo-signature-v3": mac, "x-plivo-signature-v3-nonce": nonce})
        for body, nonce, mac in _plivo_requests()
    ]
    return lambda number: checker.authenticate(posted[number])


def _their_plivo() -> Check:
    from plivo.utils import validate_v3_signature

    requests = _plivo_requests()

    def check(number: int) -> None:
        body, nonce, mac = requests[number]
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        _held(validate_v3_signature("POST", _URL, nonce, _TOKEN, mac, fields))

    return check


def _telnyx_requests() -> list[tuple[bytes, dict[str, str]]]:
    key, stamp = TelnyxAccount().signing_key(), str(SystemClock().now_ms() // 1000)
    bodies = [msgspec.json.encode({"data": {"payload": _fields(number)}}) for number in range(REQUESTS)]
    return [
        (
            body,
            {
                "telnyx-timestamp": stamp,
                "telnyx-signature-ed25519": base64.b64encode(key.sign(f"{stamp}|".encode() + body)).decode(),
            },
        )
        for body in bodies
    ]


def _our_telnyx() -> Check:
    checker = TelnyxSignature(public_key=read_public_key(TelnyxAccount().public_key), clock=SystemClock())
    posted = [_posted(body, headers) for body, headers in _telnyx_requests()]

    def check(number: int) -> None:
        checker.authenticate(posted[number])
        msgspec.json.decode(posted[number].body)

    return check


def _their_telnyx() -> Check:
    import nacl.signing  # noqa: F401 - the library imports it too late to be missed in time
    from telnyx import Telnyx

    account = TelnyxAccount()
    webhooks: Any = Telnyx(api_key=account.api_key, public_key=account.public_key).webhooks
    requests = [(body.decode(), headers) for body, headers in _telnyx_requests()]

    def check(number: int) -> None:
        body, headers = requests[number]
        webhooks.unwrap(body, headers=headers)

    return check


def _aliyun_headers(number: int) -> dict[str, str]:
    return {
        "accept": "application/json",
        "host": "dyvmsapi.aliyuncs.com",
        "x-acs-action": "SmartCall",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2026-01-01T00:00:00Z",
        "x-acs-signature-nonce": f"nonce-{number}",
        "x-acs-version": "2017-05-25",
    }


def _our_aliyun() -> Check:
    key = AccessKey("bench-key", _TOKEN)
    requests = [
        RequestToSign(method="POST", path="/", query=_fields(number), headers=_aliyun_headers(number))
        for number in range(REQUESTS)
    ]
    return lambda number: authorization(requests[number], key)


def _their_aliyun() -> Check:
    from alibabacloud_openapi_util.client import Client
    from Tea.request import TeaRequest

    requests = []
    for number in range(REQUESTS):
        request = TeaRequest()
        request.method, request.pathname = "POST", "/"
        request.query, request.headers = _fields(number), _aliyun_headers(number)
        requests.append(request)
    nothing = hashlib.sha256(b"").hexdigest()
    return lambda number: Client.get_authorization(
        requests[number], "ACS3-HMAC-SHA256", nothing, "bench-key", _TOKEN
    )


CONTESTS: Final = (
    Contest("twilio, form and HMAC-SHA1", _our_twilio, _their_twilio, "twilio"),
    Contest("telnyx, Ed25519 and JSON", _our_telnyx, _their_telnyx, "telnyx[webhooks]"),
    Contest("plivo, form and HMAC-SHA256", _our_plivo, _their_plivo, "plivo"),
    Contest("aliyun, signing a request", _our_aliyun, _their_aliyun, "alibabacloud-openapi-util"),
)
"""One for each carrier that signs, or has us sign."""
