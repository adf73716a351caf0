"""The notifications of `voicecall.subscribe` as server-sent events (WHATWG HTML, section 9.2) at `GET /events`.

The id of an event is its place in the journal, so a client that comes back with `Last-Event-ID` has missed nothing.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final

import anyio
import attrs
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from voice_contracts.event_shapes import EVENT_METHOD, notification_of
from voice_contracts.report import REPORT_METHOD, report_notification
from voice_domain.ports.event_store import StoreError
from voice_entrypoints.http.missed_updates import missed_updates
from voice_entrypoints.http.private_gate import refusal
from voice_entrypoints.rpc.api import CallUpdate, PhoneApi
from voice_entrypoints.rpc.json_text import json_line

__all__ = ("HEARTBEAT_SECONDS", "EventStream")

_log = logging.getLogger(__name__)

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
            last_seen = _last_seen(request.headers.get("last-event-id", ""))
            await self._stream(None if call is None else str(call.call_id), last_seen, send)
            tasks.cancel_scope.cancel()

    async def _stream(self, call_id: str | None, last_seen: int | None, send: Send) -> None:
        texts, unsent = anyio.create_memory_object_stream[str](_BUFFER)
        with texts, unsent:
            async with anyio.create_task_group() as tasks:
                # Subscribed before the head goes out: whoever sees the head misses nothing.
                await tasks.start(self._pump, call_id, last_seen, texts)
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
        last_seen: int | None,
        texts: MemoryObjectSendStream[str],
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        with texts:
            # What happens while the past is told waits in the subscription.
            async with (
                self.api.subscribe(call_id) as updates,
                self.api.reports(call_id) as reports,
                anyio.create_task_group() as tasks,
            ):
                tasks.start_soon(_tell_reports, reports, texts)
                task_status.started()
                try:
                    told = 0 if last_seen is None else await self._tell_missed(call_id, last_seen, texts)
                    await _tell(updates, told, texts)
                except StoreError as error:
                    _log.warning("the events that a client has missed cannot be read: %s", error)
                except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                    pass  # too slow, or gone
                tasks.cancel_scope.cancel()

    async def _tell_missed(
        self, call_id: str | None, last_seen: int, texts: MemoryObjectSendStream[str]
    ) -> int:
        """Send what happened after *last_seen*, as fast as the client takes it; return the last sequence sent."""
        told = 0
        async with aclosing(missed_updates(self.api, after=last_seen, call_id=call_id)) as missed:
            async for update in missed:
                await texts.send(_text(update))
                told = update.sequence
        return told


async def _tell(updates: AsyncIterator[CallUpdate], told: int, texts: MemoryObjectSendStream[str]) -> None:
    async for update in updates:
        if update.sequence > told:
            texts.send_nowait(_text(update))


async def _tell_reports(
    reports: AsyncIterator[Mapping[str, Any]], texts: MemoryObjectSendStream[str]
) -> None:
    """Tell reports. They have no id: a report that was missed is asked for, by `voicecall.report`."""
    async for report in reports:
        data = json_line(report_notification(dict(report)))
        try:
            texts.send_nowait(f"event: {REPORT_METHOD}\ndata: {data}\n\n")
        except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # the events find the same


def _text(update: CallUpdate) -> str:
    data = json_line(notification_of(update.sequence, update.call, update.event))
    return f"id: {update.sequence}\nevent: {EVENT_METHOD}\ndata: {data}\n\n"


def _last_seen(header: str) -> int | None:
    """Return the sequence that a client saw last; None if it does not say, or says no number of ours."""
    text = header.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


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
