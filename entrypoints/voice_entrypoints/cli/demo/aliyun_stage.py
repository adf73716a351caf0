"""A scene on the real Aliyun adapter: a whole gateway, with the twins of Aliyun and of OpenAI on loopback sockets."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.twins.aliyun import AliyunAccount, aliyun_twin
from voice_contracts.twins.callee import Callee, HangUp, Say, Step, interrupt
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.service import Pace
from voice_entrypoints.cli.demo.among_twins import ANSWER_MS, RING_MS, WEBHOOK_URL, Cast, among_twins
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.phone import Phone

__all__ = ("on_aliyun",)

_BETWEEN_SENTENCES_MS: Final = 2900
"""Each sentence of an answer waits for a question, so that whoever interrupts or has heard us out comes later."""


@asynccontextmanager
async def on_aliyun(scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through the Aliyun adapter to a callee who follows *scene*.

    Raises:
        VoiceError: as `open_gateway`.
    """
    token = secrets.token_urlsafe(16)
    account = _account(scene, f"{WEBHOOK_URL}/{token}")

    def settings(api_url: str, service: Mapping[str, str]) -> Mapping[str, Any]:
        aliyun = {
            "accessKeyId": account.key_id,
            "accessKeySecret": account.key_secret,
            "endpoint": api_url,
            "callbackToken": token,
        }
        return {"provider": "aliyun", "aliyun": aliyun, "models": {"providers": {"openai": service}}}

    cast = Cast(script=_script(scene), open_carrier=partial(aliyun_twin, account), settings=settings)
    async with among_twins(scene, cast, home) as phone:
        yield phone


def _account(scene: Scene, callback_url: str) -> AliyunAccount:
    callee = Callee(
        tuple(_step(step) for step in scene.steps), ring_after_ms=RING_MS, answer_after_ms=ANSWER_MS
    )
    return AliyunAccount(
        key_id=secrets.token_hex(12),
        key_secret=secrets.token_hex(16),
        numbers=frozenset({MOCK_NUMBER.removeprefix("+")}),
        callees={CALLEE.removeprefix("+"): callee},
        callback_url=callback_url,
        report_url=callback_url,
    )


def _step(step: Mapping[str, Any]) -> Step:
    after_ms = step.get("afterMs", 0)
    if "interrupt" in step:
        return interrupt(step["interrupt"], after_ms + _BETWEEN_SENTENCES_MS)
    return Say(step["say"], after_ms) if "say" in step else HangUp(after_ms + _BETWEEN_SENTENCES_MS)


def _script(scene: Scene) -> OpenAiScript:
    """Return what the language model answers, as fast as good ones do."""
    key = f"sk-{secrets.token_hex(16)}"
    return OpenAiScript(key=key, answers=scene.replies, tokens=Pace(first_ms=150, each_ms=15))
