"""Media streams of a gateway at Twilio, as strangers on the network may try them: on real sockets."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from support.gateway import started_gateway
from support.raw_websocket import RawWebSocket, raw_websocket
from support.stranger import Api, eventually
from support.twilio_stranger import FRIEND, SETTINGS, Stranger

START_MS = 1_000


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    home = tmp_path_factory.mktemp("streamed") / "home"
    key, nobody = "a-key-0123456789", "http://127.0.0.1:9"
    streaming = {"enabled": True, "preStartTimeoutMs": START_MS, "openaiBaseUrl": nobody}
    document = {
        **SETTINGS,
        "streaming": {**streaming, "providers": {"openai": {"apiKey": key}}},
        "tts": {"openai": {"apiKey": key, "baseUrl": nobody}},
    }
    with started_gateway(home, document) as gateway:
        made = Stranger(Api(gateway))
        yield made
        made.hang_up()
    assert "Traceback" not in (home / "stderr.txt").read_text()


def offered(stranger: Stranger) -> tuple[str, str]:
    """Let a friend call; return the carrier's name for the call and the path of its stream."""
    fields = stranger.fields(FRIEND)
    document = ET.fromstring(stranger.send(fields).text)  # noqa: S314 - our own document
    (stream,) = document.iter("Stream")
    return fields["CallSid"], urlsplit(stream.get("url") or "").path


def start(name: str) -> str:
    told = {"streamSid": "MZ1", "callSid": name, "tracks": ["inbound"], "customParameters": {}}
    told_format = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    return json.dumps({"event": "start", "streamSid": "MZ1", "start": {**told, "mediaFormat": told_format}})


def opened(stranger: Stranger, path: str, stack: ExitStack) -> RawWebSocket:
    return stack.enter_context(raw_websocket(stranger.address, path))


def test_a_token_is_long_random_of_one_call_and_good_once(streamed: Stranger) -> None:
    paths = [offered(streamed)[1] for _ in range(2)]
    tokens = [path.rpartition("/")[2] for path in paths]
    with ExitStack() as stack:
        first, again, cut, longer = (
            opened(streamed, path, stack).status
            for path in (paths[0], paths[0], paths[1][:-1], paths[1] + "A")
        )

    assert (first, again, cut, longer) == (101, 401, 401, 401)
    assert len(set(tokens)) == 2
    assert min(map(len, tokens)) >= 22  # 128 bits in base64


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (("another",), 1008),
        (("own", "own"), 1008),
        (("own", "huge"), 1009),
    ],
    ids=["a start of another call", "a second start", "a message beyond 64 KiB"],
)
def test_a_stream_that_breaks_a_rule_is_closed(
    streamed: Stranger, messages: tuple[str, ...], code: int
) -> None:
    name, path = offered(streamed)
    said = {"own": start(name), "another": start("CA" + "f" * 32), "huge": "x" * 300_000}
    with ExitStack() as stack:
        wire = opened(streamed, path, stack)
        for message in messages:
            wire.send(said[message])

        assert wire.close_code() == code


def test_an_address_has_four_streams_without_a_start_and_each_of_them_a_moment(streamed: Stranger) -> None:
    paths = [offered(streamed)[1] for _ in range(5)]
    with ExitStack() as stack:
        held = [opened(streamed, path, stack) for path in paths]
        codes = [wire.close_code() for wire in held[:4]]
        # They keep their ends open, and have lost their places all the same.
        later = eventually(lambda: opened(streamed, paths[4], stack).status == 101, seconds=20)

    assert [wire.status for wire in held] == [101] * 4 + [429]
    assert codes == [1008] * 4
    assert later
