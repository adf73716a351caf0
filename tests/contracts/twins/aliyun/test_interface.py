"""The twin's interface: it takes what the vendor's SDK signs, and refuses what Aliyun refuses."""

import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest

from voice_contracts.twins.aliyun import AliyunAccount, AliyunTwin, aliyun_twin
from voice_contracts.twins.aliyun.signature import SignatureCheck
from voice_contracts.twins.callee import Callee, Outcome
from voice_contracts.twins.http import Request
from voice_contracts.twins.surroundings import Surroundings

FILE = Path(__file__).parents[3] / "vectors" / "aliyun" / "signatures.json"
VECTORS: list[dict[str, Any]] = [
    vector
    for vector in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
    if vector["scheme"] == "ACS3-HMAC-SHA256"
]
SIGNED = VECTORS[0]
THEN = 1_770_000_000_000


def request_of(vector: dict[str, Any], **headers: str) -> Request:
    given = {name.lower(): value for name, value in vector["headers"].items()}
    given["authorization"] = vector["expected_authorization"]
    query = urlencode(vector["query"])
    return Request(vector["method"], vector["path"], query, {**given, **headers}, vector["body"].encode())


def check_of(vector: dict[str, Any]) -> SignatureCheck:
    return SignatureCheck(
        AliyunAccount(key_id=vector["access_key_id"], key_secret=vector["access_key_secret"])
    )


def refusal(request: Request, vector: dict[str, Any] = SIGNED, now_ms: int = THEN) -> str | None:
    return check_of(vector).refusal(request, now_ms)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_what_the_sdk_signed_is_genuine(vector: dict[str, Any]) -> None:
    # The vectors are of several years; what is old is refused only after its signature was found genuine.
    assert refusal(request_of(vector), vector) in (None, "InvalidTimeStamp.Expired")


def test_a_request_is_taken_once() -> None:
    check = check_of(SIGNED)

    assert check.refusal(request_of(SIGNED), THEN) is None
    assert check.refusal(request_of(SIGNED), THEN) == "SignatureNonceUsed"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (request_of(SIGNED, authorization=""), "IncompleteSignature"),
        (request_of({**SIGNED, "query": {**SIGNED["query"], "OutId": "c-2"}}), "SignatureDoesNotMatch"),
        (request_of({**SIGNED, "body": "x"}), "SignatureDoesNotMatch"),
        (request_of(SIGNED, **{"x-acs-action": "CancelCall"}), "SignatureDoesNotMatch"),
    ],
)
def test_what_was_changed_is_not(request_: Request, code: str) -> None:
    assert refusal(request_) == code


def test_an_old_request_and_a_strange_key_are_refused() -> None:
    assert refusal(request_of(SIGNED), now_ms=THEN + 901_000) == "InvalidTimeStamp.Expired"
    assert (
        SignatureCheck(AliyunAccount(key_id="another")).refusal(request_of(SIGNED), THEN)
        == "InvalidAccessKeyId.NotFound"
    )


class Lenient(SignatureCheck):
    """Believes everybody, so that the rules behind the signature can be seen."""

    def refusal(self, request: Request, now_ms: int) -> str | None:
        del request, now_ms
        return None


SMART_CALL = {
    "CalledShowNumber": "05710000000",
    "CalledNumber": "13900000000",
    "VoiceCode": "$message$",
    "VoiceCodeParam": '{"message":"您好"}',
}
NOTICE = {
    "CalledShowNumber": "05710000000",
    "CalledNumber": "13900000000",
    "TtsCode": "TTS_000000",
    "TtsParam": '{"text":"会议"}',
}


async def said(twin: AliyunTwin, action: str, **fields: str) -> dict[str, Any]:
    twin._signatures = Lenient(twin.account)
    headers = {"x-acs-action": action, "x-acs-version": "2017-05-25"}
    async with httpx.AsyncClient(transport=twin.transport) as http:
        answer = await http.post("https://dyvmsapi.aliyuncs.com/", params=fields, headers=headers)
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("action", "fields", "code"),
    [
        ("SmartCall", {}, "OK"),
        ("SmartCall", {"CalledShowNumber": "05719999999"}, "isv.DISPLAY_NUMBER_ILLEGAL"),
        ("SmartCall", {"CalledNumber": "+8613900000000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ("SmartCall", {"CalledNumber": "8613900000000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ("SmartCall", {"VoiceCodeParam": "{}"}, "isv.VOICE_FILE_ILLEGAL"),
        ("SmartCall", {"OutId": "x" * 16}, "isv.INVALID_PARAMETERS"),
        ("SmartCall", {"MuteTime": "999"}, "isv.INVALID_PARAMETERS"),
        ("SmartCall", {"ActionCodeBreak": "True"}, "isv.INVALID_PARAMETERS"),
        ("SmartCall", {"SessionTimeout": "3601"}, "isv.INVALID_PARAMETERS"),
        ("SingleCallByTts", {}, "OK"),
        ("SingleCallByTts", {"TtsCode": "TTS_1"}, "isv.TTS_TEMPLATE_ILLEGAL"),
        ("SingleCallByTts", {"TtsParam": '{"name":"x"}'}, "isv.TEMPLATE_PARAMS_ILLEGAL"),
        ("SmartCallOperate", {}, "InvalidAction.NotFound"),
    ],
)
async def test_orders_are_taken_or_refused_with_aliyuns_codes(
    action: str, fields: dict[str, str], code: str
) -> None:
    given = NOTICE if action == "SingleCallByTts" else SMART_CALL
    async with aliyun_twin() as twin:
        document = await said(twin, action, **{**given, **fields})

    assert document["Code"] == code
    assert ("CallId" in document) == (code == "OK")


@pytest.mark.anyio
async def test_a_detail_is_kept_of_calls_that_are_over_only() -> None:
    account = AliyunAccount(callees={"13900000000": Callee(outcome=Outcome.BUSY)})
    async with aliyun_twin(account) as twin:
        name = (await said(twin, "SingleCallByTts", **NOTICE))["CallId"]
        asked = {"CallId": name, "ProdId": "11010000138001", "QueryDate": "1"}
        before = await said(twin, "QueryCallDetailByCallId", **asked)
        await twin.ended(name)
        after = await said(twin, "QueryCallDetailByCallId", **asked)
        elsewhere = await said(twin, "QueryCallDetailByCallId", **{**asked, "ProdId": "11030000180001"})

    assert (before["Data"], elsewhere["Data"]) == ("", "")
    assert json.loads(after["Data"])["state"] == "200002"


@pytest.mark.anyio
async def test_a_report_that_is_not_acknowledged_is_repeated_after_1_5_and_10_minutes() -> None:
    async def deaf(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"code": "OK"})

    account = AliyunAccount(
        callees={"13900000000": Callee(outcome=Outcome.BUSY)},
        report_url="https://voice.example.com/report",
        reports_progress=False,
    )
    around = Surroundings(webhooks=httpx.MockTransport(deaf), epoch_ms=THEN)
    async with aliyun_twin(account, around) as twin:
        await twin.ended((await said(twin, "SmartCall", **SMART_CALL))["CallId"])
        await anyio.sleep(1_000)

        sent = [webhook.at_ms for webhook in twin.ledger.webhooks]
    assert [later - sooner for sooner, later in itertools.pairwise(sent)] == [
        60_000,
        300_000,
        600_000,
    ]
