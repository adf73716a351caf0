"""Plivo's signatures: every recorded vector, the SDK's own signer, and everything that must not count."""

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
from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3

from voice_adapters.carriers.plivo.signature import PlivoSignature, form_of
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "plivo" / "signatures.json").read_text(encoding="utf-8")
)["vectors"]
SETTLED = [vector for vector in VECTORS if not vector["quirk"]]
TOKEN = "plivo-test-auth-token-0123456789"
URL = "https://voice.example.com/voice/webhook"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
V3, MA_V3, NONCE_3 = "x-plivo-signature-v3", "x-plivo-signature-ma-v3", "x-plivo-signature-v3-nonce"
V2, NONCE_2 = "x-plivo-signature-v2", "x-plivo-signature-v2-nonce"


def request_of(vector: dict[str, Any]) -> WebhookRequest:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    if vector["body"]:
        headers["content-type"] = FORM
    return WebhookRequest(
        method=vector["method"],
        urls=(vector["url"],),
        query={},
        headers=headers,
        body=(vector["body"] or "").encode(),
    )


def key_of(request: WebhookRequest, token: str = TOKEN) -> str:
    """The key of a request; empty for one that is refused."""
    try:
        return PlivoSignature(auth_token=token).authenticate(request)
    except NotAuthenticError:
        return ""


def is_taken(request: WebhookRequest, token: str = TOKEN) -> bool:
    return key_of(request, token) != ""


def posted(
    form: dict[str, Any], *, url: str = URL, token: str = TOKEN, nonce: str = "n-1", **headers: str
) -> WebhookRequest:
    """A form post, signed over *url* as the SDK would."""
    signed = construct_post_url(url, dict(form)).decode()
    signature = get_signature_v3(token.encode(), signed, nonce).decode()
    given_headers = {"content-type": FORM, V3: signature, NONCE_3: nonce, **headers}
    body = urlencode(form, doseq=True).encode()
    return WebhookRequest(method="POST", urls=(url,), query={}, headers=given_headers, body=body)


def signed_2(url: str, nonce: str, token: str = TOKEN) -> str:
    return base64.b64encode(
        hmac.new(token.encode(), (url + nonce).encode(), hashlib.sha256).digest()
    ).decode()


def without(request: WebhookRequest, *names: str) -> WebhookRequest:
    headers = {name: value for name, value in request.headers.items() if name not in names}
    return attrs.evolve(request, headers=headers)


def with_headers(request: WebhookRequest, headers: dict[str, str]) -> WebhookRequest:
    return attrs.evolve(request, headers={**request.headers, **headers})


CALL = posted({"CallUUID": "u-1", "CallStatus": "ringing"}, url=f"{URL}?callId=c-1")


def test_there_are_vectors_of_both_verdicts_and_versions() -> None:
    assert {vector["expected"] for vector in SETTLED} == {True, False}
    assert {vector["version"] for vector in SETTLED} == {"v2", "v3"}
    assert len(SETTLED) == 35


@pytest.mark.parametrize("vector", SETTLED, ids=lambda vector: f"{vector['id']}-{vector['category']}")
def test_every_vector_gets_the_verdict_of_plivos_own_sdk(vector: dict[str, Any]) -> None:
    assert is_taken(request_of(vector), vector["secret"]) is vector["expected"], vector["note"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_no_vector_makes_the_check_fail_in_another_way(vector: dict[str, Any]) -> None:
    assert is_taken(request_of(vector), vector["secret"]) in (True, False)


def test_the_signature_of_the_main_account_counts_too() -> None:
    ours = CALL.headers[V3]

    assert is_taken(with_headers(without(CALL, V3), {MA_V3: ours}))
    assert is_taken(with_headers(CALL, {V3: "c29tZWJvZHkgZWxzZQ==", MA_V3: ours}))
    assert not is_taken(with_headers(CALL, {V3: "", MA_V3: "c29tZWJvZHkgZWxzZQ=="}))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", ""])
def test_only_get_and_post_are_signed(method: str) -> None:
    asked = construct_get_url(URL, {}).decode()
    headers = {V3: get_signature_v3(TOKEN.encode(), asked, "n").decode(), NONCE_3: "n"}
    request = WebhookRequest(method="GET", urls=(URL,), query={}, headers=headers, body=b"")

    assert is_taken(request)
    assert not is_taken(attrs.evolve(request, method=method))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b'{"CallUUID":"u-1"}'), ("", b"CallUUID=u-1"), (FORM, b"&&")],
)
def test_a_body_that_the_signature_does_not_cover_is_refused(content_type: str, body: bytes) -> None:
    bare = attrs.evolve(posted({}), headers={**posted({}).headers, "content-type": content_type})

    assert is_taken(bare)
    assert not is_taken(attrs.evolve(bare, body=body))


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_a_form_that_does_not_say_that_it_is_one_is_refused_although_it_is_signed(content_type: str) -> None:
    assert not is_taken(with_headers(CALL, {"content-type": content_type}))


def test_letter_case_and_blanks_of_methods_and_content_types_do_not_matter() -> None:
    dressed = with_headers(CALL, {"content-type": " Application/X-WWW-Form-Urlencoded ; charset=UTF-8"})

    assert is_taken(attrs.evolve(dressed, method="post"))


def test_bytes_that_are_no_text_are_refused_and_break_nothing() -> None:
    assert not is_taken(attrs.evolve(CALL, body=b"CallUUID=\xff"))
    assert not is_taken(with_headers(CALL, {V3: "\ud800"}))


