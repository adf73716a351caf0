"""A callee at work: follows its script by what it hears and by the clock, and makes sounds."""

from collections import deque
from typing import TypeAlias

import attrs

from voice_contracts.twins.callee import Callee, Cue, HangUp, Press, Say, Step
from voice_contracts.twins.sound import FRAME_BYTES, FRAME_SECONDS, SILENCE, Speak
from voice_contracts.twins.words import words_of

__all__ = ("HungUp", "KeyPressed", "News", "Person", "SpeechBegan", "SpeechEnded", "SpeechGrew")

_KEY_SECONDS = 0.2
"""From one key to the next: a tone of 100 ms and a gap as long."""


@attrs.frozen
class SpeechBegan:
    """The callee begins to speak."""

    said: Say


@attrs.frozen
class SpeechGrew:
    """The callee has said so much by now: at least one word more than before."""

    said: Say
    text: str


@attrs.frozen
class SpeechEnded:
    """The callee has finished what it wanted to say."""

    said: Say


@attrs.frozen
class KeyPressed:
    """The callee pressed one key."""

    digit: str


@attrs.frozen
class HungUp:
    """The callee hung up."""


News: TypeAlias = SpeechBegan | SpeechGrew | SpeechEnded | KeyPressed | HungUp


class Person:
    """One callee on one line. Times are seconds of the event loop's clock."""

    def __init__(self, callee: Callee, speak: Speak, now: float) -> None:
        self._callee = callee
        self._speak = speak
        self._steps = deque(callee.steps)
        self._counts_from: float | None = None
        self._saying: Say | None = None
        self._mouth = b""
        self._whole_bytes = 0
        self._words_said = 0
        self._keys: deque[tuple[float, str]] = deque()
        self._arm(now)

    @property
    def speaking(self) -> bool:
        """Whether it is saying something now."""
        return self._saying is not None

    @property
    def due_at(self) -> float | None:
        """When it wants to act next; None while it waits for us, or for ever."""
        if self._keys:
            return self._keys[0][0]
        if not self._steps or self._counts_from is None or self.speaking:
            return None
        return self._counts_from + self._delay(self._steps[0])

    def do_next(self, step: Step, now: float) -> None:
        """Do one more thing once the script, and what was asked before, is done."""
        idle = not self._steps and not self._keys and not self.speaking
        self._steps.append(step)
        if idle:
            self._arm(now)

    def hears_voice(self, now: float) -> None:
        """A voiced frame of ours begins to sound at *now*."""
        if self._steps and not self.speaking and not self._keys:
            cue = self._steps[0].cue
            if cue is Cue.HEARD_OUT:
                self._counts_from = now + FRAME_SECONDS
            elif cue is Cue.SPEECH_BEGAN and self._counts_from is None:
                self._counts_from = now

    def act(self, now: float) -> list[News]:
        """Do what is due at *now*, and return what came of it."""
        news: list[News] = self._growth()
        if self._saying and not self._mouth:
            news.append(SpeechEnded(self._saying))
            self._saying = None
            self._arm(now)
        while (due := self.due_at) is not None and due <= now + 1e-9:
            news += self._act_once(now)
        return news

    def take_frame(self) -> bytes | None:
        """Return the next 20 ms of speech, padded with silence; None when it says nothing."""
        if not self._mouth:
            return None
        frame, self._mouth = self._mouth[:FRAME_BYTES], self._mouth[FRAME_BYTES:]
        return frame + SILENCE[len(frame) :]

    def _growth(self) -> list[News]:
        if self._saying is None or not self._whole_bytes:
            return []
        words = words_of(self._saying.text)
        count = len(words) * (self._whole_bytes - len(self._mouth)) // self._whole_bytes
        if count <= self._words_said:
            return []
        self._words_said = count
        return [SpeechGrew(self._saying, "".join(words[:count]))]

    def _act_once(self, now: float) -> list[News]:
        if self._keys:
            _, digit = self._keys.popleft()
            if not self._keys:
                self._arm(now)
            return [KeyPressed(digit)]
        match step := self._steps.popleft():
            case Say():
                self._saying = step
                self._mouth = step.audio if step.audio is not None else self._speak(step.text)
                self._whole_bytes, self._words_said = len(self._mouth), 0
                return [SpeechBegan(step)]
            case Press():
                self._keys.extend((now + place * _KEY_SECONDS, key) for place, key in enumerate(step.digits))
                return []
            case HangUp():
                self._steps.clear()
                return [HungUp()]

    def _arm(self, now: float) -> None:
        waits = bool(self._steps) and self._steps[0].cue is not Cue.BEFORE
        self._counts_from = None if waits else now

    def _delay(self, step: Step) -> float:
        if step.cue is Cue.HEARD_OUT:
            return max(step.after_ms, self._callee.patience_ms) / 1000
        return step.after_ms / 1000
