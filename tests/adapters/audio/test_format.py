"""An audio format knows its frame, its silence and its durations."""

import pytest

from voice_adapters.audio.format import MULAW_8K, AudioFormat, Encoding


@pytest.mark.parametrize(
    ("encoding", "rate_hz", "frame_bytes"),
    [
        (Encoding.MULAW, 8000, 160),
        (Encoding.ALAW, 8000, 160),
        (Encoding.L16, 8000, 320),
        (Encoding.L16, 16000, 640),
        (Encoding.L16, 24000, 960),
    ],
)
def test_a_frame_is_20_ms_long(encoding: Encoding, rate_hz: int, frame_bytes: int) -> None:
    audio_format = AudioFormat(encoding, rate_hz)

    assert audio_format.frame_bytes == frame_bytes
    assert audio_format.duration_ms(frame_bytes) == 20
    assert audio_format.bytes_of(100) == 5 * frame_bytes
    assert len(audio_format.silence()) == frame_bytes


@pytest.mark.parametrize(
    ("encoding", "silence"),
    [(Encoding.MULAW, b"\xff\xff"), (Encoding.ALAW, b"\xd5\xd5"), (Encoding.L16, b"\0\0\0\0")],
)
def test_silence_is_the_code_of_the_level_nearest_to_zero(encoding: Encoding, silence: bytes) -> None:
    assert AudioFormat(encoding, 1000).silence(2) == silence


@pytest.mark.parametrize("rate_hz", [0, -8000, 11025])
def test_a_rate_without_whole_frames_is_refused_by_name(rate_hz: int) -> None:
    with pytest.raises(ValueError, match=f"rate_hz is {rate_hz}"):
        AudioFormat(Encoding.L16, rate_hz)


def test_formats_are_equal_by_value() -> None:
    assert AudioFormat(Encoding.MULAW, 8000) == MULAW_8K
    assert AudioFormat(Encoding.MULAW, 16000) != MULAW_8K
