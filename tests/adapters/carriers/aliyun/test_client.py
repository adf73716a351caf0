"""Requests to Aliyun's interface: what is sent, what is asked again, and what refusals mean."""

import hashlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.aliyun_desk import LEG, Api

from voice_adapters.carriers.aliyun import AccessKey, AliyunClient, endpoint_url
from voice_adapters.carriers.aliyun.error_codes import REMEDIES, MissingAccessKeyError, refused
from voice_adapters.carriers.aliyun.signature import RequestToSign, authorization
from voice_adapters.transports.http_client import HttpAnswer
from voice_domain.ports.carrier import CarrierError

pytestmark = pytest.mark.anyio

PARAMETERS = {
    "CalledNumber": "13900000000",
    "VoiceCode": "$message$",
    "VoiceCodeParam": '{"message":"您 好*"}',
}


async def test_a_request_is_signed_with_every_header_that_the_interface_reads(
    client: AliyunClient, api: Api
) -> None:
    await client.place("SmartCall", PARAMETERS)

    (request,) = api.requests
    signed = {
        name: request.headers[name]
        for name in ("accept", "host", *(each for each in request.headers if each.startswith("x-acs-")))
    }
    to_sign = RequestToSign(method="POST", path="/", query=dict(request.url.params), headers=signed)
    assert request.headers["authorization"] == authorization(to_sign, client.key)
    assert str(request.url).startswith(
        "https://dyvmsapi.aliyuncs.com/?CalledNumber=13900000000&VoiceCode=%24"
    )
    assert dict(request.url.params) == PARAMETERS
    assert request.content == b""
    assert (signed["x-acs-version"], signed["x-acs-date"]) == ("2017-05-25", "2026-02-02T02:40:00Z")
    assert (signed["x-acs-action"], signed["x-acs-signature-nonce"]) == ("SmartCall", "nonce-1")
    assert signed["x-acs-content-sha256"] == hashlib.sha256(request.content).hexdigest()
    assert (request.method, signed["accept"]) == ("POST", "application/json")


async def test_temporary_credentials_bring_their_token(client: AliyunClient, api: Api) -> None:
    temporary = AliyunClient(
        http=client.http, key=AccessKey("sts-id", "secret", "sts-token"), clock=client.clock
    )
    await temporary.place("SmartCall", PARAMETERS)

    (request,) = api.requests
    assert request.headers["x-acs-security-token"] == "sts-token"
    assert request.headers["x-acs-accesskey-id"] == "sts-id"
    assert "x-acs-accesskey-id;" in request.headers["authorization"]
    assert "x-acs-security-token" in request.headers["authorization"]
    assert "sts-token" not in repr(temporary)


async def test_nonces_are_never_used_twice(client: AliyunClient, api: Api) -> None:
    random = AliyunClient(http=client.http, key=client.key, clock=client.clock)
    await random.place("SmartCall", PARAMETERS)
    await random.place("SmartCall", PARAMETERS)

    assert len({request.headers["x-acs-signature-nonce"] for request in api.requests}) == 2


async def test_the_call_is_named_by_the_answer(client: AliyunClient) -> None:
    assert await client.place("SmartCall", PARAMETERS) == LEG


async def test_an_answer_without_a_name_is_an_error_that_doubts_the_address(
    client: AliyunClient, api: Api
) -> None:
    api.answers.append(httpx.Response(200, json={"Code": "OK"}))

    with pytest.raises(CarrierError, match=r"aliyun\.endpoint"):
        await client.place("SmartCall", PARAMETERS)


async def test_a_call_that_may_have_been_placed_is_not_placed_again(client: AliyunClient, api: Api) -> None:
    api.answers.append(httpx.ReadError("gone"))

    with pytest.raises(CarrierError, match="无法连接阿里云") as caught:
        await client.place("SmartCall", PARAMETERS)
    assert len(api.requests) == 1
    assert caught.value.retryable


async def test_a_question_is_asked_again_when_aliyun_has_trouble(client: AliyunClient, api: Api) -> None:
    api.answers.append(httpx.Response(503))
    api.keep({"state": "200000"})

    assert await client.fetch_detail(LEG, product_id=1, day_ms=2) == {"state": "200000"}
    assert api.asked[1] == {
        "Action": "QueryCallDetailByCallId",
        "CallId": LEG,
        "ProdId": "1",
        "QueryDate": "2",
    }


