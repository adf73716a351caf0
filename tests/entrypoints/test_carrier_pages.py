"""Each carrier's page has what its users look up, and the errors on Aliyun's are those that we produce."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import anyio
import httpx
import pytest
from support.aliyun_desk import dial_request
from support.documents import blocks, commands

from voice_adapters.carriers.aliyun import AccessKey, AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.aliyun import AliyunAccount, aliyun_twin
from voice_domain.ports.carrier import CarrierError
from voice_entrypoints.cli.main import run
from voice_entrypoints.container import Container
from voice_entrypoints.public_address import NoPublicAddressError
from voice_entrypoints.secret_file import TokenFileError

PAGES = Path(__file__).parents[2] / "docs" / "carriers"
COMPANIES = ("twilio", "telnyx", "plivo", "aliyun")
SECTIONS: Final = {
    "md": {
        "account and number": "## What you need",
        "what to configure there": r"## (What to set in \w+'s (console|portal)|The callback address)",
        "our settings": "## Settings",
        "exposure": r"\]\(\.\./exposure\.md\)",
        "tunnels": "ngrok.*\n?.*tailscale-funnel",
        "a rehearsal": "## Without an account",
        "a test call": "## (The|A) first call",
        "costs and limits": "## Costs and limits",
        "errors and remedies": "## Errors",
    },
    "zh-CN.md": {
        "account and number": "## 准备",
        "what to configure there": r"## 在.*控制台填写",
        "our settings": "## 设置",
        "exposure": r"\]\(\.\./exposure\.zh-CN\.md\)",
        "tunnels": "ngrok.*\n?.*tailscale-funnel",
        "a rehearsal": "## 没有账号",
        "a test call": "## 第一通电话",
        "costs and limits": "## 费用与限制",
        "errors and remedies": "## 错误",
    },
}
ALIYUN_WORDS: Final = (
    *("企业实名认证", "开通语音服务", "RAM 子账号", "AccessKey", "话术报备", "购买号码", "公网回调"),
    *(
        "ngrok",
        "Tailscale Funnel",
        "nginx",
        "ALIYUN_ACCESS_KEY_ID",
        "ALIYUN_ACCESS_KEY_SECRET",
        "ALIYUN_REGION_ID",
    ),
    *("并发", "maxConcurrentCalls", "按分钟计费"),
)
# What the text stands for, and a word of its remedy, in Chinese and in English.
LOOKED_UP: Final = {
    "AccessKey ID 是必需的": ("检查配置或环境变量", "ALIYUN_ACCESS_KEY_ID"),
    "签名验证失败": ("重新生成", "new key"),
    "号码格式错误": ("E.164", "+86"),
    "回调地址不可达": ("公网可访问", "public"),
}


def page(company: str, language: str) -> str:
    return (PAGES / f"{company}.{language}").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", SECTIONS)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_page_of_a_carrier_has_every_section(company: str, language: str) -> None:
    text = page(company, language)
    missing = [what for what, pattern in SECTIONS[language].items() if not re.search(pattern, text)]

    assert missing == []


@pytest.mark.parametrize("language", SECTIONS)
def test_the_page_of_aliyun_tells_what_its_users_must_have(language: str) -> None:
    text = page("aliyun", language)

    assert [word for word in ALIYUN_WORDS if word not in text] == []


@pytest.mark.parametrize("company", COMPANIES)
def test_a_demonstration_and_a_call_are_shown_in_both_languages(company: str) -> None:
    for language in SECTIONS:
        text = page(company, language)

        assert f"voicecall demo --carrier {company}" in text
        assert "voicecall call --to +" in text


@pytest.mark.parametrize("language", SECTIONS)
@pytest.mark.parametrize("company", COMPANIES)
def test_its_settings_are_understood_and_its_plan_allows_the_call_that_it_shows(
    company: str,
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = [
        block
        for block in blocks("json5", "bash")
        if block.page == (PAGES / f"{company}.{language}").resolve()
    ]
    (settings,) = [block.text for block in shown if f'provider: "{company}"' in block.text]
    typed = [words for block in shown if block.language == "bash" for words in commands(block)]
    (check,) = [words for words in typed if words[1:3] == ("config", "check")]
    (plan,) = [words for words in typed if words[1] == "plan"]
    (tmp_path / "config.json5").write_text(settings, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path))
    for name in ("OPENAI_API_KEY", *re.findall(r'source: "env", id: "(\w+)"', settings)):
        monkeypatch.setenv(name, "placeholder")

    assert run(list(check[1:])) == 0
    capsys.readouterr()
    assert run([*plan[1:], "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["allowed"], verdict["carrier"]) == (True, company)


def problem_of(**changes: str) -> str:
    """Return what is said of settings of Aliyun's that lack, or misspell, something."""
    keys = {"accessKeyId": "id-1", "accessKeySecret": "secret-1"}
    document = {"provider": "aliyun", "fromNumber": changes.get("fromNumber", "+865710000000")}
    section = {key: changes.get(key, value) for key, value in keys.items() if changes.get(key) != ""}
    (problem,) = read_settings({**document, "aliyun": section}, {}).problems
    return str(problem)


def missing_key(_home: Path) -> str:
    return problem_of(accessKeyId="")


def national_number(_home: Path) -> str:
    return problem_of(fromNumber="13900000000")


def private_address(home: Path) -> str:
    made = aliyun(home)
    made.carrier_set()
    with pytest.raises(NoPublicAddressError) as caught:
        made.address().set("http://192.168.0.2/voice/webhook")
    return str(caught.value)


def wrong_key(_home: Path) -> str:
    async def dial() -> str:
        clock = EventLoopClock()
        account = AliyunAccount()
        async with aliyun_twin(account) as twin, httpx.AsyncClient(transport=twin.transport) as http:
            key = AccessKey(account.key_id, "expired")
            client = AliyunClient(http=HttpClient(http, clock), key=key, clock=clock)
            token = CallbackToken(lambda: "t")
            carrier = AliyunCarrier(client=client, token=token, scripts=Scripts(), clock=clock)
            with pytest.raises(CarrierError) as caught:
                await carrier.dial(dial_request())
            return str(caught.value)

    return anyio.run(dial)


def aliyun(home: Path) -> Container:
    keys = {"accessKeyId": "id-1", "accessKeySecret": "secret-1"}
    document = {"provider": "aliyun", "fromNumber": "+865710000000", "aliyun": keys}
    return Container(settings=read_settings(document, {}).require(), home=home)


@pytest.mark.parametrize(
    ("text", "goes_wrong"),
    [
        ("AccessKey ID 是必需的", missing_key),
        ("签名验证失败", wrong_key),
        ("号码格式错误", national_number),
        ("回调地址不可达", private_address),
    ],
)
def test_what_users_of_aliyun_look_up_is_said_when_it_happens_and_stands_in_both_pages(
    text: str, goes_wrong: Callable[[Path], str], tmp_path: Path
) -> None:
    said = goes_wrong(tmp_path)
    chinese, english = LOOKED_UP[text]

    assert text in said
    assert chinese in said
    for language, remedy in (("zh-CN.md", chinese), ("md", english)):
        (row,) = re.findall(rf"^\| `{text}`.*\|$", page("aliyun", language), re.MULTILINE)
        assert remedy in row


def test_a_callback_token_that_cannot_be_kept_names_the_setting_that_can_hold_one(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    carrier = aliyun(tmp_path / "home").carrier_set().carrier
    assert isinstance(carrier, AliyunCarrier)

    with pytest.raises(
        TokenFileError, match=r"callback-token: cannot be created .*; set aliyun\.callbackToken$"
    ):
        carrier.token.reveal()