def test_a_body_that_comes_with_a_get_is_refused() -> None:
    asked = construct_get_url(URL, {}).decode()
    headers = {"content-type": FORM, V3: get_signature_v3(TOKEN.encode(), asked, "n").decode(), NONCE_3: "n"}
    request = WebhookRequest(method="GET", urls=(URL,), query={}, headers=headers, body=b"CallUUID=u-2")

    assert not is_taken(request)
    assert form_of(request) == ()


def test_the_old_version_counts_where_the_new_one_is_absent_and_nowhere_else() -> None:
    old = {V2: signed_2(URL, "n-2"), NONCE_2: "n-2"}
    request = with_headers(without(CALL, V3, NONCE_3), old)

    assert is_taken(request)
    assert not is_taken(with_headers(request, {V3: "x", NONCE_3: "n"}))
    assert not is_taken(with_headers(request, {V3: ""}))
    assert not is_taken(with_headers(request, {NONCE_3: "n"}))
    assert not is_taken(with_headers(request, {MA_V3: "x"}))
    assert not is_taken(request, token="another")


@pytest.mark.parametrize("name", [V2, NONCE_2])
def test_half_of_the_old_version_is_nothing(name: str) -> None:
    request = WebhookRequest(
        method="POST", urls=(URL,), query={}, headers={V2: signed_2(URL, ""), NONCE_2: "n"}, body=b""
    )

    with pytest.raises(NotAuthenticError, match="no Plivo signature headers"):
        PlivoSignature(auth_token=TOKEN).authenticate(
            attrs.evolve(request, headers={name: signed_2(URL, "")})
        )


@pytest.mark.parametrize("name", [V3, NONCE_3])
def test_half_of_the_new_version_is_nothing(name: str) -> None:
    with pytest.raises(NotAuthenticError, match="no X-Plivo-Signature-V3 or no nonce"):
        PlivoSignature(auth_token=TOKEN).authenticate(without(CALL, name))


def test_an_empty_nonce_does_not_count_even_if_it_was_signed() -> None:
    assert not is_taken(posted({"CallUUID": "u-1"}, nonce=""))
    old = {V2: signed_2(URL, ""), NONCE_2: ""}
    assert not is_taken(with_headers(without(CALL, V3, NONCE_3), old))


def test_without_a_token_nothing_is_authentic() -> None:
    with pytest.raises(NotAuthenticError, match=r"no plivo\.authToken"):
        PlivoSignature(auth_token="").authenticate(posted({"CallUUID": "u-1"}, token=""))


def test_any_of_the_candidate_urls_may_be_the_signed_one() -> None:
    (ours,) = CALL.urls

    assert is_taken(attrs.evolve(CALL, urls=("https://[broken", "https://other.example.com/", ours)))
    assert not is_taken(attrs.evolve(CALL, urls=("https://other.example.com/",)))
    assert not is_taken(attrs.evolve(CALL, urls=()))


def test_the_key_is_made_of_what_was_signed_and_of_nothing_else() -> None:
    dressed = with_headers(CALL, {"x-forwarded-for": "203.0.113.7"})
    listed = with_headers(CALL, {V3: f"c29tZWJvZHkgZWxzZQ==,{CALL.headers[V3]}"})
    other = posted({"CallUUID": "u-1", "CallStatus": "completed"}, url=f"{URL}?callId=c-1")
    later = posted({"CallUUID": "u-1", "CallStatus": "ringing"}, url=f"{URL}?callId=c-1", nonce="n-9")

    assert key_of(CALL) == key_of(dressed) == key_of(listed)
    assert len({key_of(CALL), key_of(other), key_of(later)}) == 3
    assert re.fullmatch("plivo:[0-9a-f]{64}", key_of(CALL))


def test_fields_cut_at_other_places_are_the_same_request_and_so_a_repetition() -> None:
    shifted = attrs.evolve(CALL, body=b"CallStatu=sringing&CallUUID=u-1")

    assert key_of(shifted) == key_of(CALL)


def test_the_old_versions_key_does_not_change_with_what_it_does_not_sign() -> None:
    headers = {"content-type": FORM, V2: signed_2(URL, "n-2"), NONCE_2: "n-2"}
    request = WebhookRequest(method="POST", urls=(URL,), query={}, headers=headers, body=b"CallUUID=u-1")
    forged = attrs.evolve(request, body=b"CallUUID=u-2", urls=(f"{URL}?callId=c-9",))

    assert key_of(request) == key_of(forged) != ""


def test_the_token_is_in_no_representation_and_in_no_error() -> None:
    checker = PlivoSignature(auth_token=TOKEN)

    with pytest.raises(NotAuthenticError, match=r"plivo\.authToken") as refused:
        checker.authenticate(posted({"CallUUID": "u-1"}, token="wrong"))

    assert TOKEN not in repr(checker) + str(refused.value)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FIELDS = st.dictionaries(NAMES, st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8)))


@given(
    FIELDS, st.sampled_from(["", ":443", ":8443"]), st.sampled_from(["", "?b=2&a=1&a=0", "?x=a+b&e=&c=%20"])
)
def test_whatever_the_sdk_signs_is_taken(fields: dict[str, list[str]], port: str, query: str) -> None:
    url = f"https://voice.example.com{port}/voice/webhook{query}"
    present = {name: values for name, values in fields.items() if values}
    request = posted(present, url=url)

    assert is_taken(request)
    assert not is_taken(request, TOKEN + "x")


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=60), st.text(max_size=80))
def test_any_garbage_is_refused_quietly(body: bytes, signature: str, nonce: str, url: str) -> None:
    new = {"content-type": FORM, V3: signature, NONCE_3: nonce}
    old = {"content-type": FORM, V2: signature, NONCE_2: nonce}
    request = WebhookRequest(method="POST", urls=(url,), query={}, headers=new, body=body)

    assert not is_taken(request)
    assert not is_taken(attrs.evolve(request, headers=old))
