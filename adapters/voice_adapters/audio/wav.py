"""The recording of a call: both directions on one timeline, on disk while the call runs."""

import enum
import errno
import os
import stat
import threading
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import attrs

from voice_adapters.audio.g711 import ulaw_to_pcm16
from voice_adapters.audio.wav_header import STEREO_HEADER_BYTES, stereo_header
from voice_domain.errors import VoiceError

__all__ = ("LONGEST_RECORDING_SAMPLES", "RecordingError", "Side", "StereoRecorder")

LONGEST_RECORDING_SAMPLES = 24 * 3600 * 8000
"""A day. What lies later on the timeline is not kept: WAV ends at 4 GiB, a wrong timestamp anywhere."""

_DUE_BYTES = 64 << 10  # µ-law waiting in memory: 4 s of both directions
_FULL_BYTES = 16 * _DUE_BYTES  # nobody has flushed for a minute
_BLOCK_SAMPLES = 8000  # a run of samples is merged into the file in blocks of this, so memory stays small
_SAMPLE_BYTES = 4  # both sides, 16 bits each


class RecordingError(VoiceError):
    """The recording could not be written. The call is not affected; the recorder takes nothing more."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"The recording {path} stopped: {problem}")
        self.path = path
        self.problem = problem


class Side(enum.IntEnum):
    """Whose voice; the channel of the file."""

    US = 0
    """Left."""
    COUNTERPART = 1
    """Right."""


@attrs.frozen
class _Stretch:
    side: Side
    at_sample: int
    payload: bytes

    @property
    def end(self) -> int:
        return self.at_sample + len(self.payload)


@attrs.define(eq=False)
class StereoRecorder:
    """Writes a WAV file (8 kHz, 16-bit, we left, the counterpart right) that is valid at every moment.

    ``write`` only remembers and never touches the disk. ``open``, ``flush`` and ``close`` do: call them on a
    worker thread, ``flush`` whenever ``due``. Each flush brings the header up to date: a killed process
    loses what was not flushed and no more. Samples that nobody wrote are silence. A path that already holds a
    recording of ours is continued. The file is created for its owner's eyes only.

    The first failure (a full disk, say) is raised as ``RecordingError``, once; then everything is ignored.
    """

    path: Path
    _file: int = attrs.field(default=-1, init=False, repr=False)
    _samples: int = attrs.field(default=0, init=False, repr=False)
    _waiting: list[_Stretch] = attrs.field(factory=list, init=False, repr=False)
    _waiting_bytes: int = attrs.field(default=0, init=False, repr=False)
    _failed: bool = attrs.field(default=False, init=False, repr=False)
    _memory: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _disk: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def __enter__(self) -> Self:
        """Open the file; see ``open``."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; see ``close``."""
        self.close()

    @property
    def due(self) -> bool:
        """Whether enough waits in memory (4 s of both directions) for a flush."""
        return self._waiting_bytes >= _DUE_BYTES

    @property
    def failed(self) -> bool:
        """Whether the recording has stopped because of a failure."""
        return self._failed

    @property
    def duration_samples(self) -> int:
        """Length of the timeline that is on disk."""
        return self._samples

    def open(self) -> None:
        """Create the file, mode 0600, with a header and no samples, or take up the recording that is there.

        Raises:
            RecordingError: if the path cannot be written or holds something else.
        """
        with self._disk:
            try:
                self._open()
            except OSError as error:
                self._close()
                raise self._failure(error.strerror or "it cannot be opened") from error

    def write(self, side: Side, at_sample: int, payload: bytes) -> None:
        """Put µ-law *payload* at *at_sample* of the timeline (1/8000 s); what is there already is replaced.

        Raises:
            RecordingError: if a minute of sound waits in memory and nobody has flushed it.
        """
        payload = payload[max(-at_sample, 0) : max(LONGEST_RECORDING_SAMPLES - at_sample, 0)]
        if self._failed or not payload:
            return
        if self._waiting_bytes > _FULL_BYTES:
            raise self._failure("the disk does not keep up")
        with self._memory:
            self._waiting.append(_Stretch(side, max(at_sample, 0), payload))
            self._waiting_bytes += len(payload)

    def flush(self) -> None:
        """Bring everything written so far to the file. Blocks on the disk.

        Raises:
            RecordingError: if the disk is full or fails.
        """
        with self._disk:
            with self._memory:
                stretches, self._waiting, self._waiting_bytes = self._waiting, [], 0
            if self._file < 0 or self._failed or not stretches:
                return
            try:
                self._merge(stretches)
            except OSError as error:
                raise self._failure(error.strerror or "it cannot be written") from error

    def close(self) -> None:
        """Flush and close; repeating it is harmless.

        Raises:
            RecordingError: if the rest could not be written; the file is closed nevertheless.
        """
        try:
            self.flush()
        finally:
            with self._disk:
                self._close()

    def _failure(self, problem: str) -> RecordingError:
        self._failed = True
        with self._memory:
            self._waiting, self._waiting_bytes = [], 0
        return RecordingError(self.path, problem)

    def _open(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._file = os.open(self.path, flags, stat.S_IRUSR | stat.S_IWUSR)
        file_bytes = os.fstat(self._file).st_size
        if not file_bytes:
            self._put(stereo_header(0), 0)
            return
        header, ours = self._get(STEREO_HEADER_BYTES, 0), stereo_header(0)
        # Everything but the two sizes has to be as we write it.
        if header[:4] + header[8:40] != ours[:4] + ours[8:40]:
            raise OSError(errno.EEXIST, "the file holds something else; move it away")
        self._samples = (file_bytes - STEREO_HEADER_BYTES) // _SAMPLE_BYTES

    def _close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _merge(self, stretches: list[_Stretch]) -> None:
        blocks: dict[int, list[_Stretch]] = {}
        for stretch in stretches:
            for number in range(stretch.at_sample // _BLOCK_SAMPLES, (stretch.end - 1) // _BLOCK_SAMPLES + 1):
                blocks.setdefault(number, []).append(stretch)
        for number in sorted(blocks):
            self._merge_block(number * _BLOCK_SAMPLES, blocks[number])
        self._samples = max(self._samples, *(stretch.end for stretch in stretches))
        self._put(stereo_header(self._samples * _SAMPLE_BYTES), 0)

    def _merge_block(self, start: int, stretches: list[_Stretch]) -> None:
        end = min(start + _BLOCK_SAMPLES, max(stretch.end for stretch in stretches))
        at_byte = STEREO_HEADER_BYTES + start * _SAMPLE_BYTES
        pcm = bytearray(self._get((end - start) * _SAMPLE_BYTES, at_byte))
        for stretch in stretches:
            low, high = max(stretch.at_sample, start), min(stretch.end, end)
            linear = ulaw_to_pcm16(stretch.payload[low - stretch.at_sample : high - stretch.at_sample])
            first, last = (low - start) * _SAMPLE_BYTES + 2 * stretch.side, (high - start) * _SAMPLE_BYTES
            pcm[first:last:_SAMPLE_BYTES] = linear[0::2]
            pcm[first + 1 : last : _SAMPLE_BYTES] = linear[1::2]
        self._put(pcm, at_byte)

    def _get(self, size: int, at_byte: int) -> bytes:
        """*size* bytes of the file; zeros, which are silence, beyond its end."""
        os.lseek(self._file, at_byte, os.SEEK_SET)
        return os.read(self._file, size).ljust(size, b"\0")

    def _put(self, content: bytes | bytearray, at_byte: int) -> None:
        os.lseek(self._file, at_byte, os.SEEK_SET)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._file, rest) :]
