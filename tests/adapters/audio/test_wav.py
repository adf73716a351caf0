"""A recording is a valid WAV file at every moment, on one timeline, and never in the way of the call."""

import os
import resource
import signal
import stat
import subprocess
import sys
import tracemalloc
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_adapters.audio.samples import Samples, ulaw_to_samples
from voice_adapters.audio.wav import LONGEST_RECORDING_SAMPLES, RecordingError, Side, StereoRecorder
from voice_adapters.audio.wav_header import mulaw_wav

LOUD = b"\x00"  # the lowest sample, -32124
SILENT_LEVEL, LOUD_LEVEL = 0, -32124


def read(path: Path) -> Samples:
    """Samples by time and side."""
    with wave.open(str(path)) as recording:
        assert (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) == (2, 2, 8000)
        return np.frombuffer(recording.readframes(recording.getnframes()), "<i2").reshape(-1, 2)


@contextmanager
def small_disk(limit_bytes: int) -> Iterator[None]:
    """No file of this process can grow beyond *limit_bytes* meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_we_are_left_and_the_counterpart_is_right(tmp_path: Path) -> None:
    with StereoRecorder(tmp_path / "call.wav") as recorder:
        recorder.write(Side.US, 0, LOUD * 160)
        recorder.write(Side.COUNTERPART, 160, LOUD * 160)

    both = read(tmp_path / "call.wav")
    assert both[:160].tolist() == [[LOUD_LEVEL, SILENT_LEVEL]] * 160
    assert both[160:].tolist() == [[SILENT_LEVEL, LOUD_LEVEL]] * 160


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(Side),
            st.integers(-300, 30_000),
            st.binary(max_size=300) | st.integers(0, 255).map(lambda code: bytes((code,)) * 17_000),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_any_order_of_writes_and_flushes_gives_the_same_timeline(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[Side, int, bytes, bool]]
) -> None:
    path = tmp_path_factory.mktemp("recordings") / "call.wav"
    expected = np.zeros((48_000, 2), np.int16)
    length = 0

    with StereoRecorder(path) as recorder:
        for side, at_sample, payload, flushed in writes:
            recorder.write(side, at_sample, payload)
            if flushed:
                recorder.flush()
            kept, start = payload[max(-at_sample, 0) :], max(at_sample, 0)
            expected[start : start + len(kept), side] = ulaw_to_samples(kept)
            length = max(length, start + len(kept)) if kept else length

    assert np.array_equal(read(path), expected[:length])


def test_gaps_are_silence_and_cost_nothing(tmp_path: Path) -> None:
    with StereoRecorder(tmp_path / "call.wav") as recorder:
        recorder.write(Side.US, 8000 * 3600, LOUD)

    assert (tmp_path / "call.wav").stat().st_size == 44 + 4 * (8000 * 3600 + 1)
    assert (tmp_path / "call.wav").stat().st_blocks * 512 < 100_000


def test_the_file_is_for_its_owner_only_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "recordings" / "call.wav"

    with StereoRecorder(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    assert len(read(path)) == 0


def test_a_killed_process_leaves_a_valid_file_with_all_that_was_flushed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys\n"
        "from voice_adapters.audio.wav import Side, StereoRecorder\n"
        "recorder = StereoRecorder(pathlib.Path(sys.argv[1]))\n"
        "recorder.open()\n"
        "recorder.write(Side.US, 0, bytes(8000)); recorder.flush()\n"
        "recorder.write(Side.US, 8000, bytes(8000)); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "call.wav")]

    ended = subprocess.run(
        command, check=False, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ).returncode

    assert ended == -signal.SIGKILL
    assert read(tmp_path / "call.wav").tolist() == [[LOUD_LEVEL, SILENT_LEVEL]] * 8000


def write_seconds(recorder: StereoRecorder, seconds: int) -> None:
    for second in range(seconds):
        recorder.write(Side.US, 8000 * second, LOUD * 8000)


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_a_full_disk_is_told_once_and_what_was_recorded_stays_playable(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav")
    recorder.open()
    recorder.write(Side.US, 0, LOUD * 1000)
    recorder.flush()

    recorder.write(Side.US, 1000, LOUD * 100_000)
    with (
        small_disk(50_000),
        pytest.raises(RecordingError, match=r"call\.wav stopped: File too large") as told,
    ):
        recorder.flush()

    assert told.value.path == tmp_path / "call.wav"
    assert recorder.failed
    recorder.write(Side.US, 200_000, LOUD)
    recorder.flush()
    recorder.close()
    recorder.close()
    assert len(read(tmp_path / "call.wav")) == 1000


def test_a_full_disk_at_the_start_leaves_no_open_file(tmp_path: Path) -> None:
    before = open_files()
    recorder = StereoRecorder(tmp_path / "call.wav")

    with small_disk(10), pytest.raises(RecordingError):
        recorder.open()

    recorder.write(Side.US, 0, LOUD)
    recorder.close()
    assert open_files() == before


def test_memory_is_bounded_if_nobody_flushes(tmp_path: Path) -> None:
    recorder = StereoRecorder(tmp_path / "call.wav")
    recorder.open()

    with pytest.raises(RecordingError, match="does not keep up"):
        write_seconds(recorder, 1000)

    assert recorder.failed
    recorder.close()


def test_a_flush_is_due_after_some_seconds_and_not_before(tmp_path: Path) -> None:
    with StereoRecorder(tmp_path / "call.wav") as recorder:
        recorder.write(Side.US, 0, LOUD * 60_000)
        due = [recorder.due]
        recorder.write(Side.COUNTERPART, 0, LOUD * 8000)
        due.append(recorder.due)
        recorder.flush()
        due.append(recorder.due)

    assert due == [False, True, False]


def test_an_hour_is_recorded_in_little_memory(tmp_path: Path) -> None:
    with StereoRecorder(tmp_path / "call.wav") as recorder:
        tracemalloc.start()
        for second in range(0, 3600, 10):
            recorder.write(Side.US, 8000 * second, LOUD * 8000)
            if recorder.due:
                recorder.flush()
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak_bytes < 1_000_000
    assert recorder.duration_samples == 8000 * 3591


def test_a_recording_is_continued_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    with StereoRecorder(path) as first:
        first.write(Side.US, 0, LOUD * 10)

    with StereoRecorder(path) as second:
        assert second.duration_samples == 10
        second.write(Side.COUNTERPART, 5, LOUD * 10)

    assert read(path)[:, 0].tolist() == [LOUD_LEVEL] * 10 + [SILENT_LEVEL] * 5
    assert read(path)[:, 1].tolist() == [SILENT_LEVEL] * 5 + [LOUD_LEVEL] * 10


@pytest.mark.parametrize("content", [b"precious", b"precious " * 50, mulaw_wav(b"\xff" * 100)])
def test_somebody_elses_file_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "call.wav").write_bytes(content)

    with pytest.raises(RecordingError, match="holds something else"):
        StereoRecorder(tmp_path / "call.wav").open()

    assert (tmp_path / "call.wav").read_bytes() == content


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "call.wav").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RecordingError):
        StereoRecorder(tmp_path / "call.wav").open()

    assert not (tmp_path / "elsewhere").exists()


def test_a_wrong_timestamp_does_not_make_a_huge_file(tmp_path: Path) -> None:
    with StereoRecorder(tmp_path / "call.wav") as recorder:
        recorder.write(Side.US, 2**40, LOUD * 160)
        recorder.write(Side.US, -(2**40), LOUD * 160)
        recorder.write(Side.US, LONGEST_RECORDING_SAMPLES, LOUD * 160)

    assert (tmp_path / "call.wav").stat().st_size == 44


@pytest.mark.parametrize("payload", [b"", b"\xff" * 7, b"\x00" * 160])
def test_a_mulaw_file_says_what_it_is(payload: bytes) -> None:
    content = mulaw_wav(payload)

    assert content[:4] + content[8:16] == b"RIFFWAVEfmt "
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    assert int.from_bytes(content[20:22], "little") == 7
    assert int.from_bytes(content[54:58], "little") == len(payload)
    assert content[58 : 58 + len(payload)] == payload
    assert len(content) % 2 == 0
