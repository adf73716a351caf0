"""What the callee really heard, sound by sound, to the frame."""

from collections.abc import Callable, Mapping

import attrs

from voice_contracts.twins.sound import BYTES_PER_MS

__all__ = ("Ear", "Heard")


@attrs.frozen
class Heard:
    """One sound."""

    kind: str
    """`say` (the carrier's voice), `play`, `digits`, `stream` (audio that we sent) or `bridge` (another leg)."""
    text: str
    """What was to be said, played or pressed; empty for audio that carries no text."""
    began_ms: int
    ended_ms: int
    audio: bytes
    """µ-law, exactly as heard."""
    whole_bytes: int | None
    """How long the sound would have been; None when nobody knew."""
    manner: Mapping[str, str] = attrs.field(factory=dict)
    """How it was to be made, in the carrier's words: its voice, its language."""

    @property
    def fraction(self) -> float:
        """How much of it was heard, 0 to 1; 1 for a sound whose length nobody knew."""
        return len(self.audio) / self.whole_bytes if self.whole_bytes else 1.0

    @property
    def text_heard(self) -> str:
        """The beginning of the text, in proportion to what was heard."""
        return self.text[: round(len(self.text) * min(self.fraction, 1.0))]


class Ear:
    """Collects sounds. A sound goes on for as long as its frames follow each other without a gap."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._heard: list[Heard] = []
        self._open: Heard | None = None
        self._audio = bytearray()

    @property
    def sounds(self) -> tuple[Heard, ...]:
        """Everything heard so far, the sound that is still going on included."""
        return (*self._heard, *((self._current(),) if self._open else ()))

    @property
    def texts(self) -> tuple[str, ...]:
        """What was said by the carrier's voice, each as far as it was heard."""
        return tuple(heard.text_heard for heard in self.sounds if heard.kind == "say")

    @property
    def digits(self) -> str:
        """The keys heard."""
        return "".join(heard.text for heard in self.sounds if heard.kind == "digits")

    def audio(self, kind: str = "stream") -> bytes:
        """Return all audio of one kind, gaps left out."""
        return b"".join(heard.audio for heard in self.sounds if heard.kind == kind)

    def begin(
        self,
        kind: str,
        text: str = "",
        whole_bytes: int | None = None,
        manner: Mapping[str, str] | None = None,
    ) -> None:
        """A sound begins; the one before it is over."""
        self.end()
        now = self._now_ms()
        self._open = Heard(kind, text, now, now, b"", whole_bytes, manner or {})

    def hear(self, payload: bytes, kind: str = "stream") -> None:
        """Audio arrives that belongs to the open sound; without one of its kind, one begins."""
        if self._open is None or self._open.kind != kind:
            self.begin(kind)
        self._audio += payload

    def end(self) -> None:
        """The open sound is over, if there is one."""
        if self._open is None:
            return
        self._heard.append(self._current())
        self._open = None
        self._audio.clear()

    def _current(self) -> Heard:
        assert self._open is not None
        ended_ms = self._open.began_ms + len(self._audio) // BYTES_PER_MS
        return attrs.evolve(self._open, audio=bytes(self._audio), ended_ms=ended_ms)
