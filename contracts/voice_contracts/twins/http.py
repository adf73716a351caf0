"""HTTP as a twin sees it, apart from any server: a request, an answer, and who makes one of the other."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

import attrs
import msgspec

__all__ = ("Answer", "Handler", "Request", "json_answer")


@attrs.frozen
class Request:
    """One request, its body complete. Names of headers are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes = b""

    @property
    def query_fields(self) -> tuple[tuple[str, str], ...]:
        """The decoded query, in order."""
        return tuple(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> tuple[tuple[str, str], ...]:
        """The body as a form, in order."""
        return tuple(parse_qsl(self.body.decode(), keep_blank_values=True))


@attrs.frozen
class Answer:
    """One answer; a body that comes in pieces is sent piece by piece, as the pieces come."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes | AsyncGenerator[bytes] = b""


Handler: TypeAlias = Callable[[Request], Awaitable[Answer]]


def json_answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Return *value* as a JSON answer."""
    return Answer(status, {"content-type": "application/json", **(headers or {})}, msgspec.json.encode(value))
