"""The model and the voice of the measurement: OpenAI's twin, which notes when it is asked for which turn."""

from typing import Any, Final

import attrs

from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.service import Pace
from voice_contracts.twins.sound import hum_samples
from voice_entrypoints.bench.turns.line_frames import named_turn
from voice_entrypoints.bench.turns.stopwatch import Step, Stopwatch

__all__ = ("SERVICE_KEY", "TimedServices")

SERVICE_KEY: Final = "sk-bench"
_SPEECH: Final = hum_samples("Yes.", 24_000).astype("<i2").tobytes()
"""What is said in answer: made beforehand, so that making it takes no time."""


@attrs.frozen
class TimedServices:
    """Answers with one sentence that names the turn, and speaks it."""

    watch: Stopwatch

    def script(self) -> OpenAiScript:
        """Return the script of the twin."""
        delays = self.watch.delays
        return OpenAiScript(
            key=SERVICE_KEY,
            voice=self._speak,
            speech=Pace(first_ms=delays.speech_ms),
            answers=self._answer,
            tokens=Pace(first_ms=delays.tokens_ms),
        )

    def _answer(self, messages: list[dict[str, Any]]) -> str:
        named = named_turn(str(messages[-1]["content"]))
        if named is None:
            return "Pardon?"
        self.watch.note(Step.ASKED, *named)
        return f"You said call {named[0]} turn {named[1]}."

    def _speak(self, text: str) -> bytes:
        if (named := named_turn(text)) is not None:
            self.watch.note(Step.VOICED, *named)
        return _SPEECH
