"""Telnyx's signatures: every recorded vector, every way to write the key, and everything that must not count."""

import json
import re
import subprocess
import sys
from base64 import b64decode, b64encode, urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.telnyx import BadPublicKeyError, TelnyxSignature, read_public_key
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

if TYPE_CHECKING:
    from conftest import Webhooks

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "telnyx" / "signatures.json").read_text(encoding="utf-8")
)
VECTORS: list[dict[str, Any]] = RECORDED["vectors"]
KEY: str = RECORDED["public_key_base64"]
NOW = 1_770_000_000
# The SDK takes the portal's form of the key only; we take what people paste, so the same signature counts.
DER_KEY = "tx-054"
SETTLED = [vector for vector in VECTORS if not vector["quirk"] and vector["id"] != DER_KEY]
ARROW = "telnyx-signature-ed25519"


@attrs.frozen
class At(Clock):
    seconds: int = NOW

    def now_ms(self) -> int:
        return self.seconds * 1000 + 999


def checker(key: str = KEY, now: int = NOW) -> TelnyxSignature:
    return TelnyxSignature(public_key=read_public_key(key), clock=At(now))


def request_of(vector: dict[str, Any]) -> WebhookRequest:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    return WebhookRequest(method="POST", urls=(), query={}, headers=headers, body=vector["body"].encode())


def is_taken(vector: dict[str, Any]) -> bool:
    try:
        return bool(checker(vector["public_key"], vector["now"]).authenticate(request_of(vector)))
    except (NotAuthenticError, BadPublicKeyError):
        return False


def the(vector_id: str) -> dict[str, Any]:
    return next(vector for vector in VECTORS if vector["id"] == vector_id)


def test_there_are_vectors_of_both_verdicts() -> None:
    assert {vector["expected"] for vector in SETTLED} == {True, False}
    assert len(VECTORS) == RECORDED["count"] == 34
    assert len(SETTLED) == 31


@pytest.mark.parametrize("vector", SETTLED, ids=lambda vector: f"{vector['id']}-{vector['category']}")
def test_every_vector_gets_the_verdict_of_telnyxs_own_sdk(vector: dict[str, Any]) -> None:
    assert is_taken(vector) is vector["expected"], vector["note"]


def test_the_key_counts_in_der_too_and_a_signature_in_the_url_safe_alphabet() -> None:
    assert is_taken(the(DER_KEY))
    assert is_taken(the("tx-053"))


def test_a_timestamp_with_a_blank_is_refused() -> None:
    assert not is_taken(the("tx-041"))


def test_the_key_is_the_same_however_the_signature_is_written(webhooks: "Webhooks") -> None:
    request = webhooks.signed(b"{}")
    raw = b64decode(request.headers[ARROW])
    spellings = [
        request.headers[ARROW],
        request.headers[ARROW].rstrip("="),
        urlsafe_b64encode(raw).decode(),
        urlsafe_b64encode(raw).decode().rstrip("="),
    ]

    keys = {
        checker().authenticate(attrs.evolve(request, headers={**request.headers, ARROW: text}))
        for text in spellings
    }

    assert len(keys) == 1
    assert re.fullmatch("telnyx:[0-9a-f]{64}", keys.pop())


def test_another_body_or_another_time_is_another_key(webhooks: "Webhooks") -> None:
    requests = [webhooks.signed(b"{}"), webhooks.signed(b"{ }"), webhooks.signed(b"{}", NOW - 1)]

    assert len({checker().authenticate(request) for request in requests}) == 3


@pytest.mark.parametrize("offset", [-300, 300])
def test_five_minutes_either_way_are_allowed_and_a_second_more_is_not(
    webhooks: "Webhooks", offset: int
) -> None:
    further = offset + (1 if offset > 0 else -1)

    assert checker().authenticate(webhooks.signed(b"{}", NOW + offset))
    with pytest.raises(NotAuthenticError, match="301 s from now"):
        checker().authenticate(webhooks.signed(b"{}", NOW + further))
    with pytest.raises(NotAuthenticError, match="s from now"):
        checker().authenticate(webhooks.signed(b"{}", 10**11))


