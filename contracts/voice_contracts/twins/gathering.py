"""Collects the keys and words of a callee for a carrier that was asked for them."""

import math
from collections.abc import Callable

import anyio
import attrs

from voice_contracts.twins.line import BothWays, Listener
from voice_contracts.twins.person import KeyPressed, News, SpeechBegan, SpeechEnded, SpeechGrew
from voice_contracts.twins.words import words_of

__all__ = ("GatherPlan", "Gathered", "Gathering")


@attrs.frozen(kw_only=True)
class GatherPlan:
    """What is asked for. Times are seconds."""

    keys: bool
    speech: bool
    timeout: float
    """How long to wait for the first key or word, once the prompt is over."""
    key_timeout: float
    """How long to wait for the next key."""
    speech_timeout: float
    """How much silence ends an utterance."""
    longest_speech: float = 60
    most_keys: float = math.inf
    finish_on: str = "#"
    """The key that ends the digits; empty for none."""
    barge_in: bool = True
    """Whether keys and words count while the prompt still sounds, and stop it."""


@attrs.frozen
class Gathered:
    """What came."""

    keys: str = ""
    finished_on: str = ""
    """The key that ended the digits; empty if none did."""
    spoken: str = ""
    confidence: float | None = None
    """How sure the recognition is; None: it does not say."""

    @property
    def has_keys(self) -> bool:
        """Whether keys were pressed, if only the last one."""
        return bool(self.keys or self.finished_on)

    def __bool__(self) -> bool:
        """Whether anything came."""
        return self.has_keys or bool(self.spoken)


class Gathering(Listener):
    """Listens for one request; `finished` tells when it has what it wants or has waited long enough."""

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
    def result(self) -> Gathered:
        """What has come so far: keys or words, whichever were first."""
        if self._keys or self._finished_on:
            return Gathered(self._keys, self._finished_on)
        return Gathered(spoken=self._so_far(), confidence=self._confidence)

    def prompt_is_over(self) -> None:
        """From now on the silence counts."""
        self._prompting = False
        if not self._touched:
            self._wait(self._plan.timeout)

    async def finished(self) -> None:
        """Return when everything has come, or nothing more will."""
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
        self._wait(self._plan.key_timeout)

    def _wait(self, seconds: float) -> None:
        self._deadline = anyio.current_time() + seconds
        self._changed.set()
