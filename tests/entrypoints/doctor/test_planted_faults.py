"""Every fault that was planted is named by its finding, in both languages, and no secret is."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
import httpx
import pytest
from support.doctors_room import HOOK, NOW_MS, World, patient

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.aliyun.twin import aliyun_twin
from voice_contracts.twins.elevenlabs.twin import ElevenLabsScript, ElevenLabsTwin
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import plivo_twin
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import telnyx_twin
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_entrypoints.doctor.examination import examine
from voice_entrypoints.doctor.finding import Finding

pytestmark = pytest.mark.anyio

OURS = "+15550001234"
TOKEN = "planted-auth-token-0123456789abcd"
KEY = "sk-planted-key-0123456789"
MODELS = frozenset({"gpt-4o-mini-tts", "gpt-4o-transcribe", "gpt-4o-mini"})
FREE = {"api": {"port": 0}, "inboundPolicy": "open", "publicUrl": HOOK, "fromNumber": OURS}
TWILIO: Mapping[str, Any] = {
    **FREE,
    "provider": "twilio",
    "twilio": {"accountSid": TwilioAccount().sid, "authToken": TOKEN},
    "responseModel": "openai/gpt-4o-mini",
    "streaming": {"enabled": True, "providers": {"openai": {"apiKey": KEY}}},
    "tts": {"provider": "openai", "openai": {"apiKey": KEY}},
    "models": {"providers": {"openai": {"apiKey": KEY}}},
}
TELNYX: Mapping[str, Any] = {
    **FREE,
    "provider": "telnyx",
    "telnyx": {
        "apiKey": TelnyxAccount().api_key,
        "connectionId": TelnyxAccount().connection_id,
        "publicKey": TelnyxAccount().public_key,
    },
}
PLIVO: Mapping[str, Any] = {
    **FREE,
    "provider": "plivo",
    "plivo": {"authId": PlivoAccount().auth_id, "authToken": TOKEN},
}
ALIYUN: Mapping[str, Any] = {
    **FREE,
    "provider": "aliyun",
    "fromNumber": "+8657100000000",
    "aliyun": {"accessKeyId": AliyunAccount().key_id, "accessKeySecret": AliyunAccount().key_secret},
}
SECRETS = (
    TOKEN,
    KEY,
    TelnyxAccount().api_key,
    AliyunAccount().key_secret,
    "xi-planted",
    "planted-secret",
    "a-token-that-only",
)


def twilio_account(**more: Any) -> TwilioAccount:
    account: dict[str, Any] = {"token": TOKEN, "numbers": {OURS: NumberSettings(HOOK)}, **more}
    return TwilioAccount(**account)


def telnyx_account(**more: Any) -> TelnyxAccount:
    account: dict[str, Any] = {"webhook_url": HOOK, "numbers": frozenset({OURS}), **more}
    return TelnyxAccount(**account)


def plivo_account(**more: Any) -> PlivoAccount:
    account: dict[str, Any] = {"token": TOKEN, "numbers": {OURS: Application(HOOK)}, **more}
    return PlivoAccount(**account)


@attrs.frozen(kw_only=True)
class Accounts:
    """What the twins have."""

    twilio: TwilioAccount = attrs.field(factory=twilio_account)
    telnyx: TelnyxAccount = attrs.field(factory=telnyx_account)
    plivo: PlivoAccount = attrs.field(factory=plivo_account)
    aliyun: AliyunAccount = attrs.field(factory=AliyunAccount)
    openai: OpenAiScript = attrs.field(factory=lambda: OpenAiScript(key=KEY, models=MODELS))
    elevenlabs: ElevenLabsScript = attrs.field(
        factory=lambda: ElevenLabsScript(key="xi-planted", voices=frozenset({"pMsXgVXv3BLzUgSXRplE"}))
    )


SOUND = Accounts()
USUAL = World()


@asynccontextmanager
async def twins(accounts: Accounts) -> AsyncIterator[dict[str, httpx.AsyncBaseTransport]]:
    # Twins have nobody to tell here; without a transport of their own they would load certificates.
    around = Surroundings(
        epoch_ms=NOW_MS - round(anyio.current_time() * 1000),
        webhooks=httpx.MockTransport(lambda _: httpx.Response(500)),
    )
    async with AsyncExitStack() as stack:
        twilio = await stack.enter_async_context(twilio_twin(accounts.twilio, around))
        telnyx = await stack.enter_async_context(telnyx_twin(accounts.telnyx, around))
        plivo = await stack.enter_async_context(plivo_twin(accounts.plivo, around))
        aliyun = await stack.enter_async_context(aliyun_twin(accounts.aliyun, around))
        openai = await stack.enter_async_context(openai_twin(accounts.openai))
        yield {
            "api.twilio.com": twilio.transport,
            "api.telnyx.com": telnyx.transport,
            "api.plivo.com": plivo.transport,
            "dyvmsapi.aliyuncs.com": aliyun.transport,
            "api.openai.com": openai.transport,
            "api.elevenlabs.io": ElevenLabsTwin(accounts.elevenlabs).transport,
        }


async def found_at(
    document: Mapping[str, Any], home: Path, world: World = USUAL, accounts: Accounts = SOUND
) -> list[Finding]:
    async with twins(accounts) as routes:
        there = attrs.evolve(world, routes={**routes, **world.routes})
        async with patient(document, home, there) as case:
            return await examine(case)


def over(document: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """*document*, with sections laid over it."""
    laid = dict(document)
    for key, value in more.items():
        laid[key] = {**laid.get(key, {}), **value} if isinstance(value, dict) else value
    return laid


def without(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


def answers(status: int, **headers: str) -> httpx.MockTransport:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, text="<html></html>")

    return httpx.MockTransport(answer)


def changed_body(request: httpx.Request) -> httpx.Request:
    url, headers = request.url, {k: v for k, v in request.headers.items() if k != "content-length"}
    return httpx.Request(request.method, url, headers=headers, content=request.content + b"&via=proxy")


def no_upgrade(request: httpx.Request) -> httpx.Request:
    headers = {k: v for k, v in request.headers.items() if k not in ("upgrade", "connection")}
    return httpx.Request(request.method, request.url, headers=headers, content=request.content)


def at_path(path: str) -> World:
    """A proxy that leads to another path."""

    def meddle(request: httpx.Request) -> httpx.Request:
        return httpx.Request(
            request.method, request.url.copy_with(path=path), headers=request.headers, content=request.content
        )

    return World(meddle=meddle)


GONE_DNS = World(addresses=None)
PLANTED: dict[str, tuple[Mapping[str, Any], World, Accounts, str, str]] = {
    # name: settings, world, accounts, the finding, what it names
    "wrong token": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(token="another")),
        "credentials",
        "twilio.authToken",
    ),
    "carrier not reached": (
        over(TWILIO, twilio={"apiBaseUrl": "https://nowhere.example"}),
        USUAL,
        SOUND,
        "credentials",
        "cannot be reached",
    ),
    "credentials of another region": (
        TWILIO,
        World(routes={"api.twilio.com": answers(401), "api.dublin.ie1.twilio.com": answers(200)}),
        SOUND,
        "region",
        "ie1",
    ),
    "suspended account": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(status="suspended")),
        "account",
        "suspended",
    ),
    "number of somebody else": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(numbers={})),
        "number",
        "fromNumber",
    ),
    "number that leads elsewhere": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(numbers={OURS: NumberSettings("https://old.example.com/in")})),
        "number-webhook",
        "https://old.example.com/in",
    ),
    "application that leads elsewhere at Telnyx": (
        TELNYX,
        USUAL,
        Accounts(telnyx=telnyx_account(webhook_url="https://old.example.com/in")),
        "number-webhook",
        "https://old.example.com/in",
    ),
    "application that leads elsewhere at Plivo": (
        PLIVO,
        USUAL,
        Accounts(plivo=plivo_account(numbers={OURS: Application("https://old.example.com/in")})),
        "number-webhook",
        "https://old.example.com/in",
    ),
    "number that leads nowhere": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(numbers={OURS: None})),
        "number-webhook",
        "nothing is set up",
    ),
    "number that is told by GET": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(numbers={OURS: NumberSettings(HOOK, voice_method="GET")})),
        "number-webhook",
        "only POST",
    ),
    "number on a trunk": (
        TWILIO,
        USUAL,
        Accounts(twilio=twilio_account(numbers={OURS: NumberSettings(HOOK, trunk_sid="TK1")})),
        "number-webhook",
        "trunk TK1",
    ),
    "clock an hour slow": (TWILIO, World(ahead_seconds=3600), SOUND, "clock", "3600 s off"),
    "no public address": (without(TWILIO, "publicUrl"), USUAL, SOUND, "public-url", "publicUrl"),
    "private address": (
        over(TWILIO, publicUrl="https://192.168.0.7/voice/webhook"),
        USUAL,
        SOUND,
        "public-url",
        "private",
    ),
    "name without an address": (TWILIO, GONE_DNS, SOUND, "public-url", "voice.example.com"),
    "name that leads inside": (TWILIO, World(addresses=("10.0.0.7",)), SOUND, "public-url", "10.0.0.7"),
    "nobody at the address": (
        over(TWILIO, publicUrl="https://gone.example.com/voice/webhook"),
        USUAL,
        SOUND,
        "webhook",
        "cannot be reached",
    ),
    "tunnel without a gateway": (
        TWILIO,
        World(routes={"voice.example.com": answers(530)}),
        SOUND,
        "webhook",
        "127.0.0.1:3334",
    ),
    "address that redirects": (
        TWILIO,
        World(routes={"voice.example.com": answers(308, location="https://www.example.com")}),
        SOUND,
        "webhook",
        "redirects",
    ),
    "another program": (
        TWILIO,
        World(routes={"voice.example.com": answers(200)}),
        SOUND,
        "webhook",
        "status 200",
    ),
    "wrong path": (TWILIO, at_path("/hook"), SOUND, "webhook", "404"),
    "gateway with another address": (
        TWILIO,
        World(knows="https://other.example.com/voice/webhook"),
        SOUND,
        "webhook",
        "https://other.example.com/voice/webhook",
    ),
    "proxy that changes bodies": (
        TWILIO,
        World(meddle=changed_body),
        SOUND,
        "webhook",
        "changes requests",
    ),
    "proxy that changes Plivo's bodies": (
        PLIVO,
        World(meddle=changed_body),
        SOUND,
        "webhook",
        "changes requests",
    ),
    "proxy without upgrades": (TWILIO, World(meddle=no_upgrade), SOUND, "media-stream", "404"),
    "proxy with a password": (
        TWILIO,
        World(routes={"voice.example.com": answers(401, **{"www-authenticate": "Basic"})}),
        SOUND,
        "media-stream",
        "401",
    ),
    "streaming without an ear": (
        over(TWILIO, streaming={"providers": {}}),
        USUAL,
        SOUND,
        "media-stream",
        "streaming.providers.openai.apiKey",
    ),
    "wrong key of the voice": (
        TWILIO,
        USUAL,
        Accounts(openai=OpenAiScript(key="sk-other")),
        "synthesizer",
        "tts.openai.apiKey",
    ),
    "voice model that is gone": (
        over(TWILIO, tts={"openai": {"apiKey": KEY, "model": "tts-0"}}),
        USUAL,
        SOUND,
        "synthesizer",
        "tts-0",
    ),
    "voice that ElevenLabs has not": (
        over(
            TWILIO,
            tts={"provider": "elevenlabs", "elevenlabs": {"apiKey": "xi-planted", "voiceId": "abcdefghij0"}},
        ),
        USUAL,
        SOUND,
        "synthesizer",
        "abcdefghij0",
    ),
    "ear's model that is gone": (
        over(TWILIO, streaming={"providers": {"openai": {"apiKey": KEY, "model": "whisper-0"}}}),
        USUAL,
        SOUND,
        "transcriber",
        "whisper-0",
    ),
    "language model that is gone": (
        over(TWILIO, responseModel="openai/gpt-0"),
        USUAL,
        SOUND,
        "language-model",
        "gpt-0",
    ),
    "model that has ended": (
        over(TWILIO, tts={"openai": {"apiKey": KEY, "model": "gpt-4o-mini-tts"}}),
        World(now_ms=1_800_000_000_000),
        SOUND,
        "model-retirement",
        "2027-01-06",
    ),
    "webhooks that nobody checks": (
        over(TWILIO, skipSignatureVerification=True, serve={"bind": "127.0.0.1"}),
        USUAL,
        SOUND,
        "signatures",
        "feign",
    ),
    "no such application": (
        over(TELNYX, telnyx={"connectionId": "42"}),
        USUAL,
        SOUND,
        "account",
        "section telnyx",
    ),
    "application without an outbound profile": (
        TELNYX,
        USUAL,
        Accounts(telnyx=telnyx_account(outbound_profile=None)),
        "account",
        "outbound voice profile",
    ),
    "application with old webhooks": (
        TELNYX,
        USUAL,
        Accounts(telnyx=telnyx_account(webhook_version="1")),
        "account",
        "version 1",
    ),
    "no public key": (
        over(TELNYX, telnyx={"publicKey": "none"}),
        USUAL,
        SOUND,
        "carrier",
        "telnyx.publicKey",
    ),
    "no credit": (PLIVO, USUAL, Accounts(plivo=plivo_account(credit="0")), "account", "money"),
    "wrong key at Aliyun": (
        over(ALIYUN, aliyun={"accessKeySecret": "planted-secret"}),
        USUAL,
        SOUND,
        "credentials",
        "签名验证失败",
    ),
    "port that is another each time": (
        over(TWILIO, serve={"port": 0}),
        USUAL,
        SOUND,
        "serve-port",
        "serve.port",
    ),
    "tunnel that only leads inside": (
        over(without(TWILIO, "publicUrl"), tunnel={"provider": "tailscale-serve"}),
        USUAL,
        SOUND,
        "tunnel",
        "tailnet",
    ),
    "tunnel that is not installed": (
        over(without(TWILIO, "publicUrl"), tunnel={"provider": "ngrok"}),
        USUAL,
        SOUND,
        "tunnel",
        "not installed",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_fault_is_named_by_its_finding(name: str, tmp_path: Path) -> None:
    document, world, accounts, subject, named = PLANTED[name]

    findings = await found_at(document, tmp_path / "home", world, accounts)

    bad = {finding.id: finding for finding in findings if not finding.ok}
    assert subject in bad, {finding.id: finding.message("en") for finding in findings}
    assert named in bad[subject].message("both") + bad[subject].remedy("both")
    assert bad[subject].remedy("en")
    assert not bad[subject].remedy("zh").isascii() or bad[subject].remedy("zh").startswith("voicecall ")
    told = json.dumps([finding.json("both") for finding in findings], ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize(
    "document", [TWILIO, TELNYX, PLIVO, ALIYUN], ids=lambda document: document["provider"]
)
async def test_nothing_is_found_where_everything_is_as_it_should_be(
    document: Mapping[str, Any], tmp_path: Path
) -> None:
    findings = await found_at(document, tmp_path / "home")

    bad = [(finding.id, finding.message("en")) for finding in findings if not finding.ok]
    told = {finding.id: finding for finding in findings}
    assert bad == []
    assert {"credentials", "account", "clock", "number", "callback-url", "media-stream"} <= told.keys()
    assert told["webhook"].state == "ok"
    assert told["public-url"].state == "ok"


async def test_what_must_be_entered_in_aliyuns_console_is_told_in_both_languages(tmp_path: Path) -> None:
    findings = await found_at(over(ALIYUN, aliyun={"callbackToken": "the-last-segment-0123456789"}), tmp_path)

    (told,) = [finding for finding in findings if finding.id == "callback-url"]
    assert told.message("both") == (
        f"请在 aliyun 控制台填写回调地址：{HOOK}/the-last-segment-0123456789；"
        f"enter this in aliyun's console: {HOOK}/the-last-segment-0123456789"
    )
    (able,) = [finding for finding in findings if finding.id == "carrier"]
    assert "通话中不能随时插话" in able.message("zh")


async def test_a_look_that_breaks_is_a_finding_and_the_others_go_on(tmp_path: Path) -> None:
    async def breaks(request: httpx.Request) -> httpx.Response:
        raise KeyError(TOKEN)

    findings = await found_at(TWILIO, tmp_path, World(routes={"api.twilio.com": httpx.MockTransport(breaks)}))

    bad = {finding.id: finding.message("en") for finding in findings if not finding.ok}
    assert bad["credentials"] == "this could not be looked at: unexpected KeyError"
    assert bad["number"] == "this could not be looked at: unexpected KeyError"
    assert "webhook" not in bad


async def test_nothing_is_sent_to_a_carrier_but_questions(tmp_path: Path) -> None:
    asked: list[str] = []
    async with twins(SOUND) as routes:

        def noted(transport: httpx.AsyncBaseTransport) -> httpx.MockTransport:
            async def note(request: httpx.Request) -> httpx.Response:
                action = request.headers.get("x-acs-action", "")
                asked.append(f"{request.method}{' ' if action else ''}{action}")
                return await transport.handle_async_request(request)

            return httpx.MockTransport(note)

        there = World(routes={host: noted(transport) for host, transport in routes.items()})
        for document in (TWILIO, TELNYX, PLIVO, ALIYUN):
            async with patient(document, tmp_path, there) as case:
                await examine(case)

    assert set(asked) == {"GET", "POST QueryCallDetailByCallId"}
