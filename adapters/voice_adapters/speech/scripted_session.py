"""One call's scripted ear: counts frames to know when which words were said."""

from collections import deque
from math import ceil

import attrs

from voice_adapters.audio.format import FRAME_MS
from voice_adapters.audio.g711 import loudness
from voice_domain.ports.transcriber import Hearing, TranscriptionSession, Words

__all__ = ("Announcement", "ScriptedSession")

_VOICED = 30.0  # loudness; about -37 dBFS
_VOICED_FRAMES = 3  # a click is shorter


@attrs.frozen
class Announcement:
    """Words that will have been said after so many frames; 0 for words that were said already."""

    text: str
    frames: int


class ScriptedSession(TranscriptionSession):
    """Gives announced words by the count of frames, and the next of *unheard* when a voice ends."""

    def __init__(self, hearing: Hearing, unheard: deque[str], *, delay_ms: int) -> None:
        self._hearing = hearing
        self._unheard = unheard
        self._delay_frames = ceil(delay_ms / FRAME_MS)
        self._expected: deque[Announcement] = deque()
        self._fed = 0
        self._voiced = 0
        self._quiet = 0
        self._closed = False

    def expect(self, announcement: Announcement) -> None:
        """Take what will be said next, after all that is expected already."""
        if announcement.frames <= 0:
            self._hear(announcement.text, final=True)
        else:
            self._expected.append(announcement)

    def close(self) -> None:
        """Hear no more."""
        self._closed = True
        self._expected.clear()

    def feed(self, payload: bytes) -> None:
        """Take 20 ms; words that are complete by then are told before this returns."""
        if self._closed:
            return
        if self._expected:
            self._count(self._expected[0])
        elif self._unheard:
            self._listen(payload)

    def voice_began(self) -> None:
        """Nothing to do: there is no service that could miss it."""

    def _count(self, announcement: Announcement) -> None:
        self._fed += 1
        if self._fed == ceil(announcement.frames / 2):
            self._hear(_first_half(announcement.text), final=False)
        if self._fed >= announcement.frames + self._delay_frames:
            self._expected.popleft()
            self._fed = 0
            self._hear(announcement.text, final=True)

    def _listen(self, payload: bytes) -> None:
        if loudness(payload) >= _VOICED:
            self._voiced, self._quiet = self._voiced + 1, 0
            if self._voiced == _VOICED_FRAMES:
                self._hear(_first_half(self._unheard[0]), final=False)
            return
        self._quiet += 1
        if self._quiet < max(1, self._delay_frames):
            return
        if self._voiced >= _VOICED_FRAMES:
            self._hear(self._unheard.popleft(), final=True)
        self._voiced = 0

    def _hear(self, text: str, *, final: bool) -> None:
        if text and not self._closed:
            self._hearing(Words(text, final=final))


def _first_half(text: str) -> str:
    """Return the first half of the words; of the characters where there is one word only."""
    words = text.split()
    if len(words) > 1:
        return " ".join(words[: ceil(len(words) / 2)])
    return text.strip()[: ceil(len(text.strip()) / 2)]
