"""What scenes need on carriers that keep the sound to themselves, and read out what we answer."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.twins.callee import Callee, HangUp, Say, Step, interrupt
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.service import Pace
from voice_entrypoints.cli.demo.cast import ANSWER_MS, RING_MS, Cast
from voice_entrypoints.cli.demo.scene import Scene

__all__ = ("read_out_cast",)

_BETWEEN_SENTENCES_MS: Final = 2900
"""Each sentence of an answer waits for a question, so that whoever interrupts or has heard us out comes later."""


def read_out_cast(scene: Scene) -> Cast:
    """Return a callee who follows *scene*, and a language model that answers as fast as good ones do."""
    steps = tuple(_step(step) for step in scene.steps)
    return Cast(
        callee=Callee(steps, ring_after_ms=RING_MS, answer_after_ms=ANSWER_MS),
        script=OpenAiScript(
            key=f"sk-{secrets.token_hex(16)}", answers=scene.replies, tokens=Pace(first_ms=150, each_ms=15)
        ),
        settings=_settings,
    )


def _step(step: Mapping[str, Any]) -> Step:
    after_ms = step.get("afterMs", 0)
    if "interrupt" in step:
        return interrupt(step["interrupt"], after_ms + _BETWEEN_SENTENCES_MS)
    return Say(step["say"], after_ms) if "say" in step else HangUp(after_ms + _BETWEEN_SENTENCES_MS)


def _settings(service: Mapping[str, str]) -> Mapping[str, Any]:
    return {"models": {"providers": {"openai": service}}}
