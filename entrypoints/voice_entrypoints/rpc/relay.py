"""Passes JSON-RPC lines on to a running gateway, so that two programs share one phone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import anyio

from voice_entrypoints.rpc.jsonrpc import UnreadableMessageError, read_message
from voice_entrypoints.rpc.session import Send
from voice_entrypoints.rpc.websocket_client import WebSocketClient

__all__ = ("relay",)

# How long answers may still come after the last request was passed on.
_QUIET_SECONDS = 600.0


async def relay(lines: AsyncIterator[bytes], write: Send, socket: WebSocketClient) -> None:
    """Pass on each line, and write each message that comes back, until the lines end or the gateway stops.

    A line that is no message is answered here.
    After the last line it waits until every request that was passed on is answered, ten minutes at the most.

    Raises:
        SocketClosedError: if the gateway stopped, or gave us up.
    """
    pending = _Pending()

    async def back() -> None:
        while True:
            text = await socket.receive()
            await write(text)
            pending.answered(text)

    async def there() -> None:
        async for line in lines:
            try:
                message = read_message(line)
            except UnreadableMessageError as unreadable:
                await write(unreadable.answer)
                continue
            pending.asked(message)
            await socket.send(line.decode())
        with anyio.move_on_after(_QUIET_SECONDS):
            await pending.all_answered()

    async def until_nobody_reads(way: Callable[[], Awaitable[None]]) -> None:
        with suppress(anyio.BrokenResourceError):
            await way()
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(until_nobody_reads, back)
        tasks.start_soon(until_nobody_reads, there)


class _Pending:
    """Counts what the gateway still owes. Only the count matters: it answers everything but notifications."""

    def __init__(self) -> None:
        self._owed = 0
        self._changed = anyio.Event()

    def asked(self, message: object) -> None:
        self._owed += _answers_owed(message)

    def answered(self, text: str) -> None:
        # A notification is an object with a method; answers, single or in a batch, have none.
        if not (text.startswith("{") and '"method":"voicecall.event"' in text[:80]):
            self._owed -= 1
            self._changed.set()
            self._changed = anyio.Event()

    async def all_answered(self) -> None:
        while self._owed > 0:
            await self._changed.wait()


def _answers_owed(message: object) -> int:
    if isinstance(message, dict):
        return 0 if _is_notification(message) else 1
    if isinstance(message, list) and message:
        return 0 if all(isinstance(each, dict) and _is_notification(each) for each in message) else 1
    return 1


def _is_notification(message: dict[str, object]) -> bool:
    is_request = message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    return is_request and "id" not in message and isinstance(message.get("params", {}), dict | list)
