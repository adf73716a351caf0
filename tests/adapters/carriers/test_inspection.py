"""What carriers tell of an account and its numbers, as their twins tell it; nothing is changed by asking."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs
import httpx
import pytest

from voice_adapters.carriers.aliyun import AccessKey, AliyunClient, AliyunInspection
from voice_adapters.carriers.plivo import PlivoClient, PlivoInspection, PlivoSignature
from voice_adapters.carriers.telnyx import TelnyxClient, TelnyxInspection
from voice_adapters.carriers.twilio import TwilioClient, TwilioInspection, TwilioSignature
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpAnswer, HttpClient
from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.aliyun.twin import aliyun_twin
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import plivo_twin
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import telnyx_twin
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, NumberSeen, RegionSeen
from voice_domain.ports.webhook_reader import WebhookRequest

pytestmark = pytest.mark.anyio

OURS, OTHER, STRANGE = PhoneNumber("+15550001234"), PhoneNumber("+15550009999"), PhoneNumber("+15550007777")
HOOK = "https://voice.example.com/voice/webhook"
CLOCK = EventLoopClock()
AROUND = Surroundings(epoch_ms=CLOCK.epoch_ms)
NOBODYS = NumberSeen(is_ours=False, may_call=False)


@asynccontextmanager
async def over(transport: httpx.AsyncBaseTransport) -> AsyncIterator[HttpClient]:
    async with httpx.AsyncClient(transport=transport) as client:
        yield HttpClient(client, CLOCK)


@asynccontextmanager
async def twilio(account: TwilioAccount, *, token: str | None = None) -> AsyncIterator[TwilioInspection]:
    async with twilio_twin(account, AROUND) as twin, over(twin.transport) as http:
        yield TwilioInspection(
            TwilioClient(http=http, account_sid=account.sid, auth_token=token or account.token)
        )


@asynccontextmanager
async def telnyx(account: TelnyxAccount, **client: Any) -> AsyncIterator[TelnyxInspection]:
    ours: dict[str, Any] = {"api_key": account.api_key, "connection_id": account.connection_id, **client}
    async with telnyx_twin(account, AROUND) as twin, over(twin.transport) as http:
        yield TelnyxInspection(TelnyxClient(http=http, **ours))


@asynccontextmanager
async def plivo(account: PlivoAccount, *, token: str | None = None) -> AsyncIterator[PlivoInspection]:
    async with plivo_twin(account, AROUND) as twin, over(twin.transport) as http:
        yield PlivoInspection(
            PlivoClient(http=http, auth_id=account.auth_id, auth_token=token or account.token)
        )


@asynccontextmanager
async def aliyun(*faults: ApiFault, secret: str | None = None) -> AsyncIterator[AliyunInspection]:
    account = AliyunAccount()
    async with aliyun_twin(account, AROUND) as twin, over(twin.transport) as http:
        for fault in faults:
            twin.faults.break_api(fault)
        key = AccessKey(account.key_id, secret or account.key_secret)
        yield AliyunInspection(AliyunClient(http=http, key=key, clock=CLOCK))


def webhook(headers: dict[str, str], body: bytes) -> WebhookRequest:
    form = {"content-type": "application/x-www-form-urlencoded"}
    return WebhookRequest(method="POST", urls=(HOOK,), query={}, headers={**form, **headers}, body=body)


@pytest.mark.parametrize(
    ("account", "problems"),
    [
        (TwilioAccount(), ()),
        (TwilioAccount(status="suspended"), (AccountProblem.CLOSED,)),
        (TwilioAccount(verified=frozenset()), (AccountProblem.TRIAL,)),
    ],
)
async def test_twilio_tells_what_an_account_may_do(
    account: TwilioAccount, problems: Sequence[AccountProblem]
) -> None:
    async with twilio(account) as inspection:
        assert await inspection.account() == AccountSeen(problems=tuple(problems))


async def test_twilio_tells_where_calls_to_a_number_go() -> None:
    numbers = {
        OURS.e164: NumberSettings(HOOK, voice_method="GET"),
        OTHER.e164: NumberSettings("", trunk_sid="TK1"),
    }
    account = TwilioAccount(numbers=numbers, verified=frozenset({"+15550006666"}))

    async with twilio(account) as inspection:
        ours, other, stranger, verified = [
            await inspection.number(number) for number in (OURS, OTHER, STRANGE, PhoneNumber("+15550006666"))
        ]

    assert ours == NumberSeen(is_ours=True, webhook_url=HOOK, method="GET")
    assert other == NumberSeen(is_ours=True, leads_to="trunk TK1")
    assert stranger == NOBODYS
    assert verified == NumberSeen(is_ours=False, may_call=True)


async def test_credentials_of_another_region_are_found_there() -> None:
    account = TwilioAccount()
    async with twilio_twin(account, AROUND) as twin:

        async def route(request: httpx.Request) -> httpx.Response:
            if request.url.host != "api.sydney.au1.twilio.com":
                return httpx.Response(401, json={"code": 20003})
            return await twin.transport.handle_async_request(request)

        async with over(httpx.MockTransport(route)) as http:
            client = TwilioClient(http=http, account_sid=account.sid, auth_token=account.token)
            inspection = TwilioInspection(client)
            with pytest.raises(CarrierError) as refused:
                await inspection.account()
            region = await inspection.home_region()
            own = await TwilioInspection(attrs.evolve(client, base_url="https://sim.example")).home_region()

    assert refused.value.status == 401
    assert region == RegionSeen(setting="twilio.region", configured="us1", home="au1")
    assert own is None


@pytest.mark.parametrize(
    ("account", "problems"),
    [
        (TelnyxAccount(), ()),
        (TelnyxAccount(is_active=False), (AccountProblem.APPLICATION_OFF,)),
        (TelnyxAccount(outbound_profile=None), (AccountProblem.NO_OUTBOUND_PROFILE,)),
        (TelnyxAccount(webhook_version="1"), (AccountProblem.OLD_WEBHOOKS,)),
    ],
)
async def test_telnyx_tells_what_an_application_may_do(
    account: TelnyxAccount, problems: Sequence[AccountProblem]
) -> None:
    async with telnyx(account) as inspection:
        assert await inspection.account() == AccountSeen(problems=tuple(problems))


async def test_telnyx_tells_that_there_is_no_such_application_and_that_a_key_is_wrong() -> None:
    async with telnyx(TelnyxAccount(), connection_id="42") as inspection:
        seen = await inspection.account()
    async with telnyx(TelnyxAccount(), api_key="KEY") as inspection:
        with pytest.raises(CarrierError, match="the API key is wrong"):
            await inspection.account()

    assert seen == AccountSeen(problems=(AccountProblem.NO_APPLICATION,))


async def test_telnyx_tells_which_application_a_number_belongs_to() -> None:
    account = TelnyxAccount(
        webhook_url=HOOK, numbers=frozenset({OURS.e164}), connections={OTHER.e164: "1500"}
    )

    async with telnyx(account) as inspection:
        seen = [await inspection.number(number) for number in (OURS, OTHER, STRANGE)]

    assert seen == [
        NumberSeen(is_ours=True, webhook_url=HOOK),
        NumberSeen(is_ours=True, leads_to="connection 1500"),
        NOBODYS,
    ]


@pytest.mark.parametrize(
    ("account", "problems"),
    [
        (PlivoAccount(), ()),
        (PlivoAccount(credit="0.00000"), (AccountProblem.NO_CREDIT,)),
        (PlivoAccount(verified=frozenset()), (AccountProblem.TRIAL,)),
    ],
)
async def test_plivo_tells_what_an_account_may_do(
    account: PlivoAccount, problems: Sequence[AccountProblem]
) -> None:
    async with plivo(account) as inspection:
        assert await inspection.account() == AccountSeen(problems=tuple(problems))


async def test_plivo_tells_which_application_a_numbers_calls_go_to() -> None:
    account = PlivoAccount(numbers={OURS.e164: Application(HOOK), OTHER.e164: None})

    async with plivo(account) as inspection:
        seen = [await inspection.number(number) for number in (OURS, OTHER, STRANGE)]

    assert seen == [NumberSeen(is_ours=True, webhook_url=HOOK), NumberSeen(is_ours=True), NOBODYS]


async def test_plivo_refuses_a_wrong_token() -> None:
    async with plivo(PlivoAccount(), token="wrong") as inspection:
        with pytest.raises(CarrierError, match=r"plivo\.authToken"):
            await inspection.account()


async def test_aliyun_tells_whether_the_key_is_taken_and_nothing_of_numbers() -> None:
    async with aliyun() as inspection:
        seen, number = await inspection.account(), await inspection.number(OURS)
    async with aliyun(secret="wrong") as inspection:
        with pytest.raises(CarrierError, match="签名验证失败"):
            await inspection.account()

    assert (seen, number) == (AccountSeen(), None)


async def test_a_key_of_aliyuns_is_proven_by_any_answer_about_the_call() -> None:
    async with aliyun(ApiFault(status=200, code="isv.INVALID_PARAMETERS")) as inspection:
        taken = await inspection.account()
    async with aliyun(ApiFault(status=200, code="isv.AMOUNT_NOT_ENOUGH")) as inspection:
        poor = await inspection.account()
    async with aliyun(ApiFault(status=200, code="isp.RAM_PERMISSION_DENY")) as inspection:
        with pytest.raises(CarrierError, match="AliyunDyvmsFullAccess"):
            await inspection.account()

    assert taken == AccountSeen()
    assert poor == AccountSeen(problems=(AccountProblem.NO_CREDIT,))


async def test_what_is_signed_as_a_carrier_signs_is_authentic() -> None:
    form = {"CallSid": "CA1", "To": "+1 555"}
    body = b"CallSid=CA1&To=%2B1+555"

    async with twilio(TwilioAccount()) as first, plivo(PlivoAccount()) as second, aliyun() as third:
        by_twilio, by_plivo = dict(first.signed(HOOK, form)), dict(second.signed(HOOK, form))
        twilios = TwilioSignature(auth_token=first.client.auth_token)
        plivos = PlivoSignature(auth_token=second.client.auth_token)

        assert twilios.authenticate(webhook(by_twilio, body)).startswith("twilio:")
        assert plivos.authenticate(webhook(by_plivo, body)).startswith("plivo:")
        assert plivos.authenticate(webhook(dict(second.signed(HOOK, {})), b"")).startswith("plivo:")
        assert third.signed(HOOK, form) is None


@pytest.mark.parametrize(
    ("date", "read"),
    [("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000), ("yesterday", None), (None, None)],
)
def test_an_answer_tells_what_the_far_clock_showed(date: str | None, read: int | None) -> None:
    headers = {} if date is None else {"date": date}

    assert HttpAnswer(200, headers, b"").date_ms == read
