"""The callee's ear: plays what we send in real time and echoes our marks, as a carrier's media stream does.

Nothing ticks here. The moment at which each frame will have been played is known when it arrives, against the loop's
own clock; the ear wakes only for marks, and for whoever waits until we begin to speak or have finished.
"""

from collections import deque
from math import inf

import anyio

from voice_adapters.audio.format import FRAME_MS, MULAW_8K
from voice_domain.ports.media import MediaLink, MediaListener

__all__ = ("BUFFER_FRAMES", "MockLink")

BUFFER_FRAMES = 3_000
"""One minute: what the far end holds before it plays. What is sent beyond that is dropped and counted."""

_FRAME_SECONDS = FRAME_MS / 1000
_INSTANT = 1e-6  # clocks are floating point: moments this near are the same
_LINGER_SECONDS = 1.0  # where playing takes no time, speech without a closing mark counts as over after this


class MockLink(MediaLink):
    """One media link, with the far end's buffer behind it.

    It keeps the last *memory_frames* frames that were heard, in `frames_heard`. When *realtime* is False, frames are
    played as they arrive and marks come back at once.
    """

    def __init__(self, *, realtime: bool = True, memory_frames: int = 0) -> None:
        self.frames_heard: deque[bytes] = deque(maxlen=memory_frames)
        self.dropped = 0
        """How many frames and marks did not fit in the buffer."""
        self.closed = False
        self.began_at = -inf
        """When the latest stretch of our speech began to be heard, in the loop's time."""
        self._realtime = realtime
        self._frames: deque[tuple[float, bytes]] = deque()
        self._marks: deque[tuple[float, str]] = deque()
        self._ends_at = -inf
        self._played = 0
        self._heard_out = 0
        self._listener: MediaListener | None = None
        self._changed = anyio.Event()

    @property
    def realtime(self) -> bool:
        """Whether frames take as long as they last to be heard."""
        return self._realtime

    @property
    def played(self) -> int:
        """How many frames were heard to their end."""
        self._advance(anyio.current_time())
        return self._played

    @property
    def heard_out(self) -> int:
        """How many stretches of our speech were heard to their end; one that was cleared does not count."""
        self._advance(anyio.current_time())
        return self._heard_out

    @property
    def speaking(self) -> bool:
        """Whether we are being heard now."""
        return anyio.current_time() < self._ends_at - _INSTANT

    def send_frame(self, payload: bytes) -> None:
        """Queue a frame; it is dropped, and counted, if a minute waits already.

        Raises:
            ValueError: if it is not 160 bytes.
        """
        if len(payload) != MULAW_8K.frame_bytes:
            raise ValueError(
                f"a frame is {MULAW_8K.frame_bytes} bytes of µ-law, not {len(payload)}: cut it first"
            )
        if self.closed:
            return
        now = anyio.current_time()
        self._advance(now)
        if len(self._frames) >= BUFFER_FRAMES:
            self.dropped += 1
            return
        fresh = now > self._ends_at + _INSTANT
        self._ends_at = max(now, self._ends_at) + _FRAME_SECONDS if self._realtime else now + _LINGER_SECONDS
        self._frames.append((self._ends_at if self._realtime else now, payload))
        if fresh:
            self.began_at = now
            self._changed.set()
        if not self._realtime:
            self._advance(now)

    def send_mark(self, name: str) -> None:
        """Have the mark called back, from another task, once all before it was played."""
        if self.closed:
            return
        if len(self._marks) >= BUFFER_FRAMES:
            self.dropped += 1
            return
        now = anyio.current_time()
        if not self._realtime:
            self._ends_at = min(self._ends_at, now)
        self._marks.append((max(now, self._ends_at), name))
        self._changed.set()

    def clear(self) -> None:
        """Drop what was not played to its end; its marks are called back before this returns."""
        now = anyio.current_time()
        self._advance(now)
        self._frames.clear()
        self._ends_at = min(self._ends_at, now)
        self._marks = deque((now, name) for _, name in self._marks)
        self._deliver(now)
        self._changed.set()

    def close(self) -> None:
        """Play nothing more and call nobody back."""
        self._advance(anyio.current_time())
        self.closed = True
        self._frames.clear()
        self._marks.clear()
        self._ends_at = -inf
        self._changed.set()

    async def run(self, listener: MediaListener) -> None:
        """Call *listener* back for every mark, until the link is closed."""
        self._listener = listener
        while not self.closed:
            now = anyio.current_time()
            self._advance(now)
            self._deliver(now)
            await self._wait(self._marks[0][0] if self._marks else inf)

    async def speech_begins(self, *, beyond: int, within_seconds: float) -> None:
        """Wait until we are heard, or more than *beyond* frames were; at most *within_seconds*."""
        deadline = anyio.current_time() + within_seconds
        while not self.speaking and self.played <= beyond and anyio.current_time() < deadline:
            await self._wait(deadline)

    async def speech_ends(self) -> None:
        """Wait until nothing is left to be heard; what had to be called back by then has been."""
        while self.speaking:
            await self._wait(self._ends_at)
        self._deliver(anyio.current_time())

    async def _wait(self, deadline: float) -> None:
        """Wait for a change. Whoever waits has looked at everything just before, without an await between."""
        if self._changed.is_set():
            self._changed = anyio.Event()
        with anyio.CancelScope(deadline=deadline):
            await self._changed.wait()

    def _advance(self, now: float) -> None:
        while self._frames and self._frames[0][0] <= now + _INSTANT:
            self._played += 1
            self.frames_heard.append(self._frames.popleft()[1])
            self._heard_out += not self._frames

    def _deliver(self, now: float) -> None:
        while self._listener is not None and self._marks and self._marks[0][0] <= now + _INSTANT:
            self._listener.mark_played(self._marks.popleft()[1])
