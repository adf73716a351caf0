"""The notifications of `voicecall.subscribe` as server-sent events (WHATWG HTML, section 9.2) at `GET /events`."""

from typing import Final

import anyio
import attrs
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from voice_contracts.event_shapes import EVENT_METHOD, notification_of
from voice_entrypoints.http.private_gate import refusal
from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.json_text import json_line

__all__ = ("HEARTBEAT_SECONDS", "EventStream")

HEARTBEAT_SECONDS: Final = 15.0
"""How often a comment is sent while nothing happens, so that proxies keep the connection."""

_BUFFER: Final = 1_000
_SEND_SECONDS: Final = 10.0
_HEAD: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


@attrs.frozen
class EventStream:
    """An ASGI application for one path. A client that falls behind is disconnected; it may connect again."""

    api: PhoneApi
    stopping: anyio.Event
    """Set when the listener stops: the streams end then."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client leaves, is too slow, or the listener stops."""
        if scope["method"] != "GET":
            response = refusal(405, "invalid_request", "Use GET", headers={"Allow": "GET"})
            await response(scope, receive, send)
            return
        request = Request(scope, receive)
        key = request.query_params.get("callId") or None
        call = None if key is None else await self.api.status(key)
        if key is not None and call is None:
            await refusal(404, "call_not_found", f"Call not found: {key[:80]}")(scope, receive, send)
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_leave_with_client, receive, tasks.cancel_scope)
            await self._stream(None if call is None else str(call.call_id), send)
            tasks.cancel_scope.cancel()

    async def _stream(self, call_id: str | None, send: Send) -> None:
        texts, unsent = anyio.create_memory_object_stream[str](_BUFFER)
        with texts, unsent:
            async with anyio.create_task_group() as tasks:
                # Subscribed before the head goes out: whoever sees the head misses nothing.
                await tasks.start(self._pump, call_id, texts)
                tasks.start_soon(self._end_when_stopping, texts)
                await send({"type": "http.response.start", "status": 200, "headers": list(_HEAD)})
                text: str | None = ": connected\n\n"
                while text is not None and await _write(send, text):
                    text = await _next(unsent)
                if text is None:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                tasks.cancel_scope.cancel()

    async def _end_when_stopping(self, texts: MemoryObjectSendStream[str]) -> None:
        await self.stopping.wait()
        texts.close()

    async def _pump(
        self,
        call_id: str | None,
        texts: MemoryObjectSendStream[str],
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        with texts:
            async with self.api.subscribe(call_id) as updates:
                task_status.started()
                async for update in updates:
                    data = json_line(notification_of(update.sequence, update.call, update.event))
                    try:
                        texts.send_nowait(f"id: {update.sequence}\nevent: {EVENT_METHOD}\ndata: {data}\n\n")
                    except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                        return


async def _write(send: Send, text: str) -> bool:
    """Send *text*; False if the client does not take it in time."""
    with anyio.move_on_after(_SEND_SECONDS) as scope:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
    return not scope.cancelled_caught


async def _leave_with_client(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _next(unsent: MemoryObjectReceiveStream[str]) -> str | None:
    """Return what to send next, a comment if nothing happens for long; None at the end."""
    with anyio.move_on_after(HEARTBEAT_SECONDS):
        try:
            return await unsent.receive()
        except anyio.EndOfStream:
            return None
    return ": still here\n\n"
