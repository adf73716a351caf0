"""The callee of a mock call: plays its script, step by step, each when it has heard us out."""

import logging
from collections.abc import Awaitable, Callable

import anyio
import attrs

from voice_adapters.audio.format import MULAW_8K
from voice_adapters.audio.framer import Framer
from voice_adapters.carriers.mock.link import MockLink
from voice_adapters.carriers.mock.mouth import Mouth
from voice_adapters.carriers.mock.script import HangUp, Interrupt, MockScript, Press, Say, Step
from voice_domain.errors import VoiceError
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("Callee", "CalleeVoice")

_log = logging.getLogger(__name__)

_VOICE = "counterpart"
_BREATH_FRAMES = 10


@attrs.frozen
class CalleeVoice:
    """Turns the callee's words into frames."""

    synthesizer: Synthesizer
    locale: str

    async def frames_of(self, text: str) -> list[bytes]:
        """Return *text* as frames. What cannot be spoken is a fifth of a second of silence: the script goes on."""
        framer, frames = Framer(), list[bytes]()
        try:
            async for piece in self.synthesizer.synthesize(text, locale=self.locale, voice=_VOICE):
                frames.extend(framer.push(piece))
        except VoiceError as error:
            _log.warning("the callee of a mock call cannot be heard: %s", error)
        last = framer.flush()
        return [*frames, last] if last else frames or [MULAW_8K.silence()] * _BREATH_FRAMES


@attrs.define
class Callee:
    """Somebody who listens with *ear* and speaks with *mouth*."""

    script: MockScript
    ear: MockLink
    mouth: Mouth
    voice: CalleeVoice
    announce: Callable[[str, int], None]
    """Told a text and the number of its frames just before it is spoken; 0 frames for one that was spoken already."""
    press: Callable[[str], Awaitable[None]]
    _owed: bool = attrs.field(default=False, init=False)
    """Whether we owe an answer: the next step is counted from its end."""
    _beyond: int = attrs.field(default=0, init=False)
    """How many frames were heard before that answer,"""
    _heard_out: int = attrs.field(default=0, init=False)
    """and how many stretches of speech to their end."""

    async def perform(self, *, opening: bool) -> bool:
        """Play all steps; returns whether the callee hangs up. *opening* says whether we speak first."""
        self._owed = opening
        for step in self.script.steps:
            # The words are made ready while we speak, so that making them costs the callee no time.
            frames = await self.voice.frames_of(step.text) if isinstance(step, Say | Interrupt) else []
            await self._cue(step)
            match step:
                case Say(text=text):
                    self._note(owed=True)
                    await self._speak(text, frames)
                case Interrupt(text=text):
                    await self._speak(text, frames)
                    self._note(owed=True)
                case Press(digits=digits):
                    await self.press(digits)
                    self._note(owed=False)
                case HangUp():
                    return True
        return False

    def _note(self, *, owed: bool) -> None:
        """Remember what was heard before the answer that we owe, or do not owe."""
        self._owed, self._beyond, self._heard_out = owed, self.ear.played, self.ear.heard_out

    async def _cue(self, step: Step) -> None:
        """Wait until it is time for *step*."""
        after_seconds = step.after_ms / 1000
        if isinstance(step, Interrupt):
            began_at = self.ear.began_at if await self._speech_begins() else anyio.current_time()
            await anyio.sleep_until(began_at + after_seconds)
            return
        if self._owed:
            await self._hear_out()
        while True:
            await self.ear.speech_ends()
            await anyio.sleep(after_seconds)
            if not self.ear.speaking:  # else we had only drawn breath
                return

    async def _hear_out(self) -> None:
        """Wait for the end of an answer; one that the callee itself has cut short is none."""
        while await self._speech_begins():
            await self.ear.speech_ends()
            if self.ear.heard_out > self._heard_out:
                return
            self._beyond = self.ear.played

    async def _speech_begins(self) -> bool:
        """Return whether we spoke before the callee lost patience."""
        patience_ms = self.script.patience_ms if self._owed else self.script.patience_ms / 4
        await self.ear.speech_begins(beyond=self._beyond, within_seconds=patience_ms / 1000)
        return self.ear.speaking or self.ear.played > self._beyond

    async def _speak(self, text: str, frames: list[bytes]) -> None:
        if self.script.realtime:
            self.announce(text, len(frames))
        await self.mouth.say(frames)
        if not self.script.realtime:
            self.announce(text, 0)
