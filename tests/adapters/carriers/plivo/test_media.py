"""How Plivo words a media stream: the recorded messages, and what must not be believed."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.plivo import PlivoDialect
from voice_domain.ports.media_dialect import (
    BadMediaError,
    DialectSession,
    FrameCame,
    KeysCame,
    MarkCame,
    MediaMessage,
    StreamBegan,
    StreamOver,
)

RECORDED = {
    event["name"]: event["message"]
    for event in json.loads(
        (Path(__file__).parents[3] / "vectors" / "plivo" / "media.json").read_text(encoding="utf-8")
    )["events"]
}
LEG = "00000000-0000-4000-8000-000000000001"


def begun() -> DialectSession:
    session = PlivoDialect().session()
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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("start", StreamBegan(LEG)),  # type: ignore[arg-type]  # a plain text is enough here
        ("media", FrameCame(b"\xff" * 160)),
        ("dtmf", KeysCame("1")),
        ("playedStream", MarkCame("m-1")),
        ("clearedAudio", None),
        ("stop", StreamOver()),
    ],
)
def test_every_recorded_message_is_understood(name: str, told: MediaMessage | None) -> None:
    text = json.dumps(RECORDED[name])

    assert PlivoDialect().session().read(text) == told
    assert PlivoDialect().session().read(text.encode()) == told


def test_what_we_send_is_what_was_recorded() -> None:
    session = begun()

    assert json.loads(session.frame(b"\xff" * 160)) == RECORDED["play audio"]
    assert json.loads(session.mark("m-1")) == RECORDED["checkpoint"]
    assert json.loads(session.clear()) == RECORDED["clearAudio"]


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_audio_and_any_name_arrive_as_they_are(payload: bytes, name: str) -> None:
    session = begun()

    assert b64decode(json.loads(session.frame(payload))["media"]["payload"]) == payload
    if not any("\ud800" <= character <= "\udfff" for character in name):
        assert json.loads(session.mark(name))["name"] == name


def test_streams_do_not_share_their_names() -> None:
    one, other = PlivoDialect().session(), PlivoDialect().session()
    one.read(json.dumps(RECORDED["start"]))
    other.read(changed("start", "start.streamId", 'S"quoted\\'))

    assert json.loads(one.clear())["streamId"] == RECORDED["start"]["start"]["streamId"]
    assert json.loads(other.clear())["streamId"] == 'S"quoted\\'


def test_an_echo_of_our_own_audio_is_not_the_counterparts() -> None:
    assert begun().read(changed("media", "media.track", "outbound")) is None
    assert isinstance(begun().read(changed("media", "media.track", None)), FrameCame)


def test_events_that_did_not_exist_when_this_was_written_are_passed_over() -> None:
    assert begun().read('{"event":"weather","streamId":"s","weather":{}}') is None


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "1",
        "{}",
        '{"event":5}',
        b"\x00\xff\xfe",
        "[" * 5_000,
        changed("media", "media.payload", None),
        changed("media", "media.payload", "***"),
        changed("media", "media.payload", "A"),
        changed("media", "media", "x"),
        changed("playedStream", "name", None),
        changed("dtmf", "dtmf.digit", 1),
        changed("start", "start.callId", None),
        changed("start", "start.callId", ""),
        changed("start", "start.mediaFormat", None),
        changed("start", "start.streamId", ""),
        changed("start", "start.streamId", "S" * 300),
    ],
)
def test_what_cannot_be_understood_is_refused_and_the_stream_can_go_on(message: str | bytes) -> None:
    session = begun()

    with pytest.raises(BadMediaError, match="Plivo's"):
        session.read(message)

    assert isinstance(session.read(json.dumps(RECORDED["media"])), FrameCame)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("start.mediaFormat.encoding", "audio/x-l16"),
        ("start.mediaFormat.sampleRate", 16000),
    ],
)
def test_audio_of_another_kind_is_refused_and_never_played_as_noise(path: str, value: object) -> None:
    with pytest.raises(BadMediaError, match="only audio/x-mulaw at 8000 Hz"):
        PlivoDialect().session().read(changed("start", path, value))


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_message_is_understood_passed_over_or_refused(message: bytes | str) -> None:
    try:
        told = begun().read(message)
    except BadMediaError:
        return
    assert told is None or isinstance(told, MediaMessage)
