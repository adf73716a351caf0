"""JSON-RPC 2.0 (the specification of 2013-01-04): requests, notifications and batches in, answers out.

Whatever comes in, what goes out is a legal answer and never a traceback. An unexpected exception becomes -32603 with
an incident id, under which the log has the rest.
"""

import difflib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

import attrs

from voice_contracts.errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    error_object,
)
from voice_domain.errors import VoiceError
from voice_entrypoints.rpc.json_text import MESSAGE_LIMIT, NotJsonError, json_line, read_json

__all__ = (
    "BATCH_LIMIT",
    "Caller",
    "Dispatcher",
    "Handler",
    "UnreadableMessageError",
    "answer_of",
    "failure_of",
    "read_message",
)

_log = logging.getLogger(__name__)

BATCH_LIMIT: Final = 100
"""How many requests one batch may hold."""


class Caller(Protocol):
    """Whoever sent a request; notifications go to them if their connection can carry any."""

    async def subscribe(self, call_id: str | None) -> None:
        """Send the updates of one call, or of all, from now on.

        Raises:
            UnavailableError: if this way in carries no notifications.
        """
        ...


class UnreadableMessageError(ValueError):
    """A message is no JSON, or too long; `answer` tells its sender."""

    def __init__(self, code: int, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.answer = json_line(failure_of(None, _error(code, kind, problem)))
        """The answer as a line of JSON."""


def read_message(text: str | bytes) -> Any:
    """Return what a message means.

    Raises:
        UnreadableMessageError: if it is no JSON, or longer than `MESSAGE_LIMIT`.
    """
    if len(text) > MESSAGE_LIMIT:
        problem = f"A message may have {MESSAGE_LIMIT} bytes; send less at once"
        raise UnreadableMessageError(INVALID_REQUEST, "invalid_request", problem)
    try:
        return read_json(text)
    except NotJsonError as error:
        raise UnreadableMessageError(PARSE_ERROR, "parse_error", f"Not JSON: {error}") from error


Handler: TypeAlias = Callable[[object, Caller], Awaitable[Any]]
"""Takes the params as they came (an object, an array or None) and returns the result as JSON values."""


def answer_of(request_id: Any, result: Any) -> dict[str, Any]:
    """Return the answer to a request that succeeded."""
    return {"jsonrpc": "2.0", "id": request_id, "result": result}


def failure_of(request_id: Any, error: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request that failed; *request_id* is None where it could not be read."""
    return {"jsonrpc": "2.0", "id": request_id, "error": error}


@attrs.frozen
class Dispatcher:
    """Gives each request to its handler. Holds no state: any number of connections share one."""

    handlers: Mapping[str, Handler]

    async def answer(self, text: str | bytes, caller: Caller) -> str | None:
        """Return the answer to one message as a line of JSON; None when it needs none.

        The requests of a batch are taken in their order, one after the other.
        """
        try:
            message = read_message(text)
        except UnreadableMessageError as error:
            return error.answer
        if not isinstance(message, list):
            answer = await self._one(message, caller)
            return None if answer is None else json_line(answer)
        if not 1 <= len(message) <= BATCH_LIMIT:
            problem = f"A batch holds 1 to {BATCH_LIMIT} requests, not {len(message)}"
            return json_line(failure_of(None, _invalid(problem)))
        answers = [await self._one(each, caller) for each in message]
        wanted = [answer for answer in answers if answer is not None]
        return json_line(wanted) if wanted else None

    async def _one(self, message: object, caller: Caller) -> dict[str, Any] | None:
        problem = _problem_of(message)
        if problem or not isinstance(message, dict):
            return failure_of(_readable_id(message), _invalid(problem))
        outcome = await self._outcome(message["method"], message.get("params"), caller)
        if "id" not in message:
            return None
        request_id = message["id"]
        if isinstance(outcome, _Failure):
            return failure_of(request_id, outcome.error)
        return answer_of(request_id, outcome)

    async def _outcome(self, method: str, params: object, caller: Caller) -> Any:
        handler = self.handlers.get(method)
        if handler is None:
            return _Failure(_error(METHOD_NOT_FOUND, "method_not_found", self._unknown(method)))
        try:
            return await handler(params, caller)
        except VoiceError as error:
            return _Failure(error_object(error))
        except Exception:  # noqa: BLE001 - the last border: a bug must become an answer, not a lost connection
            incident = secrets.token_hex(4)
            _log.exception("incident %s: %s failed unexpectedly", incident, method)
            sentence = f"Internal error; the gateway's log has it as incident {incident}"
            failure = _error(INTERNAL_ERROR, "internal_error", sentence)
            failure["data"]["incident"] = incident
            return _Failure(failure)

    def _unknown(self, method: str) -> str:
        shown = method if len(method) <= 60 else method[:60] + "…"
        near = difflib.get_close_matches(method, self.handlers, n=1)
        hint = f"did you mean {near[0]}?" if near else "rpc.discover lists all methods"
        return f"Method not found: {shown}; {hint}"


@attrs.frozen
class _Failure:
    error: dict[str, Any]


def _error(code: int, kind: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "data": {"kind": kind}}


def _invalid(problem: str) -> dict[str, Any]:
    return _error(INVALID_REQUEST, "invalid_request", problem)


def _problem_of(message: object) -> str:
    """Return why *message* is no request; empty when it is one."""
    if not isinstance(message, dict):
        return "A request must be a JSON object"
    if message.get("jsonrpc") != "2.0":
        return 'jsonrpc must be "2.0"'
    if not isinstance(message.get("method"), str):
        return "method must be a string"
    if "id" in message and not _is_id(message["id"]):
        return "id must be a string, a number or null"
    if not isinstance(message.get("params", {}), dict | list):
        return "params must be an object or an array"
    return ""


def _is_id(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _readable_id(message: object) -> Any:
    request_id = message.get("id") if isinstance(message, dict) else None
    return request_id if _is_id(request_id) else None
