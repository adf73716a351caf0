"""A stream of events is read the same however it was cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scripted_http import sample

from voice_adapters.services.server_sent_events import SentEvent, ServerSentEvents


def events(*pieces: bytes) -> list[SentEvent]:
    stream = ServerSentEvents()
    return [event for piece in pieces for event in stream.push(piece)] + stream.flush()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"data: a\n\n", [SentEvent("", "a")]),
        (b"event: x\ndata: a\n\ndata: b\n\n", [SentEvent("x", "a"), SentEvent("", "b")]),
        (b"data: a\ndata: b\n\n", [SentEvent("", "a\nb")]),
        (
            b"data:a\r\n\r\ndata: b\r\rdata:  c\n\n",
            [SentEvent("", "a"), SentEvent("", "b"), SentEvent("", " c")],
        ),
        (b": comment\nid: 7\nretry: 10\nodd\ndata: a\n\n", [SentEvent("", "a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [SentEvent("", "a")]),
        (b"event: nothing\n\ndata: a", [SentEvent("", "a")]),
        (b"data: \xff\n\n", [SentEvent("", "\ufffd")]),
        (b"", []),
    ],
)
def test_events_are_read_as_the_standard_says(body: bytes, told: list[SentEvent]) -> None:
    assert events(body) == told
    assert events(*[body[at : at + 1] for at in range(len(body))]) == told


@given(
    st.lists(st.sampled_from(["data: 你好", "event: e", "data:", "\r\n", "\n", "\r", ":", "x"]), max_size=20),
    st.lists(st.integers(0, 80), max_size=6),
)
def test_no_cut_changes_the_events(lines: list[str], cuts: list[int]) -> None:
    body = "".join(lines).encode()
    places = [0, *sorted(place for place in cuts if place <= len(body)), len(body)]

    assert events(*[body[place:end] for place, end in pairwise(places)]) == events(body)


def test_a_recorded_stream_has_its_events() -> None:
    body = sample("openai", "http", "responses stream")["body_raw"].encode()

    assert [event.name for event in events(body)] == [
        "response.created",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.completed",
    ]
