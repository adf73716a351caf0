"""A scene on the real Aliyun adapter: a whole gateway, with the twins of Aliyun and of OpenAI on loopback sockets."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from voice_contracts.settings import MOCK_NUMBER, Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.aliyun import AliyunAccount, aliyun_twin
from voice_contracts.twins.callee import Callee, HangUp, Say, Step, interrupt
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.service import Pace
from voice_contracts.twins.surroundings import Surroundings
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.container import Container
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.lone_error import lone_errors

__all__ = ("on_aliyun",)

_ORIGIN: Final = "https://demo.example.com"
"""Our public address, which the twin reaches as through a tunnel."""
_RING_MS, _ANSWER_MS = 200, 600
_BETWEEN_SENTENCES_MS: Final = 2900
"""Each sentence of an answer waits for a question, so that whoever interrupts or has heard us out comes later."""


@asynccontextmanager
async def on_aliyun(scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through the Aliyun adapter to a callee who follows *scene*.

    Raises:
        VoiceError: as `open_gateway`.
    """
    token, key = secrets.token_urlsafe(16), f"sk-{secrets.token_hex(16)}"
    behind: dict[str, str] = {}
    account = _account(scene, f"{_ORIGIN}/voice/webhook/{token}")
    with lone_errors():
        async with AsyncExitStack() as stack:
            twin = await stack.enter_async_context(aliyun_twin(account, Surroundings(ways=Ways(behind))))
            api_url = await stack.enter_async_context(twin.listening())
            service = await stack.enter_async_context(openai_twin(_script(scene, key)))
            service_url = await stack.enter_async_context(service.listening())
            models = {"openai": {"apiKey": key, "baseUrl": f"{service_url}/v1"}}
            aliyun = {
                "accessKeyId": account.key_id,
                "accessKeySecret": account.key_secret,
                "endpoint": api_url,
                "callbackToken": token,
            }
            settings = _settings(scene, aliyun, models)
            container = Container(settings=settings, home=home)
            container.address().set(f"{_ORIGIN}{settings.serve.path}")
            opened = open_gateway(container, settings=settings, home=home)
            phone, gateway = await stack.enter_async_context(opened)
            there = urlsplit(gateway.webhook_url)
            behind[_ORIGIN] = f"{there.scheme}://{there.netloc}"
            yield phone


def _account(scene: Scene, callback_url: str) -> AliyunAccount:
    callee = Callee(
        tuple(_step(step) for step in scene.steps), ring_after_ms=_RING_MS, answer_after_ms=_ANSWER_MS
    )
    return AliyunAccount(
        key_id=secrets.token_hex(12),
        key_secret=secrets.token_hex(16),
        numbers=frozenset({MOCK_NUMBER.removeprefix("+")}),
        callees={CALLEE.removeprefix("+"): callee},
        callback_url=callback_url,
        report_url=callback_url,
    )


def _step(step: Any) -> Step:
    after_ms = step.get("afterMs", 0)
    if "interrupt" in step:
        return interrupt(step["interrupt"], after_ms + _BETWEEN_SENTENCES_MS)
    return Say(step["say"], after_ms) if "say" in step else HangUp(after_ms + _BETWEEN_SENTENCES_MS)


def _script(scene: Scene, key: str) -> OpenAiScript:
    """Return what the language model answers, as fast as good ones do."""
    return OpenAiScript(key=key, answers=scene.replies, tokens=Pace(first_ms=150, each_ms=15))


def _settings(scene: Scene, aliyun: dict[str, str], models: dict[str, dict[str, str]]) -> Settings:
    document: dict[str, Any] = {
        "provider": "aliyun",
        "fromNumber": MOCK_NUMBER,
        "locale": scene.locale,
        "publicUrl": f"{_ORIGIN}/voice/webhook",
        "aliyun": aliyun,
        "models": {"providers": models},
        "serve": {"port": 0},
        "api": {"port": 0},
    }
    return read_settings(document, {}).require()
