"""The callee's mouth: a frame every 20 ms for as long as the call is up, speech or silence, as carriers send it."""

from collections import deque
from collections.abc import Sequence

import anyio
import anyio.lowlevel

from voice_adapters.audio.format import FRAME_MS, MULAW_8K
from voice_adapters.media.pacer import Pacer
from voice_domain.ports.media import MediaListener

__all__ = ("Mouth",)

_FRAME_SECONDS = FRAME_MS / 1000
_SILENCE = MULAW_8K.silence()


class Mouth:
    """Sends frames to *listener*, by the tick of a pacer; where speaking takes no time, speech only, at once."""

    def __init__(self, listener: MediaListener, *, realtime: bool = True) -> None:
        self._listener = listener
        self._realtime = realtime
        self._speech: deque[bytes] = deque()
        self._spoken = anyio.Event()
        self._base = 0.0
        self._sent = 0
        self._closed = False

    def open(self, pacer: Pacer) -> None:
        """Begin to send."""
        if self._realtime:
            self._base = anyio.current_time()
            pacer.add(self._beat)

    def close(self) -> None:
        """Send no more; repeating it is harmless."""
        self._closed = True

    async def say(self, frames: Sequence[bytes]) -> None:
        """Send *frames*; returns when the last one went out."""
        if self._closed or not frames:
            await anyio.lowlevel.checkpoint()
            return
        if self._realtime:
            self._speech.extend(frames)
            self._spoken = anyio.Event()
            await self._spoken.wait()
            return
        for frame in frames:
            self._listener.frame_arrived(frame)
        await anyio.lowlevel.checkpoint()

    def _beat(self, now: float) -> bool:
        # Counted from the start, so that a late tick sends what it owes and the stream never drifts.
        due = int((now - self._base) / _FRAME_SECONDS + 1e-6) + 1
        while self._sent < due and not self._closed:
            self._listener.frame_arrived(self._speech.popleft() if self._speech else _SILENCE)
            self._sent += 1
            if not self._speech:
                self._spoken.set()
        return not self._closed
