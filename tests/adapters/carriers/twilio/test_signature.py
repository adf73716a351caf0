"""Twilio's signatures: every recorded vector, the SDK's own validator, and everything that must not count."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from voice_adapters.carriers.twilio.signature import TwilioSignature, form_of
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "twilio" / "signatures.json").read_text(encoding="utf-8")
)["vectors"]
SETTLED = [vector for vector in VECTORS if not vector["quirk"]]
TOKEN = "test-auth-token-0123456789abcdef"
URL = "https://voice.example.com/voice/webhook"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def request_of(vector: dict[str, Any]) -> WebhookRequest:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    if vector["content_type"]:
        headers["content-type"] = vector["content_type"]
    return WebhookRequest(
        method=vector["method"],
        urls=(vector["url"],),
        query={},
        headers=headers,
        body=(vector["body"] or "").encode(),
    )


def checker_of(vector: dict[str, Any]) -> TwilioSignature:
    if vector["algorithm"] == "HMAC_SHA256" or "settings" in str(vector["headers"]).lower():
        return TwilioSignature(
            auth_token="another", shared_keys={"webhooks_sharedkey_test": vector["secret"]}
        )
    return TwilioSignature(auth_token=vector["secret"])


def is_taken(checker: TwilioSignature, request: WebhookRequest) -> bool:
    try:
        return bool(checker.authenticate(request))
    except NotAuthenticError:
        return False


def posted(body: str, *, url: str = URL, token: str = TOKEN, **headers: str) -> WebhookRequest:
    """A form post, signed over *url* as the SDK would."""
    pairs = [tuple(part.split("=", 1)) for part in body.split("&") if part]
    signed = RequestValidator(token).compute_signature(url, dict(pairs))
    given_headers = {"content-type": FORM, "x-twilio-signature": signed, **headers}
    return WebhookRequest(method="POST", urls=(url,), query={}, headers=given_headers, body=body.encode())


def test_there_are_vectors_of_both_verdicts() -> None:
    assert {vector["expected"] for vector in SETTLED} == {True, False}
    assert len(SETTLED) > 40


@pytest.mark.parametrize("vector", SETTLED, ids=lambda vector: f"{vector['id']}-{vector['category']}")
def test_every_vector_gets_the_verdict_of_twilios_own_sdk(vector: dict[str, Any]) -> None:
    assert is_taken(checker_of(vector), request_of(vector)) is vector["expected"], vector["note"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_no_vector_makes_the_check_fail_in_another_way(vector: dict[str, Any]) -> None:
    assert is_taken(checker_of(vector), request_of(vector)) in (True, False)


def test_an_empty_digest_does_not_switch_the_check_of_the_body_off() -> None:
    vector = next(vector for vector in VECTORS if vector["id"] == "tw-067")

    assert not is_taken(checker_of(vector), request_of(vector))


def test_json_without_a_digest_in_its_url_is_refused_although_the_url_is_signed() -> None:
    signature = RequestValidator(TOKEN).compute_signature(URL, {})
    headers = {"content-type": "application/json", "x-twilio-signature": signature}
    request = WebhookRequest(method="POST", urls=(URL,), query={}, headers=headers, body=b'{"a":1}')

    assert not is_taken(TwilioSignature(auth_token=TOKEN), request)
    assert is_taken(TwilioSignature(auth_token=TOKEN), attrs.evolve(request, body=b""))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("key=ours,algorithm=HMAC_SHA512", "an algorithm that we do not know"),
        ("key=ours", "an algorithm that we do not know"),
        ("", "an algorithm that we do not know"),
        ("key=theirs,algorithm=HMAC_SHA256", "a shared key that we do not have"),
        ("algorithm=HMAC_SHA256", "a shared key that we do not have"),
    ],
)
def test_unknown_ways_to_sign_are_refused_and_never_ignored(settings: str, problem: str) -> None:
    request = posted("CallSid=CA1", **{"x-twilio-webhooks-signature-settings": settings})

    with pytest.raises(NotAuthenticError, match=problem):
        TwilioSignature(auth_token=TOKEN, shared_keys={"ours": "secret"}).authenticate(request)


def test_a_shared_key_without_a_name_is_one_that_requests_have_to_name() -> None:
    request = posted("CallSid=CA1", **{"x-twilio-webhooks-signature-settings": "algorithm=HMAC_SHA256"})

    with pytest.raises(NotAuthenticError, match="a shared key that we do not have"):
        TwilioSignature(auth_token=TOKEN, shared_keys={"ours": "s", "key": "s"}).authenticate(request)


def test_a_body_of_no_known_type_is_no_form() -> None:
    request = posted("CallSid=CA1")

    assert form_of(request) == (("CallSid", "CA1"),)
    assert form_of(attrs.evolve(request, headers={})) == ()


def test_letter_case_and_blanks_of_methods_and_content_types_do_not_matter_but_a_get_brings_no_form() -> None:
    request = posted("CallSid=CA1")
    content_type = {"content-type": " Application/X-WWW-Form-Urlencoded ; charset=UTF-8"}
    dressed = attrs.evolve(request, method="post", headers={**request.headers, **content_type})

    assert is_taken(TwilioSignature(auth_token=TOKEN), dressed)
    assert form_of(attrs.evolve(request, method="GET")) == ()


@pytest.mark.parametrize("others", ["", "&bodySHA256=00", "&bodySHA256=\ud800"])
def test_every_digest_in_the_url_has_to_be_that_of_the_body(others: str) -> None:
    body = b'{"a":1}'
    url = f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}{others}"
    mac = hmac.new(TOKEN.encode(), url.encode("utf-8", "surrogatepass"), "sha1").digest()
    headers = {"content-type": "application/json", "x-twilio-signature": base64.b64encode(mac).decode()}
    request = WebhookRequest(method="POST", urls=(url,), query={}, headers=headers, body=body)

    assert is_taken(TwilioSignature(auth_token=TOKEN), request) is (others == "")


def test_any_of_the_candidate_urls_may_be_the_signed_one() -> None:
    request = posted("CallSid=CA1")
    checker = TwilioSignature(auth_token=TOKEN)

    assert is_taken(checker, attrs.evolve(request, urls=("https://other.example.com/", URL)))
    assert not is_taken(checker, attrs.evolve(request, urls=("https://other.example.com/",)))
    assert not is_taken(checker, attrs.evolve(request, urls=()))


def test_a_request_without_a_signature_is_told_what_it_lacks() -> None:
    request = attrs.evolve(posted("CallSid=CA1"), headers={"content-type": FORM})

    with pytest.raises(NotAuthenticError, match="no X-Twilio-Signature"):
        TwilioSignature(auth_token=TOKEN).authenticate(request)


def test_the_key_is_made_of_what_was_signed_and_of_nothing_else() -> None:
    checker = TwilioSignature(auth_token=TOKEN)
    request = posted("CallSid=CA1&CallStatus=ringing")
    dressed = attrs.evolve(request, headers={**request.headers, "i-twilio-idempotency-token": "new"})
    other = posted("CallSid=CA1&CallStatus=completed")

    assert checker.authenticate(request) == checker.authenticate(dressed)
    assert checker.authenticate(request) != checker.authenticate(other)
    assert re.fullmatch("twilio:[0-9a-f]{64}", checker.authenticate(request))


def test_the_token_is_in_no_representation_and_in_no_error() -> None:
    checker = TwilioSignature(auth_token=TOKEN, shared_keys={"k": "shared-secret"})

    with pytest.raises(NotAuthenticError) as refused:
        checker.authenticate(posted("CallSid=CA1", token="wrong"))

    assert TOKEN not in repr(checker) + str(refused.value)
    assert "shared-secret" not in repr(checker)


class Repeated(dict[str, list[str]]):
    """Fields of which some come more than once, as web frameworks give them to the SDK."""

    def getall(self, name: str) -> list[str]:
        return self[name]


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FIELDS = st.dictionaries(NAMES, st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8)))


@given(FIELDS, st.sampled_from(["", ":443", ":8443"]), st.sampled_from(["", "?a=%20&b=1", "?callId=c-1"]))
def test_whatever_the_sdk_signs_is_taken(fields: dict[str, list[str]], port: str, query: str) -> None:
    url = f"https://voice.example.com{port}/voice/webhook{query}"
    present = {name: values for name, values in fields.items() if values}
    signature = RequestValidator(TOKEN).compute_signature(url, Repeated(present))
    body = urlencode(present, doseq=True)
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    request = WebhookRequest(method="POST", urls=(url,), query={}, headers=headers, body=body.encode())

    assert is_taken(TwilioSignature(auth_token=TOKEN), request)
    assert not is_taken(TwilioSignature(auth_token=TOKEN + "x"), request)


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=60), st.text(max_size=80))
def test_any_garbage_is_refused_quietly(body: bytes, signature: str, settings: str, url: str) -> None:
    headers = {
        "content-type": FORM,
        "x-twilio-signature": signature,
        "x-twilio-webhooks-signature-settings": settings,
    }
    request = WebhookRequest(method="POST", urls=(url,), query={}, headers=headers, body=body)
    unset = attrs.evolve(request, headers={"content-type": FORM, "x-twilio-signature": signature})

    assert not is_taken(TwilioSignature(auth_token=TOKEN, shared_keys={"k": "s"}), request)
    assert not is_taken(TwilioSignature(auth_token=TOKEN), unset)


def test_a_shared_key_signs_with_sha256() -> None:
    body = "CallSid=CA1"
    mac = hmac.new(b"secret", f"{URL}CallSidCA1".encode(), hashlib.sha256).digest()
    settings = {"x-twilio-webhooks-signature-settings": "key=ours, algorithm=HMAC_SHA256"}
    signed = {"x-twilio-signature": base64.b64encode(mac).decode()}
    request = posted(body, **settings, **signed)

    assert is_taken(TwilioSignature(auth_token=TOKEN, shared_keys={"ours": "secret"}), request)
