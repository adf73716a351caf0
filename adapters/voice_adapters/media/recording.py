"""The recording of one call while it runs: both sides on one timeline, written by a worker thread."""

import logging
from collections.abc import Callable

import anyio
import anyio.to_thread

from voice_adapters.audio.wav import RecordingError, Side, StereoRecorder
from voice_domain.identity import CallId

__all__ = ("CallRecording",)

_log = logging.getLogger(__name__)

_RATE_HZ = 8_000
_FRAME_SAMPLES = 160
_DRIFT_SAMPLES = 960
_FLUSH_SECONDS = 1.0
_CLOSE_SECONDS = 5.0


class CallRecording:
    """Puts frames where they belong in time. A recording that fails is given up; the call goes on."""

    def __init__(self, call_id: CallId, recorder: StereoRecorder) -> None:
        self._call_id = call_id
        self._recorder: StereoRecorder | None = recorder
        self._began_at: float | None = None
        self._began = anyio.Event()
        self._next_theirs = 0

    def ours(self, frame: bytes, heard_at: float) -> None:
        """Keep a frame of ours that is heard at *heard_at*, in the loop's time."""
        self._write(Side.US, self._sample(heard_at), frame)

    def theirs(self, frame: bytes) -> None:
        """Keep a frame of the counterpart's that arrived now; the network's jitter is smoothed away."""
        arrived = self._sample(anyio.current_time())
        if abs(arrived - self._next_theirs) > _DRIFT_SAMPLES:
            self._next_theirs = arrived
        self._write(Side.COUNTERPART, self._next_theirs, frame)
        self._next_theirs += _FRAME_SAMPLES

    async def run(self) -> None:
        """Bring what was kept to the disk until cancelled; then close the file. No frame, no file."""
        recorder = self._recorder
        await self._began.wait()
        if recorder is None:
            return
        try:
            await self._on_disk(recorder.open)
            while self._recorder is not None:
                await anyio.sleep(_FLUSH_SECONDS)
                if recorder.due:
                    await self._on_disk(recorder.flush)
        finally:
            with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                await self._on_disk(recorder.close, abandon=True)

    def _sample(self, at: float) -> int:
        if self._began_at is None:
            self._began_at = at
            self._began.set()
        return max(0, round((at - self._began_at) * _RATE_HZ))

    def _write(self, side: Side, at_sample: int, frame: bytes) -> None:
        if self._recorder is not None:
            try:
                self._recorder.write(side, at_sample, frame)
            except RecordingError as error:
                self._give_up(error)

    async def _on_disk(self, action: Callable[[], None], *, abandon: bool = False) -> None:
        try:
            await anyio.to_thread.run_sync(action, abandon_on_cancel=abandon)
        except RecordingError as error:
            self._give_up(error)

    def _give_up(self, error: RecordingError) -> None:
        _log.warning("call %s: %s", self._call_id, error)
        self._recorder = None
