"""JSON-RPC 2.0: whatever comes in, a legal answer goes out."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_contracts.shape import InvalidParamsError
from voice_entrypoints.rpc.jsonrpc import BATCH_LIMIT, Caller, Dispatcher
from voice_entrypoints.rpc.session import OneAnswerCaller

pytestmark = pytest.mark.anyio

CALLER = OneAnswerCaller()


class _Log:
    def __init__(self) -> None:
        self.seen: list[object] = []

    async def echo(self, params: object, _caller: Caller) -> Any:
        self.seen.append(params)
        return {"params": params}

    async def broken(self, _params: object, _caller: Caller) -> Any:
        raise RuntimeError("canary")

    async def refusing(self, _params: object, _caller: Caller) -> Any:
        raise InvalidParamsError("to", "to required: a number")


async def ask(text: Any, log: _Log | None = None) -> Any:
    log = log or _Log()
    dispatcher = Dispatcher({"echo": log.echo, "broken": log.broken, "refusing": log.refusing})
    answer = await dispatcher.answer(text if isinstance(text, str | bytes) else json.dumps(text), CALLER)
    assert answer is None or "\n" not in answer
    return None if answer is None else json.loads(answer)


def request(method: str = "echo", request_id: Any = 1, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "id": request_id, **more}


@pytest.mark.parametrize("request_id", ["a", 0, 7, -1, 1.5, None, "", 2**60])
async def test_an_answer_carries_the_requests_own_id(request_id: Any) -> None:
    answer = await ask(request(request_id=request_id))

    assert answer == {"jsonrpc": "2.0", "id": request_id, "result": {"params": None}}


@pytest.mark.parametrize("params", [{"a": 1}, [1, 2], {}, []])
async def test_named_and_positional_params_reach_the_method(params: Any) -> None:
    assert (await ask(request(params=params)))["result"] == {"params": params}


async def test_a_notification_is_done_and_not_answered() -> None:
    log = _Log()

    assert await ask({"jsonrpc": "2.0", "method": "echo", "params": [1]}, log) is None
    assert log.seen == [[1]]


async def test_a_notification_that_fails_is_not_answered_either() -> None:
    assert await ask({"jsonrpc": "2.0", "method": "nothing"}) is None


@pytest.mark.parametrize(
    "garbage", ["", "{", "nonsense", "\x00", "[1,", '{"a": NaN}', b"\xff\xfe", "[" * 50_000, '"\ud800"']
)
async def test_what_is_not_json_is_a_parse_error_without_id(garbage: Any) -> None:
    answer = await ask(garbage)

    assert (answer["id"], answer["error"]["code"]) == (None, -32700)
    assert answer["error"]["data"]["kind"] == "parse_error"


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (1, "object"),
        ('"text"', "object"),
        (None, "object"),
        ({}, "jsonrpc"),
        ({"jsonrpc": "1.0", "method": "echo", "id": 1}, "jsonrpc"),
        (request(method=5), "method"),  # type: ignore[arg-type]  # that is the point
        ({"jsonrpc": "2.0", "id": 1}, "method"),
        (request(params="no"), "params"),
        (request(params=None), "params"),
        (request(request_id=True), "id"),
        (request(request_id={}), "id"),
    ],
)
async def test_what_is_no_request_is_named(message: Any, named: str) -> None:
    answer = await ask(message)

    assert answer["error"]["code"] == -32600
    assert named in answer["error"]["message"]


async def test_an_unknown_method_is_answered_with_the_nearest_one() -> None:
    answer = await ask(request("eco"))

    assert answer["error"]["code"] == -32601
    assert "did you mean echo?" in answer["error"]["message"]


async def test_wrong_params_name_the_field() -> None:
    answer = await ask(request("refusing"))

    assert answer["error"]["code"] == -32602
    assert answer["error"]["data"] == {"kind": "invalid_params", "field": "to"}


async def test_a_bug_becomes_an_incident_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await ask(request("broken"))

    assert answer["error"]["code"] == -32603
    assert "canary" not in json.dumps(answer)
    assert answer["error"]["data"]["incident"] in caplog.text


async def test_a_batch_is_answered_in_order_without_its_notifications() -> None:
    answer = await ask([request(request_id=1), {"jsonrpc": "2.0", "method": "echo"}, 5, request("no", 3)])

    assert [(each["id"], "error" in each) for each in answer] == [(1, False), (None, True), (3, True)]


async def test_a_batch_of_notifications_is_not_answered() -> None:
    assert await ask([{"jsonrpc": "2.0", "method": "echo"}] * 3) is None


async def test_an_empty_batch_is_one_error() -> None:
    assert (await ask([]))["error"]["code"] == -32600


async def test_a_batch_has_a_limit_and_nothing_of_a_longer_one_is_done() -> None:
    log = _Log()

    assert len(await ask([request()] * BATCH_LIMIT, log)) == BATCH_LIMIT
    answer = await ask([request()] * (BATCH_LIMIT + 1), log)

    assert answer["error"]["code"] == -32600
    assert len(log.seen) == BATCH_LIMIT


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
_NEARLY = st.fixed_dictionaries(
    {"jsonrpc": st.sampled_from(["2.0", "2"]) | _JSON, "method": st.sampled_from(["echo", "no"]) | _JSON},
    optional={"id": _JSON, "params": _JSON},
)


@given(st.one_of(_JSON, _NEARLY, st.lists(_NEARLY, max_size=3)))
def test_any_json_gets_legal_answers(message: Any) -> None:
    answer = _run(message)

    for each in answer if isinstance(answer, list) else [answer]:
        if each is not None:
            assert each["jsonrpc"] == "2.0"
            assert ("result" in each) != ("error" in each)


def _run(message: Any) -> Any:
    """Drive the coroutine by hand: nothing in it waits."""
    coroutine = ask(message)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")
