"""What scenes need on carriers that stream their calls: the sound of both sides, and a speech service that knows it."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.twins.callee import Callee, HangUp, Say, Step, interrupt
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.service import Pace
from voice_entrypoints.cli.demo.cast import ANSWER_MS, RING_MS, Cast
from voice_entrypoints.cli.demo.scene import Scene
from voice_entrypoints.cli.demo.voices import MadeSpeech, spoken
from voice_entrypoints.wiring_speech import local_synthesizer

__all__ = ("streamed_cast",)

_SILENCE_MS: Final = 500


async def streamed_cast(scene: Scene) -> Cast:
    """Return a callee who follows *scene* aloud, and services that speak, understand and answer.

    Raises:
        SynthesisError: if the local voice fails.
    """
    return Cast(callee=await _callee(scene), script=await _script(scene), settings=_settings)


async def _callee(scene: Scene) -> Callee:
    """Return who follows *scene*, with the sound of its voice."""
    voice, steps = local_synthesizer(), list[Step]()
    for step in scene.steps:
        after_ms, words = step.get("afterMs", 0), step.get("say") or step.get("interrupt")
        if words is None:
            steps.append(HangUp(after_ms))
            continue
        audio = await spoken(voice, words, locale=scene.locale, voice="counterpart")
        cue = interrupt(words, after_ms).cue if "interrupt" in step else Say(words).cue
        steps.append(Say(words, after_ms, cue, audio))
    return Callee(tuple(steps), ring_after_ms=RING_MS, answer_after_ms=ANSWER_MS)


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


def _settings(service: Mapping[str, str]) -> Mapping[str, Any]:
    """Return that calls are streamed to *service* and recorded."""
    return {
        "streaming": {
            "enabled": True,
            "provider": "openai",
            "openaiBaseUrl": service["baseUrl"],
            "providers": {"openai": {"apiKey": service["apiKey"], "silenceDurationMs": _SILENCE_MS}},
        },
        "tts": {"provider": "openai", "openai": service},
        "models": {"providers": {"openai": service}},
        "recording": {"enabled": True},
    }
