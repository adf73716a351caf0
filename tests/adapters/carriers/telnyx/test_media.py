"""How Telnyx words a media stream: the recorded messages, frames out of order, and what must not be believed."""

import itertools
import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.telnyx import TelnyxDialect
from voice_adapters.carriers.telnyx.reordering import Reordering
from voice_domain.ports.media_dialect import (
    BadMediaError,
    DialectSession,
    FrameCame,
    MarkCame,
    MediaEncoding,
    MediaFormat,
    MediaMessage,
    StreamBegan,
    StreamOver,
)

RECORDED = {
    event["name"]: event["message"]
    for event in json.loads(
        (Path(__file__).parents[3] / "vectors" / "telnyx" / "media.json").read_text(encoding="utf-8")
    )["events"]
}
LEG = "v3:fake-call-control-id-0001"


def begun() -> DialectSession:
    session = TelnyxDialect().session()
    session.read(json.dumps(RECORDED["start"]))
    return session


def changed(name: str, path: str, value: Any) -> str:
    """A recorded message with one field replaced, or left out if *value* is None."""
    message = json.loads(json.dumps(RECORDED[name]))
    *outer, last = path.split(".")
    inside = message
    for key in outer:
        inside = inside[key]
    if value is None:
        del inside[last]
    else:
        inside[last] = value
    return json.dumps(message)


def frame(chunk: object, payload: bytes = b"\x00") -> str:
    media = {"track": "inbound", "chunk": chunk, "payload": b64encode(payload).decode()}
    return json.dumps({"event": "media", "media": media})


def heard(session: DialectSession, *messages: str) -> list[bytes]:
    told = [session.read(message) for message in messages]
    return [each.payload for each in told if isinstance(each, FrameCame)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("connected", None),
        ("start", StreamBegan(LEG)),  # type: ignore[arg-type]  # a plain text is enough here
        ("mark", MarkCame("m-1")),
        ("stop", StreamOver()),
        ("error", None),
    ],
)
def test_every_recorded_message_is_understood(name: str, told: MediaMessage | None) -> None:
    text = json.dumps(RECORDED[name])

    assert TelnyxDialect().session().read(text) == told
    assert TelnyxDialect().session().read(text.encode()) == told


def test_a_recorded_frame_is_heard_when_its_turn_has_come() -> None:
    assert heard(begun(), frame("1"), json.dumps(RECORDED["media"])) == [b"\x00", b"\xff" * 160]


def test_a_key_is_left_to_its_webhook_so_that_it_counts_once() -> None:
    assert begun().read(json.dumps(RECORDED["dtmf"])) is None


def test_what_we_send_is_what_was_recorded() -> None:
    session = begun()

    assert json.loads(session.frame(b"\xff" * 160)) == RECORDED["play audio (rtp mode)"]
    assert json.loads(session.mark("m-1")) == RECORDED["mark request"]
    assert json.loads(session.clear()) == RECORDED["clear"]


@given(st.binary(max_size=400), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_audio_and_any_name_arrive_as_they_are(payload: bytes, name: str) -> None:
    session = begun()

    assert b64decode(json.loads(session.frame(payload))["media"]["payload"]) == payload
    assert json.loads(session.mark(name))["mark"]["name"] == name


def test_frames_that_overtook_each_other_are_heard_in_order() -> None:
    messages = [frame(str(number), bytes([number])) for number in (1, 3, 2, 5, 4, 6)]

    assert b"".join(heard(begun(), *messages)) == bytes([1, 2, 3, 4, 5, 6])


def test_a_frame_that_never_comes_holds_the_others_back_for_sixty_milliseconds_only() -> None:
    messages = [frame(str(number), bytes([number])) for number in (1, 3, 4, 5, 6)]

    assert heard(begun(), *messages) == [b"\x01", b"\x03\x04\x05\x06"]


def test_a_frame_that_comes_after_its_turn_and_one_that_comes_twice_are_dropped() -> None:
    messages = [frame(str(number), bytes([number])) for number in (1, 3, 4, 5, 6, 2, 6, 7)]

    assert b"".join(heard(begun(), *messages)) == bytes([1, 3, 4, 5, 6, 7])


def test_numbers_that_begin_anew_are_followed() -> None:
    order = Reordering()
    for number in range(1, 301):
        order.push(number, b"a")

    assert order.push(1, b"b") == b"b"
    assert order.push(2, b"c") == b"c"


@given(st.lists(st.integers(0, 5_000), max_size=60))
def test_whatever_the_numbers_are_no_frame_is_heard_twice_and_few_wait(numbers: list[int]) -> None:
    order = Reordering()

    audio = b"".join(order.push(number, b"a") for number in numbers)

    assert len(audio) <= len(numbers)
    assert len(order._waiting) <= 3


@given(st.permutations(range(1, 5)))
def test_any_order_within_the_window_is_put_right(numbers: list[int]) -> None:
    order = Reordering()

    audio = [order.push(number, bytes([number])) for number in itertools.chain(numbers, [5, 6])]

    assert b"".join(audio) == bytes([1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize("chunk", [None, "x", "-1", "9" * 20, -5, 10**16])
def test_a_frame_without_a_number_is_heard_at_once(chunk: object) -> None:
    assert heard(begun(), frame(chunk, b"a")) == [b"a"]


def test_an_echo_of_our_own_audio_is_not_the_counterparts() -> None:
    assert begun().read(changed("media", "media.track", "outbound")) is None


def test_events_that_did_not_exist_when_this_was_written_are_passed_over() -> None:
    assert begun().read('{"event":"weather","weather":{}}') is None


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"event":5}',
        b"\x00\xff\xfe",
        "[" * 5_000,
        changed("media", "media.payload", None),
        changed("media", "media.payload", "***"),
        changed("media", "media", "x"),
        changed("mark", "mark.name", None),
        changed("start", "start.call_control_id", None),
        changed("start", "start.call_control_id", ""),
        changed("start", "start.media_format", None),
    ],
)
def test_what_cannot_be_understood_is_refused_and_the_stream_can_go_on(message: str | bytes) -> None:
    session = begun()

    with pytest.raises(BadMediaError, match="Telnyx's"):
        session.read(message)

    assert heard(session, frame("1", b"a")) == [b"a"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("start.media_format.encoding", "G722"),
        ("start.media_format.sample_rate", 16000),
        ("start.media_format.channels", 2),
    ],
)
def test_audio_of_another_kind_is_refused_and_never_played_as_noise(path: str, value: object) -> None:
    with pytest.raises(BadMediaError, match="only PCMU and PCMA at 8000 Hz"):
        TelnyxDialect().session().read(changed("start", path, value))


def test_the_encoding_that_telnyx_declares_is_passed_on_and_ours_stays_what_we_asked_for() -> None:
    told = TelnyxDialect().session().read(changed("start", "start.media_format.encoding", "PCMA"))

    assert isinstance(told, StreamBegan)
    assert (told.heard, told.spoken) == (MediaFormat(MediaEncoding.ALAW), MediaFormat())


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_message_is_understood_passed_over_or_refused(message: bytes | str) -> None:
    try:
        told = begun().read(message)
    except BadMediaError:
        return
    assert told is None or isinstance(told, MediaMessage)
