"""One connection that carries many messages: requests in, answers and notifications out, all in bounded room."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

import anyio
from anyio.abc import TaskGroup, TaskStatus

from voice_contracts.event_shapes import notification_of
from voice_contracts.report import report_notification
from voice_domain.errors import VoiceError
from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.json_text import json_line
from voice_entrypoints.rpc.jsonrpc import Dispatcher

__all__ = ("OneAnswerCaller", "RpcSession", "Send", "TooSlowError")

Send = Callable[[str], Awaitable[None]]
"""Writes one message to the client; raises `anyio.BrokenResourceError` once the client has gone."""

_REQUESTS_AT_ONCE: Final = 64
_UNSENT_LIMIT: Final = 1_000
_SEND_SECONDS: Final = 10.0
_SUBSCRIPTIONS: Final = 100


class TooSlowError(VoiceError):
    """The client does not read what it asked for as fast as it happens."""

    kind: ClassVar[str] = "too_slow"

    def __init__(self) -> None:
        super().__init__(
            "The client reads too slowly; connect again and read faster, or subscribe to one call"
        )


class OneAnswerCaller:
    """Whoever sends a request over a way that carries its answer and nothing more."""

    async def subscribe(self, call_id: str | None) -> None:  # noqa: ARG002 - the signature is the role's
        """Refuse.

        Raises:
            UnavailableError: always.
        """
        raise UnavailableError(
            "voicecall.subscribe needs a WebSocket at /rpc or voicecall-rpc; over HTTP read /events"
        )


class RpcSession:
    """Serves one client until its messages end.

    Requests run side by side, at most 64; beyond that no more messages are taken until one is answered.
    A client that leaves a thousand messages unread, or does not take one in ten seconds, is given up.
    """

    def __init__(self, dispatcher: Dispatcher, api: PhoneApi, send: Send) -> None:
        self._dispatcher = dispatcher
        self._api = api
        self._send = send
        self._unsent, self._to_send = anyio.create_memory_object_stream[str](_UNSENT_LIMIT)
        self._room = anyio.Semaphore(_REQUESTS_AT_ONCE)
        self._subscriptions: dict[str | None, anyio.CancelScope] = {}
        self._tasks: TaskGroup | None = None
        self._problem: TooSlowError | None = None

    async def run(self, messages: AsyncIterator[str | bytes], *, linger_seconds: float) -> None:
        """Take *messages* until they end; requests that still run then have *linger_seconds* to be answered.

        Raises:
            TooSlowError: if the client was given up.
        """
        with self._unsent, self._to_send:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._write)
                await self._serve(messages, linger_seconds)
                for subscription in self._subscriptions.values():
                    subscription.cancel()
                self._unsent.close()
        if self._problem is not None:
            raise self._problem

    async def subscribe(self, call_id: str | None) -> None:
        """Send the updates of one call, or of all, from now on; what was asked for before is not sent twice.

        Raises:
            UnavailableError: for a hundred and first call; subscribe to all instead.
        """
        if None in self._subscriptions or call_id in self._subscriptions:
            return
        if call_id is None:
            for other in self._subscriptions.values():
                other.cancel()
        elif len(self._subscriptions) >= _SUBSCRIPTIONS:
            raise UnavailableError(f"{_SUBSCRIPTIONS} calls are subscribed to; subscribe to all (no callId)")
        assert self._tasks is not None  # requests come only while it runs
        await self._tasks.start(self._pump, call_id)

    async def _serve(self, messages: AsyncIterator[str | bytes], linger_seconds: float) -> None:
        async with anyio.create_task_group() as requests:
            async for message in messages:
                await self._room.acquire()
                requests.start_soon(self._handle, message)
            requests.cancel_scope.deadline = anyio.current_time() + linger_seconds

    async def _handle(self, message: str | bytes) -> None:
        try:
            answer = await self._dispatcher.answer(message, self)
            if answer is not None:
                await self._unsent.send(answer)
        except anyio.BrokenResourceError:
            pass  # the client has gone, or was given up: nobody reads the answer
        finally:
            self._room.release()

    async def _pump(
        self, call_id: str | None, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        with anyio.CancelScope() as scope:
            self._subscriptions[call_id] = scope
            async with (
                self._api.subscribe(call_id) as updates,
                self._api.reports(call_id) as reports,
                anyio.create_task_group() as tasks,
            ):
                tasks.start_soon(self._pump_reports, reports)
                task_status.started()
                async for update in updates:
                    if not self._queue(notification_of(update.sequence, update.call, update.event)):
                        break
                tasks.cancel_scope.cancel()
            # The phone ends an iteration early, too, for whoever falls behind.
            self._give_up(TooSlowError())
        if self._subscriptions.get(call_id) is scope:
            del self._subscriptions[call_id]

    async def _pump_reports(self, reports: AsyncIterator[Mapping[str, Any]]) -> None:
        async for report in reports:
            if not self._queue(report_notification(dict(report))):
                self._give_up(TooSlowError())
                return

    def _queue(self, notification: Mapping[str, Any]) -> bool:
        """Whether there was room for one more notification."""
        try:
            self._unsent.send_nowait(json_line(notification))
        except anyio.WouldBlock:
            return False
        return True

    async def _write(self) -> None:
        try:
            async for text in self._to_send:
                with anyio.fail_after(_SEND_SECONDS):
                    await self._send(text)
        except TimeoutError:
            self._give_up(TooSlowError())
        except anyio.BrokenResourceError:
            self._give_up(None)

    def _give_up(self, problem: TooSlowError | None) -> None:
        self._problem = self._problem or problem
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()