def test_without_a_key_nothing_is_believed(webhooks: "Webhooks") -> None:
    with pytest.raises(NotAuthenticError, match=r"set telnyx\.publicKey"):
        TelnyxSignature(public_key=None, clock=At()).authenticate(webhooks.signed(b"{}"))


@pytest.mark.parametrize("missing", [ARROW, "telnyx-timestamp"])
def test_a_request_without_one_of_the_headers_is_told_what_it_lacks(
    webhooks: "Webhooks", missing: str
) -> None:
    request = webhooks.signed(b"{}")
    headers = {name: value for name, value in request.headers.items() if name != missing}

    with pytest.raises(NotAuthenticError, match="telnyx-signature-ed25519 and telnyx-timestamp"):
        checker().authenticate(attrs.evolve(request, headers=headers))


def test_a_public_key_is_taken_in_every_form_in_which_people_paste_it(webhooks: "Webhooks") -> None:
    public = webhooks.key.public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    forms = [
        KEY,
        f" {KEY}\n",
        f"{KEY[:20]} \n{KEY[20:]}",
        b64encode(der).decode(),
        pem,
        pem.replace("\n", "\\n"),
        pem.strip(),
    ]

    raw = {read_public_key(form).public_bytes(Encoding.Raw, PublicFormat.Raw) for form in forms}

    assert raw == {b64decode(KEY)}


@pytest.mark.parametrize("text", ["", "KEY0123", "Vu3P", KEY + KEY, "ключ", "-----BEGIN PUBLIC KEY-----"])
def test_what_is_no_key_is_refused_with_where_to_find_it(text: str) -> None:
    with pytest.raises(BadPublicKeyError, match=r"telnyx\.publicKey is no Ed25519 public key") as refused:
        read_public_key(text)
    assert refused.value.kind == "invalid_settings"


@given(st.binary(max_size=100), st.text(max_size=100), st.text(max_size=20))
def test_any_garbage_is_refused_quietly(body: bytes, signature: str, timestamp: str) -> None:
    headers = {ARROW: signature, "telnyx-timestamp": timestamp}
    timely = {ARROW: signature, "telnyx-timestamp": str(NOW)}

    for given_headers in (headers, timely):
        request = WebhookRequest(method="POST", urls=(), query={}, headers=given_headers, body=body)
        with pytest.raises(NotAuthenticError):
            checker().authenticate(request)


def test_without_the_extra_the_error_names_it() -> None:
    program = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from voice_adapters.carriers.telnyx import read_public_key\n"
        "from voice_domain.ports.switchboard import UnavailableError\n"
        "try: read_public_key('x')\n"
        "except UnavailableError as error: print(error)\n"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "pip install 'voicecall[telnyx]'" in said.stdout


@pytest.mark.parametrize(
    "timestamp", ["9" * 13, "9" * 5_000, "-1770000000", "1770000000.0", "１７７００００００００"]
)
def test_a_timestamp_that_is_no_time_in_seconds_is_refused(webhooks: "Webhooks", timestamp: str) -> None:
    request = webhooks.signed(b"{}")
    headers = {**request.headers, "telnyx-timestamp": timestamp}

    with pytest.raises(NotAuthenticError, match="no time in seconds"):
        checker().authenticate(attrs.evolve(request, headers=headers))


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(webhooks: "Webhooks", length: int) -> None:
    request = webhooks.signed(b"{}")
    raw = (b64decode(request.headers[ARROW]) * 2)[:length]
    headers = {**request.headers, ARROW: b64encode(raw).decode() or "="}

    with pytest.raises(NotAuthenticError, match="does not fit"):
        checker().authenticate(attrs.evolve(request, headers=headers))


@pytest.mark.parametrize("place", [0, 8, 88])
def test_a_signature_with_something_strewn_into_it_is_refused(webhooks: "Webhooks", place: int) -> None:
    request = webhooks.signed(b"{}")
    written = request.headers[ARROW]
    headers = {**request.headers, ARROW: f"{written[:place]}!{written[place:]}"}

    with pytest.raises(NotAuthenticError, match="does not fit"):
        checker().authenticate(attrs.evolve(request, headers=headers))
