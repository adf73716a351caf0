"""Frames are cut out of a stream of bytes the same way whatever pieces it comes in."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.media_stage import masked
from wsproto.frame_protocol import FrameProtocol

from voice_adapters.transports.incoming_frames import IncomingFrames, MessageTooBigError, OddFrame

LIMIT = 1_000


def read(*pieces: bytes, limit: int = LIMIT) -> list[str | bytes | OddFrame]:
    frames = IncomingFrames(limit)
    return [message for piece in pieces for message in frames.push(piece)]


messages = st.one_of(
    st.text(st.characters(max_codepoint=127), max_size=400),
    st.binary(max_size=400),
)


def framed(message: str | bytes, mask: bytes) -> bytes:
    if isinstance(message, str):
        return masked(0x81, message.encode(), mask=mask)
    return masked(0x82, message, mask=mask)


@given(
    st.lists(st.tuples(messages, st.binary(min_size=4, max_size=4)), max_size=6),
    st.lists(st.integers(0, 2_400)),
)
def test_messages_arrive_whole_and_in_order_however_the_bytes_are_cut(
    sent: list[tuple[str | bytes, bytes]], cuts: list[int]
) -> None:
    wire = b"".join(framed(message, mask) for message, mask in sent)
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]

    got = read(*(wire[a:b] for a, b in itertools.pairwise(edges)))

    assert got == [message for message, _ in sent]
    assert not any(isinstance(message, OddFrame) for message in got)


@given(st.lists(st.binary(max_size=200)))
def test_any_bytes_are_taken_or_refused_and_never_pile_up(pieces: list[bytes]) -> None:
    frames = IncomingFrames(LIMIT)

    try:
        for piece in pieces:
            list(frames.push(piece))
    except MessageTooBigError:
        return

    assert len(frames._rest) <= LIMIT + 14


def test_what_another_implementation_sends_is_understood() -> None:
    client = FrameProtocol(client=True, extensions=[])
    wire = bytes(client.send_data("hello", fin=True)) + bytes(client.send_data(b"\x00\xff", fin=True))

    assert read(wire) == ["hello", b"\x00\xff"]


@pytest.mark.parametrize(
    "frame",
    [
        masked(0x88, b"\x03\xe8"),
        masked(0x89, b"ping"),
        masked(0x01, b"half"),
        masked(0x81, "ü".encode()),
        masked(0x81, b"\xff\xfe"),
        masked(0xC1, b"compressed"),
        masked(0x83, b"reserved"),
    ],
    ids=["close", "ping", "fragment", "beyond ascii", "not utf-8", "reserved bit", "reserved opcode"],
)
def test_what_is_not_a_plain_message_is_handed_over_as_it_came(frame: bytes) -> None:
    (got,) = read(frame)

    assert isinstance(got, OddFrame)
    assert got == frame


def test_between_fragments_every_data_frame_is_handed_over() -> None:
    wire = masked(0x01, b"a") + masked(0x81, b"b") + masked(0x80, b"c") + masked(0x81, b"d")

    got = read(wire)

    assert [type(message) for message in got] == [OddFrame, OddFrame, OddFrame, str]


@pytest.mark.parametrize(
    "beginning",
    [b"\x81\x05hello", b"\x89\xfe\x00\x7e"],
    ids=["not masked", "a long ping"],
)
def test_what_breaks_the_protocol_is_handed_over_at_once(beginning: bytes) -> None:
    (got,) = read(beginning)

    assert isinstance(got, OddFrame)


def test_a_message_that_is_announced_too_big_is_refused_before_it_comes() -> None:
    with pytest.raises(MessageTooBigError, match="1000 bytes"):
        read(masked(0x81, b"x" * 1_001)[:8])


def test_fragments_may_not_add_up_to_more_than_the_limit() -> None:
    half = b"x" * 600

    with pytest.raises(MessageTooBigError):
        read(masked(0x01, half), masked(0x00, half))
