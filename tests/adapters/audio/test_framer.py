"""The framer neither loses nor invents a byte, whatever the pieces."""

from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.audio.format import AudioFormat, Encoding
from voice_adapters.audio.framer import Framer


@given(st.lists(st.binary(max_size=500)))
def test_frames_and_the_padded_last_one_hold_exactly_what_came_in(pieces: list[bytes]) -> None:
    framer = Framer()
    frames = [frame for piece in pieces for frame in framer.push(piece)]
    last = framer.flush()
    whole = b"".join(pieces)

    assert all(len(frame) == 160 for frame in frames)
    assert len(frames) == len(whole) // 160
    padded = whole + b"\xff" * (-len(whole) % 160)
    assert b"".join(frames) + (last or b"") == padded
    assert framer.flush() is None


def test_a_piece_is_taken_even_if_nobody_reads_its_frames() -> None:
    framer = Framer()

    framer.push(b"\x01" * 170)

    assert framer.rest_bytes == 10


def test_a_cut_speech_leaves_nothing_behind() -> None:
    framer = Framer()
    framer.push(b"\x01" * 10)

    framer.clear()

    assert framer.flush() is None


def test_linear_frames_are_padded_with_linear_silence() -> None:
    framer = Framer(AudioFormat(Encoding.L16, 8000))
    list(framer.push(b"\x01\x02"))

    assert framer.flush() == b"\x01\x02" + b"\0" * 318
