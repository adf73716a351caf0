"""Requests are signed as the vendor's own SDK signs them."""

import json
from pathlib import Path
from typing import Any

import pytest

from voice_adapters.carriers.aliyun.signature import (
    AccessKey,
    RequestToSign,
    authorization,
    canonical_query,
    rpc_signature,
)

FILE = Path(__file__).parents[3] / "vectors" / "aliyun" / "signatures.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
ACS3 = [vector for vector in VECTORS if vector["scheme"] == "ACS3-HMAC-SHA256"]
RPC = [vector for vector in VECTORS if vector["scheme"] == "RPC-HMAC-SHA1"]


def named(vector: dict[str, Any]) -> str:
    return str(vector["id"])


def request_of(vector: dict[str, Any]) -> RequestToSign:
    headers = {
        name: value for name, value in vector["headers"].items() if name.lower() in vector["signed_headers"]
    }
    return RequestToSign(method=vector["method"], path=vector["path"], query=vector["query"], headers=headers)


def test_every_vector_is_of_a_scheme_that_we_know() -> None:
    assert len(ACS3) + len(RPC) == len(VECTORS) == 23


@pytest.mark.parametrize("vector", ACS3, ids=named)
def test_a_request_has_the_authorization_that_the_sdk_gives_it(vector: dict[str, Any]) -> None:
    key = AccessKey(vector["access_key_id"], vector["access_key_secret"])

    assert authorization(request_of(vector), key) == vector["expected_authorization"]


@pytest.mark.parametrize("vector", RPC, ids=named)
def test_parameters_have_the_signature_that_the_sdk_gives_them(vector: dict[str, Any]) -> None:
    signature = rpc_signature(vector["method"], vector["params"], vector["access_key_secret"])

    assert signature == vector["expected_signature"]


def test_headers_are_signed_in_lower_case_trimmed_and_sorted() -> None:
    headers = {"X-Acs-Content-Sha256": "0" * 64, "Host": " example.com "}
    plain = {"host": "example.com", "x-acs-content-sha256": "0" * 64}
    key = AccessKey("id", "secret")
    signed = [
        authorization(RequestToSign(method="POST", path="/", query={}, headers=each), key)
        for each in (headers, plain)
    ]

    assert signed[0] == signed[1]
    assert "SignedHeaders=host;x-acs-content-sha256," in signed[0]


def test_everything_that_is_no_letter_or_digit_is_percent_encoded_but_four() -> None:
    assert canonical_query({"b": "-_.~", "a": "* +/!"}) == "a=%2A%20%2B%2F%21&b=-_.~"
    assert canonical_query({"a": "中", "b": "\ud800"}) == "a=%E4%B8%AD&b=%3F"


def test_secrets_are_not_shown() -> None:
    assert "hidden" not in repr(AccessKey("id", "hidden", "hidden"))
