"""Calls with one session key are one conversation."""

from typing import Any

import attrs
import pytest
from support.scripted_http import Answer, ScriptedHttp

from voice_adapters.responders.openai import OpenAiResponder
from voice_adapters.responders.session_memory import SessionMemory
from voice_domain.identity import CallId
from voice_domain.ports.responder import ReplyRequest
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Direction, Speaker


def asked(call: str, *texts: str, key: str = "k") -> ReplyRequest:
    transcript = tuple(
        Entry(1, Speaker.US if place % 2 else Speaker.COUNTERPART, text) for place, text in enumerate(texts)
    )
    return ReplyRequest(
        call_id=CallId(call),
        turn=1,
        utterance=texts[-1],
        transcript=transcript,
        locale="en-US",
        direction=Direction.INBOUND,
        session_key=key,
        counterpart="+15550001234",
    )


def recalled(memory: SessionMemory, request: ReplyRequest) -> list[str]:
    return [entry.text for entry in memory.recall(request)]


def test_a_call_recalls_the_calls_before_it_and_not_itself() -> None:
    memory = SessionMemory()

    calls = [asked("a", "Hi"), asked("a", "Hi", "Yes?", "Five"), asked("b", "Again"), asked("c", "Me")]

    assert [recalled(memory, call) for call in calls] == [
        [],
        [],
        ["Hi", "Yes?", "Five"],
        ["Hi", "Yes?", "Five", "Again"],
    ]


def test_conversations_do_not_mix() -> None:
    memory = SessionMemory()
    memory.recall(asked("a", "Secret", key="one"))

    assert recalled(memory, asked("b", "Hi", key="two")) == []


def test_only_the_newest_entries_and_conversations_are_kept() -> None:
    memory = SessionMemory(most_sessions=2, most_entries=2)
    memory.recall(asked("a", "1", "2", "3", key="one"))
    memory.recall(asked("a", "x", key="two"))

    newest = recalled(memory, asked("b", "4", key="one"))
    memory.recall(asked("a", "y", key="three"))

    assert newest == ["2", "3"]
    assert recalled(memory, asked("b", "z", key="two")) == []


@pytest.mark.anyio
async def test_a_model_is_told_of_earlier_calls_and_warned_of_them() -> None:
    body = b'data: {"choices": [{"delta": {"content": "Yes."}}]}\n\ndata: [DONE]\n\n'
    http = ScriptedHttp(Answer([body]))
    responder = OpenAiResponder(http=http.streams, model="m")
    bodies: list[dict[str, Any]] = []

    for request in (asked("a", "I like tea."), asked("b", "What do I like?")):
        assert [line async for line in responder.reply(request)] == ["Yes."]
        bodies.append(http.body)

    texts = [[message["content"] for message in body["messages"][1:]] for body in bodies]
    warned = ["earlier calls" in body["messages"][0]["content"] for body in bodies]
    assert texts == [["I like tea."], ["I like tea. What do I like?"]]
    assert warned == [False, True]
    assert responder == attrs.evolve(responder)
