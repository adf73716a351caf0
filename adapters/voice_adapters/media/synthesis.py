"""Turns the text of parts into frames, one part after the other."""

import logging
from collections.abc import Callable

import anyio

from voice_adapters.audio.framer import Framer
from voice_adapters.media.iteration import closing
from voice_adapters.media.part import Part
from voice_adapters.media.voice import SpeechMoments
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer

__all__ = ("Synthesis",)

_log = logging.getLogger(__name__)

# A second: synthesizers are faster than speech, and frames are most of what a call weighs.
_BUFFER_FRAMES = 50


class Synthesis:
    """The synthesizer at work for one call, at most a second ahead of what is said."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        *,
        silence_seconds: float,
        moments: SpeechMoments,
        give: Callable[[Part, list[bytes]], None],
        complete: Callable[[], None],
    ) -> None:
        self._synthesizer = synthesizer
        self._silence_seconds = silence_seconds
        """How long the synthesizer may take for the first audio, and between two pieces of it."""
        self._moments = moments
        self._give = give
        self._complete = complete
        # A list, because it is short and an empty deque weighs ten times as much.
        self._wanted: list[Part] = []
        self._at_work_on: Part | None = None
        self._scope: anyio.CancelScope | None = None
        self._changed = anyio.Event()

    def want(self, part: Part) -> None:
        """Make the frames of *part* after those of all others."""
        self._wanted.append(part)
        self._changed.set()

    def drop(self, part: Part) -> None:
        """Make no frames of *part* any more."""
        if part in self._wanted:
            self._wanted.remove(part)
        if self._at_work_on is part and self._scope is not None:
            self._scope.cancel()

    def drop_all(self) -> None:
        """Make no frames of any part that was wanted until now."""
        self._wanted.clear()
        if self._scope is not None:
            self._scope.cancel()

    def frame_taken(self, part: Part) -> None:
        """Go on if *part* has room again."""
        if len(part.frames) == _BUFFER_FRAMES // 2:
            self._changed.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            while not self._wanted:
                self._changed = anyio.Event()
                await self._changed.wait()
            part = self._at_work_on = self._wanted.pop(0)
            with anyio.CancelScope() as scope:
                self._scope = scope
                await self._make(part)
            self._scope = self._at_work_on = None

    async def _make(self, part: Part) -> None:
        try:
            await self._fill(part)
            if part.total == 0:
                part.error = "the speech service gave no audio"
        except SynthesisError as error:
            part.error = str(error)
        except TimeoutError:
            part.error = f"the speech service gave nothing for {self._silence_seconds:g} s"
        except Exception as error:  # noqa: BLE001 - a synthesizer is foreign code, and a counterpart waits
            _log.exception("the speech service broke")
            part.error = f"the speech service broke: {type(error).__name__}"
        part.complete = True
        self._complete()

    async def _fill(self, part: Part) -> None:
        framer = Framer()
        pieces = self._synthesizer.synthesize(part.order.text, locale=part.order.locale)
        async with closing(pieces):
            while True:
                with anyio.fail_after(self._silence_seconds):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                if part.total == 0:
                    self._moments.first_byte(part.order.speech_id, part.order.part)
                self._give(part, list(framer.push(piece)))
                while len(part.frames) > _BUFFER_FRAMES:
                    self._changed = anyio.Event()
                    await self._changed.wait()
        last = framer.flush()
        self._give(part, [last] if last else [])