@pytest.mark.parametrize("data", ["", "[]", "{", "null", '"text"'])
async def test_a_detail_that_is_no_object_is_none(client: AliyunClient, api: Api, data: str) -> None:
    api.keep(data)

    assert await client.fetch_detail(LEG, product_id=1, day_ms=2) == {}


@pytest.mark.parametrize("status", [200, 400])
async def test_a_refusal_says_what_to_do_and_keeps_the_code(
    client: AliyunClient, api: Api, status: int
) -> None:
    api.refuse("SignatureDoesNotMatch", status)

    with pytest.raises(CarrierError) as caught:
        await client.place("SmartCall", PARAMETERS)
    assert str(caught.value).startswith("aliyun: 签名验证失败")
    assert "create a new AccessKey" in str(caught.value)
    assert (caught.value.code, caught.value.status) == ("SignatureDoesNotMatch", status)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("SignatureDoesNotMatch", "签名验证失败"),
        ("InvalidAccessKeyId.NotFound", "签名验证失败"),
        ("InvalidTimeStamp.Expired", "签名验证失败"),
        ("isv.MOBILE_NUMBER_ILLEGAL", "号码格式错误"),
        ("isv.DISPLAY_NUMBER_ILLEGAL", "号码格式错误"),
        ("isv.TTS_TEMPLATE_ILLEGAL", "语音模板不可用"),
        ("isv.TEMPLATE_PARAMS_ILLEGAL", "模板变量不匹配"),
        ("isv.AMOUNT_NOT_ENOUGH", "余额不足"),
        ("isv.BUSINESS_LIMIT_CONTROL", "触发流控"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单管控"),
        ("isv.COMPLAINT_REJECT", "黑名单管控"),
        ("isv.PRODUCT_UN_SUBSCRIPT", "语音服务未开通"),
        ("isp.RAM_PERMISSION_DENY", "权限不足"),
        ("Throttling.User", "请求过于频繁"),
        ("Throttling.Api", "请求过于频繁"),
        ("isp.SYSTEM_ERROR", "阿里云服务异常"),
        ("isv.NEW_CODE", "阿里云拒绝了请求：said of 1390***0000"),
    ],
)
def test_each_code_begins_with_the_text_that_people_look_up(code: str, text: str) -> None:
    error = refused(HttpAnswer(200, {}, b'{"Code":"%s","Message":"said of 13900000000"}' % code.encode()))

    assert str(error).startswith(f"aliyun: {text}")
    assert "13900000000" not in str(error)


def test_every_sentence_is_in_chinese_first_and_then_in_english() -> None:
    for sentence in REMEDIES.values():
        chinese, _, english = sentence.rpartition("；")

        assert any("\u4e00" <= each <= "\u9fff" for each in chinese), sentence
        assert english.isascii(), sentence


@given(st.binary())
def test_whatever_is_answered_is_an_error_with_a_sentence(body: bytes) -> None:
    assert str(refused(HttpAnswer(400, {}, body))).startswith("aliyun: ")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (AccessKey("", "secret"), "AccessKey ID 是必需的"),
        (AccessKey("id", ""), "AccessKey Secret 是必需的"),
    ],
)
def test_a_key_that_lacks_a_part_is_refused_at_once(client: AliyunClient, key: AccessKey, text: str) -> None:
    with pytest.raises(MissingAccessKeyError, match=f"^{text}.*ALIYUN_ACCESS_KEY_"):
        AliyunClient(http=client.http, key=key, clock=client.clock)


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("dyvmsapi.aliyuncs.com", "https://dyvmsapi.aliyuncs.com"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("https://gateway.example.com/aliyun", "https://gateway.example.com/aliyun"),
    ],
)
def test_an_endpoint_is_a_host_or_a_web_address(endpoint: str, url: str) -> None:
    assert endpoint_url(endpoint) == url


async def test_a_prefix_of_the_address_is_signed_with_the_request(client: AliyunClient, api: Api) -> None:
    behind = AliyunClient(
        http=client.http, key=client.key, clock=client.clock, url="https://gateway.example.com/aliyun"
    )
    await behind.place("SmartCall", {})

    assert api.requests[0].url.path == "/aliyun/"
    assert api.requests[0].headers["host"] == "gateway.example.com"
