"""A scene on the real Twilio adapter: a whole gateway, with the twins of Twilio and of OpenAI on loopback sockets."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from voice_contracts.settings import MOCK_NUMBER, Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.callee import Callee, HangUp, Say, Step, interrupt
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.service import Pace
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.cli.demo.voices import MadeSpeech, spoken
from voice_entrypoints.container import Container
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.wiring_speech import local_synthesizer

__all__ = ("on_twilio",)

_ORIGIN: Final = "https://demo.example.com"
"""Our public address, which the twin reaches as through a tunnel."""
_RING_MS, _ANSWER_MS = 200, 600
_SILENCE_MS: Final = 500


@asynccontextmanager
async def on_twilio(scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through the Twilio adapter to a callee who follows *scene*.

    Raises:
        VoiceError: as `open_gateway`, and if the local voice fails.
    """
    callee = Callee(await _steps(scene), ring_after_ms=_RING_MS, answer_after_ms=_ANSWER_MS)
    account = TwilioAccount(numbers={MOCK_NUMBER: None}, callees={CALLEE: callee})
    script = await _script(scene)
    behind: dict[str, str] = {}
    with lone_errors():
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(openai_twin(script))
            service_url = await stack.enter_async_context(service.listening())
            twin = await stack.enter_async_context(twilio_twin(account, Surroundings(ways=Ways(behind))))
            api_url = await stack.enter_async_context(twin.listening())
            settings = _settings(scene, account, api_url=api_url, key=script.key, service_url=service_url)
            container = Container(settings=settings, home=home)
            container.address().set(f"{_ORIGIN}{settings.serve.path}")
            opened = open_gateway(container, settings=settings, home=home)
            phone, gateway = await stack.enter_async_context(opened)
            there = urlsplit(gateway.webhook_url)
            behind[_ORIGIN] = f"{there.scheme}://{there.netloc}"
            yield phone


async def _steps(scene: Scene) -> tuple[Step, ...]:
    """Return what the callee does, with the sound of its voice."""
    voice, steps = local_synthesizer(), list[Step]()
    for step in scene.steps:
        after_ms, words = step.get("afterMs", 0), step.get("say") or step.get("interrupt")
        if words is None:
            steps.append(HangUp(after_ms))
            continue
        audio = await spoken(voice, words, locale=scene.locale, voice="counterpart")
        cue = interrupt(words, after_ms).cue if "interrupt" in step else Say(words).cue
        steps.append(Say(words, after_ms, cue, audio))
    return tuple(steps)


async def _script(scene: Scene) -> OpenAiScript:
    """Return what the services say and understand, as fast as good ones do."""
    texts = (scene.opening, *scene.replies)
    return OpenAiScript(
        key=f"sk-{secrets.token_hex(16)}",
        voice=await MadeSpeech.of(local_synthesizer(), texts, locale=scene.locale),
        answers=scene.replies,
        transcripts=scene.asked,
        speech=Pace(first_ms=150, each_ms=20),
        tokens=Pace(first_ms=150, each_ms=15),
        final_ms=150,
    )


def _settings(scene: Scene, account: TwilioAccount, *, api_url: str, key: str, service_url: str) -> Settings:
    service = {"apiKey": key, "baseUrl": f"{service_url}/v1"}
    document: dict[str, Any] = {
        "provider": "twilio",
        "fromNumber": MOCK_NUMBER,
        "locale": scene.locale,
        "publicUrl": f"{_ORIGIN}/voice/webhook",
        "twilio": {"accountSid": account.sid, "authToken": account.token, "apiBaseUrl": api_url},
        "streaming": {
            "enabled": True,
            "provider": "openai",
            "openaiBaseUrl": service["baseUrl"],
            "providers": {"openai": {"apiKey": key, "silenceDurationMs": _SILENCE_MS}},
        },
        "tts": {"provider": "openai", "openai": service},
        "models": {"providers": {"openai": service}},
        "recording": {"enabled": True},
        "serve": {"port": 0},
        "api": {"port": 0},
    }
    return read_settings(document, {}).require()
