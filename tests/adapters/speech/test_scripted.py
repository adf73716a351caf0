"""The scripted transcriber hears what was announced, when it was said, and only while somebody listens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from support.mock_network import LOUD, SILENT

from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_domain.identity import CallId
from voice_domain.ports.transcriber import TranscriptionSession, Words

pytestmark = pytest.mark.anyio

CALL = CallId("c1")


@asynccontextmanager
async def listening(
    transcriber: ScriptedTranscriber, call_id: CallId = CALL
) -> AsyncIterator[tuple[TranscriptionSession, list[Words]]]:
    heard: list[Words] = []
    async with transcriber.open(call_id, locale="en-US", hearing=heard.append) as session:
        yield session, heard


def feed(session: TranscriptionSession, payload: bytes, frames: int) -> None:
    for _ in range(frames):
        session.feed(payload)


async def test_half_of_the_words_come_half_way_and_all_of_them_after_the_delay() -> None:
    transcriber = ScriptedTranscriber(delay_ms=120)
    async with listening(transcriber) as (session, heard):
        transcriber.announce(CALL, "one two three four", frames=10)
        feed(session, LOUD, 4)
        early = list(heard)
        feed(session, LOUD, 6)
        half = list(heard)
        feed(session, SILENT, 5)
        waiting = list(heard)
        feed(session, SILENT, 1)

    assert early == []
    assert half == waiting == [Words("one two", final=False)]
    assert heard[1:] == [Words("one two three four", final=True)]


async def test_half_of_a_chinese_sentence_is_half_of_its_characters() -> None:
    transcriber = ScriptedTranscriber(delay_ms=0)
    async with listening(transcriber) as (session, heard):
        transcriber.announce(CALL, "你好世界", frames=2)
        feed(session, LOUD, 2)

    assert heard == [Words("你好", final=False), Words("你好世界", final=True)]


async def test_two_announcements_are_heard_one_after_the_other() -> None:
    transcriber = ScriptedTranscriber(delay_ms=20)
    async with listening(transcriber) as (session, heard):
        transcriber.announce(CALL, "one", frames=5)
        transcriber.announce(CALL, "two", frames=5)
        feed(session, LOUD, 12)

    assert [words.text for words in heard if words.final] == ["one", "two"]


async def test_words_that_were_said_already_are_final_at_once() -> None:
    transcriber = ScriptedTranscriber()
    async with listening(transcriber) as (_, heard):
        transcriber.announce(CALL, "there", frames=0)

        assert heard == [Words("there", final=True)]


async def test_a_session_opened_while_somebody_speaks_still_hears_it() -> None:
    transcriber = ScriptedTranscriber(delay_ms=0)
    transcriber.announce(CALL, "yes", frames=5)
    await anyio.sleep(0.05)
    async with listening(transcriber) as (session, heard):
        feed(session, LOUD, 5)

    assert heard[-1] == Words("yes", final=True)


async def test_what_was_said_while_nobody_listened_is_not_heard_later() -> None:
    transcriber = ScriptedTranscriber(delay_ms=0)
    transcriber.announce(CALL, "missed", frames=5)
    await anyio.sleep(2)
    async with listening(transcriber) as (session, heard):
        feed(session, LOUD, 50)

    assert heard == []


async def test_what_a_forgotten_call_said_is_not_heard() -> None:
    transcriber = ScriptedTranscriber(delay_ms=0)
    transcriber.announce(CALL, "gone", frames=0)
    transcriber.forget(CALL)
    async with listening(transcriber) as (session, heard):
        feed(session, LOUD, 5)

    assert heard == []


async def test_each_call_hears_its_own_words() -> None:
    transcriber = ScriptedTranscriber(delay_ms=0)
    async with (
        listening(transcriber) as (session, heard),
        listening(transcriber, CallId("c2")) as (other_session, other),
    ):
        transcriber.announce(CALL, "mine", frames=1)
        feed(other_session, LOUD, 1)
        feed(session, LOUD, 1)

    assert heard[-1].text == "mine"
    assert other == []


async def test_a_session_that_is_closed_hears_nothing() -> None:
    transcriber = ScriptedTranscriber(["late"], delay_ms=0)
    async with listening(transcriber) as (session, heard):
        transcriber.announce(CALL, "late", frames=5)

    feed(session, LOUD, 10)
    feed(session, SILENT, 10)

    assert heard == []


async def test_a_later_session_of_a_call_takes_over_and_outlives_the_earlier_one() -> None:
    transcriber = ScriptedTranscriber(delay_ms=0)
    async with listening(transcriber) as (_, later):
        async with listening(transcriber) as (_, earlier):
            pass
        transcriber.announce(CALL, "hello", frames=0)

    assert (earlier, later) == ([], [])


async def test_without_announcements_each_voice_that_ends_is_the_next_text() -> None:
    transcriber = ScriptedTranscriber(["Hello there", "Goodbye"], delay_ms=100)
    async with listening(transcriber) as (session, heard):
        for _ in range(3):
            feed(session, LOUD, 10)
            feed(session, SILENT, 10)

    assert heard == [
        Words("Hello", final=False),
        Words("Hello there", final=True),
        Words("Good", final=False),
        Words("Goodbye", final=True),
    ]


async def test_a_breath_within_a_sentence_and_a_click_are_no_ends() -> None:
    transcriber = ScriptedTranscriber(["One sentence"], delay_ms=100)
    async with listening(transcriber) as (session, heard):
        feed(session, LOUD, 2)
        feed(session, SILENT, 10)
        assert heard == []
        feed(session, LOUD, 10)
        feed(session, SILENT, 4)
        feed(session, LOUD, 10)
        assert [words.final for words in heard] == [False]
        feed(session, SILENT, 5)

    assert heard[-1] == Words("One sentence", final=True)


async def test_a_call_that_is_listened_to_again_goes_on_with_the_next_text_and_another_begins_anew() -> None:
    transcriber = ScriptedTranscriber(["One", "Two"], delay_ms=0)
    said: list[str] = []
    for call_id in (CALL, CALL, CallId("c2")):
        async with listening(transcriber, call_id) as (session, heard):
            feed(session, LOUD, 3)
            feed(session, SILENT, 1)
        said.append(heard[-1].text)

    assert said == ["One", "Two", "One"]


async def test_a_thousand_calls_are_remembered_and_no_more() -> None:
    transcriber = ScriptedTranscriber(["One", "Two"], delay_ms=0)
    for number in range(1_001):
        async with listening(transcriber, CallId(str(number))) as (session, _):
            feed(session, LOUD, 3)
            feed(session, SILENT, 1)

    async with listening(transcriber, CallId("0")) as (session, forgotten):
        feed(session, LOUD, 3)
    async with listening(transcriber, CallId("1000")) as (session, remembered):
        feed(session, LOUD, 3)

    assert (forgotten[0].text, remembered[0].text) == ("On", "Tw")


def test_it_decides_itself_when_an_utterance_is_over() -> None:
    assert ScriptedTranscriber().finds_endings
