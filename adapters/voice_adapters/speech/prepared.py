"""Says at once what was synthesised beforehand: the opening, while it rings."""

from collections import OrderedDict
from collections.abc import AsyncIterator

import anyio
import attrs

from voice_adapters.media.estimate import speech_seconds
from voice_adapters.media.iteration import closing
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer

__all__ = ("PreparedSpeech",)

_Key = tuple[str, str, str | None]
_BYTES_A_SECOND = 8_000
_LEAST_SHARE = 0.4
"""Of the time that a text takes to be said as a rule: nobody speaks two and a half times as fast."""


@attrs.define(eq=False)
class _Preparation:
    """One text and as much of its audio as exists."""

    pieces: list[bytes] = attrs.field(factory=list)
    size: int = 0
    complete: bool = False
    abandoned: bool = False
    """Whether nobody goes on with it, although nothing is wrong with it."""
    error: SynthesisError | None = None
    _grown: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @property
    def over(self) -> bool:
        return self.complete or self.abandoned or self.error is not None

    def add(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.size += len(piece)
        self.wake()

    def wake(self) -> None:
        self._grown.set()
        self._grown = anyio.Event()

    async def follow(self) -> AsyncIterator[bytes]:
        """Yield what exists and what comes."""
        place = 0
        while True:
            while place < len(self.pieces):
                place += 1
                yield self.pieces[place - 1]
            if self.over:
                break
            await self._grown.wait()
        if self.error is not None:
            raise self.error


class PreparedSpeech(Synthesizer):
    """A synthesizer that remembers what it was asked to prepare, by text, locale and voice.

    Keeps at most *most_bytes* of audio (8000 are a second) and forgets first what was not used for longest; a text
    that alone is larger is not kept, nor is audio too short for its text: what a service once cut short without an
    error would be all that any later call hears. What nobody prepared goes straight to the synthesizer.
    """

    def __init__(self, synthesizer: Synthesizer, *, most_bytes: int = 4_000_000) -> None:
        self._synthesizer = synthesizer
        self._most_bytes = most_bytes
        self._kept: OrderedDict[_Key, _Preparation] = OrderedDict()

    @property
    def kept_bytes(self) -> int:
        """How much audio is kept."""
        return sum(preparation.size for preparation in self._kept.values())

    async def prepare(self, text: str, locale: str, voice: str | None = None) -> None:
        """Synthesise *text* now; returns when all its audio exists. Never fails: who says it will try again.

        A text that is prepared already, or being prepared, costs nothing. Cancelling it forgets the text, unless it
        is complete.
        """
        key = (text, locale, voice)
        if key in self._kept or not text.strip():
            return
        preparation = self._kept[key] = _Preparation()
        try:
            async with closing(self._synthesizer.synthesize(text, locale=locale, voice=voice)) as pieces:
                async for piece in pieces:
                    preparation.add(piece)
                    if preparation.size > self._most_bytes:
                        return
            preparation.complete = preparation.size > 0
        except SynthesisError as error:
            preparation.error = error
        finally:
            preparation.abandoned = not preparation.over
            preparation.wake()
            if not preparation.complete or _is_cut(text, preparation.size):
                del self._kept[key]
            self._make_room()

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text*: what was prepared at once, what is being prepared as it comes.

        A preparation that fails before anything of it was given is done again here; one that is abandoned, because
        the call that wanted it is over, is continued here.

        Raises:
            SynthesisError: as the synthesizer does.
        """
        key = (text, locale, voice)
        given = 0
        preparation = self._kept.get(key)
        if preparation is not None:
            self._kept.move_to_end(key)
            try:
                async with closing(preparation.follow()) as prepared:
                    async for piece in prepared:
                        given += len(piece)
                        yield piece
            except SynthesisError:
                if given:
                    raise
            if preparation.complete:
                return
        async with closing(self._synthesizer.synthesize(text, locale=locale, voice=voice)) as pieces:
            async for piece in pieces:
                if rest := piece[given:]:
                    yield rest
                given = max(0, given - len(piece))

    def _make_room(self) -> None:
        kept = self.kept_bytes
        for key, preparation in tuple(self._kept.items()):
            if kept <= self._most_bytes:
                return
            if preparation.over:
                kept -= preparation.size
                del self._kept[key]


def _is_cut(text: str, size: int) -> bool:
    return size < _LEAST_SHARE * _BYTES_A_SECOND * speech_seconds(text)
