"""What the built-in responders say, and how a host's function is taken at its word and no further."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import anyio
import pytest

from voice_adapters.responders import CallableResponder, EchoResponder, ScriptedResponder
from voice_domain.identity import CallId
from voice_domain.ports.responder import ReplyError, ReplyRequest, Responder
from voice_domain.vocabulary import Direction

pytestmark = pytest.mark.anyio


def asked(utterance: str = "Hello there", *, turn: int = 1, locale: str = "en-US") -> ReplyRequest:
    return ReplyRequest(
        call_id=CallId("c1"),
        turn=turn,
        utterance=utterance,
        transcript=(),
        locale=locale,
        direction=Direction.OUTBOUND,
        session_key="c1",
        counterpart="+15550001234",
    )


async def answer(responder: Responder, request: ReplyRequest) -> list[str]:
    return [sentence async for sentence in responder.reply(request)]


async def test_the_echo_says_back_what_it_heard_in_a_sentence() -> None:
    assert await answer(EchoResponder(), asked("Yes,  please")) == ["You said: Yes, please."]


async def test_the_echo_keeps_the_speakers_own_ending() -> None:
    assert await answer(EchoResponder(), asked("Really?")) == ["You said: Really?"]


async def test_the_echo_speaks_the_language_of_the_call() -> None:
    assert await answer(EchoResponder(), asked("你好", locale="zh-CN")) == ["您刚才说：你好。"]


async def test_the_echo_has_no_answer_to_nothing() -> None:
    assert await answer(EchoResponder(), asked("  ")) == []


async def test_the_echo_repeats_only_the_beginning_of_a_speech() -> None:
    (sentence,) = await answer(EchoResponder(), asked("word " * 100))

    assert sentence.endswith("…")
    assert len(sentence) < 220


async def test_a_scripted_responder_says_one_line_a_turn_and_then_nothing() -> None:
    responder = ScriptedResponder(["One.", "Two."])

    said = [await answer(responder, asked(turn=turn)) for turn in (1, 2, 3)]

    assert said == [["One."], ["Two."], []]


async def test_a_scripted_line_may_have_several_sentences_each_with_its_delay() -> None:
    responder = ScriptedResponder([("One.", "Two.")], delay_ms=250)
    began = anyio.current_time()

    times = [anyio.current_time() - began async for _ in responder.reply(asked())]

    assert times == pytest.approx([0.25, 0.5])


async def test_a_hosts_function_gets_the_utterance_and_the_call() -> None:
    async def reply(utterance: str, call: ReplyRequest) -> str | None:
        await anyio.sleep(1)
        return f"{call.counterpart} said {utterance}"

    assert await answer(CallableResponder(reply), asked("hi")) == ["+15550001234 said hi"]


@pytest.mark.parametrize("nothing", [None, "", "  "])
async def test_a_hosts_function_may_stay_silent(nothing: str | None) -> None:
    async def reply(_utterance: str, _call: ReplyRequest) -> str | None:
        return nothing

    assert await answer(CallableResponder(reply), asked()) == []


async def test_a_hosts_generator_speaks_each_sentence_as_soon_as_it_exists() -> None:
    async def reply(_utterance: str, _call: ReplyRequest) -> AsyncIterator[str]:
        yield "One."
        await anyio.sleep(5)
        yield "Two."

    began = anyio.current_time()
    async with aclosing(cast("AsyncGenerator[str]", CallableResponder(reply).reply(asked()))) as sentences:
        first = await anext(sentences)
        waited = anyio.current_time() - began

    assert (first, waited) == ("One.", 0)


async def test_leaving_a_reply_early_ends_the_hosts_generator() -> None:
    ended: list[bool] = []

    async def reply(_utterance: str, _call: ReplyRequest) -> AsyncIterator[str]:
        try:
            while True:
                yield "More."
        finally:
            ended.append(True)

    async with aclosing(cast("AsyncGenerator[str]", CallableResponder(reply).reply(asked()))) as sentences:
        await anext(sentences)

    assert ended == [True]


async def test_a_hosts_function_is_cancelled_with_its_reply() -> None:
    async def reply(_utterance: str, _call: ReplyRequest) -> str:
        await anyio.sleep_forever()
        return "never"

    with anyio.move_on_after(3) as scope:
        await answer(CallableResponder(reply), asked())

    assert scope.cancelled_caught


async def test_a_failing_function_is_named_with_its_exception_and_message() -> None:
    async def reply(_utterance: str, _call: ReplyRequest) -> str:
        raise KeyError("no such customer")

    with pytest.raises(ReplyError, match="responder reply failed: KeyError: 'no such customer'"):
        await answer(CallableResponder(reply), asked())


async def test_a_generator_that_fails_half_way_has_said_its_first_sentence() -> None:
    async def reply(_utterance: str, _call: ReplyRequest) -> AsyncIterator[str]:
        yield "One."
        raise OSError("gone")

    sentences = CallableResponder(reply).reply(asked())

    assert await anext(sentences) == "One."
    with pytest.raises(ReplyError, match="OSError: gone"):
        await anext(sentences)


async def test_a_function_that_returns_no_text_is_told_how_to_be_written() -> None:
    async def reply(_utterance: str, _call: ReplyRequest) -> Any:
        return 42

    with pytest.raises(
        ReplyError, match=r"it gave int and not text; write `async def reply\(utterance, call\)"
    ):
        await answer(CallableResponder(reply), asked())


async def test_a_function_that_is_not_asynchronous_is_told_how_to_be_written() -> None:
    def reply(_utterance: str, _call: ReplyRequest) -> Any:
        return "too soon"

    with pytest.raises(ReplyError, match="it is not asynchronous; write `async def reply"):
        await answer(CallableResponder(reply), asked())


async def test_an_object_with_a_method_may_answer() -> None:
    class Host:
        async def __call__(self, utterance: str, call: ReplyRequest) -> str:
            raise ValueError

    with pytest.raises(ReplyError, match=r"responder Host failed: ValueError$"):
        await answer(CallableResponder(Host()), asked())
