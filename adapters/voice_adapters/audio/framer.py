"""Cuts audio that arrives in pieces of any size into frames of 20 ms."""

from collections.abc import Iterator

import attrs

from voice_adapters.audio.format import MULAW_8K, AudioFormat

__all__ = ("Framer",)


@attrs.define
class Framer:
    """Bytes in, frames out; what does not fill a frame waits for the next piece."""

    audio_format: AudioFormat = MULAW_8K
    _rest: bytes = attrs.field(default=b"", init=False, repr=False)

    @property
    def rest_bytes(self) -> int:
        """Bytes that wait for the rest of their frame; always fewer than a frame has."""
        return len(self._rest)

    def push(self, payload: bytes) -> Iterator[bytes]:
        """Take *payload* at once and return an iterator over the frames it completes."""
        size = self.audio_format.frame_bytes
        payload = self._rest + payload if self._rest else payload
        whole = len(payload) - len(payload) % size
        self._rest = payload[whole:]
        return (payload[start : start + size] for start in range(0, whole, size))

    def flush(self) -> bytes | None:
        """The last frame, filled up with silence; ``None`` if nothing waits."""
        if not self._rest:
            return None
        frame = self._rest + self.audio_format.silence()[len(self._rest) :]
        self._rest = b""
        return frame

    def clear(self) -> None:
        """Forget what waits: the speech it belonged to was cut off."""
        self._rest = b""
