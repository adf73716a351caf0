"""Gather: collects keys and speech (www.twilio.com/docs/voice/twiml/gather)."""

import math
from collections.abc import Callable

import anyio
import attrs

from voice_contracts.twins.line import BothWays, Listener
from voice_contracts.twins.person import KeyPressed, News, SpeechBegan, SpeechEnded, SpeechGrew
from voice_contracts.twins.twilio.document import Node
from voice_contracts.twins.words import words_of

__all__ = ("GatherPlan", "Gathering")

_AUTO_SECONDS = 1.0
"""How much silence `speechTimeout="auto"` takes for the end of an utterance."""
_LONGEST_SPEECH_SECONDS = 60


@attrs.frozen
class GatherPlan:
    """What a `Gather` element asks for. Times are seconds."""

    keys: bool
    speech: bool
    timeout: float
    speech_timeout: float
    longest_speech: float
    most_keys: float
    finish_on: str
    barge_in: bool
    language: str

    @classmethod
    def of(cls, node: Node) -> "GatherPlan":
        """Read a node that the grammar has accepted."""
        kinds = node.get("input", "dtmf").split()
        timeout = node.seconds("timeout", 5)
        pause = node.get("speechTimeout", str(timeout))
        return cls(
            keys="dtmf" in kinds,
            speech="speech" in kinds,
            timeout=timeout,
            speech_timeout=_AUTO_SECONDS if pause == "auto" else float(pause),
            longest_speech=node.seconds("maxSpeechTime", _LONGEST_SPEECH_SECONDS),
            most_keys=float(node.get("numDigits", "inf")),
            finish_on=node.get("finishOnKey", "#"),
            barge_in=node.get("bargeIn", "true") == "true",
            language=node.get("language", "en-US"),
        )


class Gathering(Listener):
    """Listens for one Gather; `finished` tells when it has what it wants or has waited long enough."""

    wants_frames = False

    def __init__(self, plan: GatherPlan, on_partial: Callable[[str], None] = lambda _: None) -> None:
        self._plan = plan
        self._on_partial = on_partial
        self._deadline = math.inf
        self._changed = anyio.Event()
        self._keys = ""
        self._finished_on = ""
        self._spoken: list[str] = []
        self._confidence: float | None = None
        self._growing = ""
        """What has been heard of the utterance that goes on."""
        self._missed: int | None = None
        """Characters of that utterance that were said before anybody listened; None while nobody speaks."""
        self._full = False
        self._prompting = True
        self._touched = False
        self.on_touch: Callable[[], None] = lambda: None
        """Called at the first key or word: time to stop the prompt."""

    @property
    def result(self) -> tuple[tuple[str, str], ...]:
        """The fields for the action; empty when nothing came."""
        if self._keys or self._finished_on:
            finish = (("FinishedOnKey", self._finished_on),) if self._finished_on else ()
            return (("Digits", self._keys), *finish, ("msg", "Gather End"))
        spoken = self._so_far()
        if not spoken:
            return ()
        sure = () if self._confidence is None else (("Confidence", f"{self._confidence:.7f}"),)
        return (("SpeechResult", spoken), *sure, ("Language", self._plan.language))

    def prompt_is_over(self) -> None:
        """From now on the silence counts."""
        self._prompting = False
        if not self._touched:
            self._wait(self._plan.timeout)

    async def finished(self) -> None:
        """Return when the Gather is complete."""
        while not self._full:
            self._changed = anyio.Event()
            with anyio.CancelScope(deadline=self._deadline) as waiting:
                await self._changed.wait()
            if waiting.cancelled_caught:
                return

    def learn(self, news: News) -> None:
        """Take a key or some words."""
        if self._prompting and not self._plan.barge_in:
            return
        match news:
            case KeyPressed() if self._plan.keys and not self._spoken:
                self._take_key(news.digit)
            case SpeechBegan() | SpeechGrew() if self._plan.speech and not self._keys:
                self._hear(news)
            case SpeechEnded(said) if self._missed is not None:
                self._spoken.append(said.text[self._missed :].strip())
                self._growing, self._missed, self._confidence = "", None, said.confidence
                self._wait(self._plan.speech_timeout)
            case _:
                return
        if not self._touched:
            self._touched = True
            self.on_touch()

    def frame(self, sounds: BothWays) -> None:
        """Frames are not wanted: the callee's script says what was said."""

    def _hear(self, news: SpeechBegan | SpeechGrew) -> None:
        text = news.text if isinstance(news, SpeechGrew) else ""
        if self._missed is None:
            # Of an utterance that began before us, only what comes from here on is heard.
            self._missed = len("".join(words_of(text)[:-1]))
            self._wait(self._plan.longest_speech)
        self._growing = text[self._missed :]
        if self._growing:
            self._on_partial(self._so_far())

    def _so_far(self) -> str:
        return " ".join(text for text in (*self._spoken, self._growing.strip()) if text)

    def _take_key(self, digit: str) -> None:
        if digit == self._plan.finish_on:
            self._finished_on = digit
            self._full = True
        else:
            self._keys += digit
            self._full = len(self._keys) >= self._plan.most_keys
        self._wait(self._plan.timeout)

    def _wait(self, seconds: float) -> None:
        self._deadline = anyio.current_time() + seconds
        self._changed.set()
