"""A speech or language service as a twin: its API with exact delays, its key, and faults on demand."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, ClassVar

import anyio
import attrs
import msgspec

from voice_contracts.twins.faults import ApiFault, FaultPlan, Faults
from voice_contracts.twins.http import Answer, Handler, Request
from voice_contracts.twins.http_client import InProcess
from voice_contracts.twins.ledger import Ledger, RequestTaken
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.serving import SocketHandler, serve_on_loopback
from voice_domain.errors import VoiceError

__all__ = ("Pace", "RefusedRequestError", "ServiceTwin", "events", "fields_of", "json_body", "paced")


class RefusedRequestError(VoiceError):
    """The service would refuse this request, with this HTTP status and its own word for the reason."""

    kind: ClassVar[str] = "refused_request"

    def __init__(self, status: int, code: str, field: str | None = None) -> None:
        super().__init__(f"the service refuses the request: {status} {code}")
        self.status = status
        self.code = code
        self.field = field


@attrs.frozen
class Pace:
    """When the pieces of an answer come, in milliseconds."""

    first_ms: int = 0
    """From the request to the first piece."""
    each_ms: int = 0
    """From one piece to the next."""


Refuse = Callable[[RefusedRequestError, Mapping[str, str]], Answer]
"""Words a refusal as the service does, with extra headers."""


class ServiceTwin:
    """A running service. *answer* does the work and raises RefusedRequestError; *refuse* words it."""

    def __init__(
        self,
        answer: Handler,
        refuse: Refuse,
        plan: FaultPlan | None = None,
        sockets: SocketHandler | None = None,
    ) -> None:
        self._answer = answer
        self._refuse = refuse
        self._sockets = sockets
        self.clock = TwinClock.starting_now()
        self.ledger = Ledger(self.clock.now_ms)
        self.faults = Faults(plan)
        self.transport = InProcess(self.handle)
        """For an HTTP client that speaks to the twin without a socket, whatever host it names."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve on loopback for as long as the block lasts, and give the URL (asyncio only)."""
        return serve_on_loopback(self.handle, self._sockets, port=port)

    async def handle(self, request: Request) -> Answer:
        """Answer one request, or let it go wrong as ordered."""
        fault = self.faults.next_api(request.method)
        if fault is not None and fault.cut_after_pieces is None:
            self._note(request, fault.status)
            return await self._faulty(fault)
        try:
            answer = await self._answer(request)
        except RefusedRequestError as error:
            answer = self._refuse(error, {})
        self._note(request, answer.status)
        if fault is not None and fault.cut_after_pieces is not None:
            return attrs.evolve(answer, body=_cut(answer.body, fault.cut_after_pieces))
        return answer

    def _note(self, request: Request, status: int | None) -> None:
        fields = fields_of(request.body)
        taken = RequestTaken(self.clock.now_ms(), request.method, request.path, fields, status)
        self.ledger.requests.append(taken)

    async def _faulty(self, fault: ApiFault) -> Answer:
        if fault.status is None:
            # The client gives up first; whoever does not is told so after an hour.
            await anyio.sleep(3600)
        after = fault.retry_after_seconds
        headers = {} if after is None else {"retry-after": str(after)}
        return self._refuse(RefusedRequestError(fault.status or 503, fault.code or "server_error"), headers)


def json_body(request: Request) -> dict[str, Any]:
    """Return the body of a request.

    Raises:
        RefusedRequestError: if it is no JSON object.
    """
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise RefusedRequestError(400, "invalid_json") from error


def fields_of(body: bytes) -> tuple[tuple[str, str], ...]:
    """Return the members of a JSON object, each as text, for the ledger; none if it is no object."""
    try:
        members = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return ()
    return tuple(
        (name, value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in members.items()
    )


async def paced(pieces: list[bytes], pace: Pace, cut_bytes: int | None = None) -> AsyncGenerator[bytes]:
    """Yield *pieces* at their times.

    With *cut_bytes* every piece comes in parts of so many bytes, as a network may cut it: inside a line, a sample or
    a character.
    """
    await anyio.sleep(pace.first_ms / 1000)
    for place, piece in enumerate(pieces):
        if place:
            await anyio.sleep(pace.each_ms / 1000)
        step = cut_bytes or len(piece) or 1
        for start in range(0, len(piece), step):
            yield piece[start : start + step]


def events(values: list[dict[str, Any]], *, named: bool) -> list[bytes]:
    """Return JSON values as server-sent events; *named* writes each value's `type` as the event's name."""
    texts = ((value, msgspec.json.encode(value)) for value in values)
    return [
        (f"event: {value['type']}\n".encode() if named else b"") + b"data: " + text + b"\n\n"
        for value, text in texts
    ]


async def _cut(body: bytes | AsyncGenerator[bytes], most: int) -> AsyncGenerator[bytes]:
    if isinstance(body, bytes):
        yield body[: len(body) // 2]
    else:
        async with aclosing(body):
            for _ in range(most):
                if (piece := await anext(body, None)) is None:
                    break
                yield piece
    raise ConnectionError("the twin broke off in the middle, as ordered")
