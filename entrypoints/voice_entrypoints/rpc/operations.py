"""Waits that outlive their request: `voicecall.continue.start` begins one, `voicecall.continue.result` asks for it."""

import math
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_domain.errors import VoiceError
from voice_domain.ports.switchboard import UnavailableError

__all__ = ("KEPT_SECONDS", "Operations", "UnknownOperationError")

KEPT_SECONDS: Final = 600.0
"""How long a result can be asked for after it is there, any number of times."""

_LIMIT = 512


class UnknownOperationError(VoiceError):
    """No operation has this id, or its result was kept long enough."""

    kind: ClassVar[str] = "operation_not_found"

    def __init__(self, operation_id: str) -> None:
        super().__init__(
            f"Operation not found: {operation_id}; results are kept for ten minutes, start another one"
        )
        self.operation_id = operation_id


@attrs.define
class _Operation:
    result: Any = None
    error: Exception | None = None
    forget_at: float = math.inf
    """Of the event loop's clock; infinite while it runs."""


class Operations:
    """Runs operations as tasks of *tasks*; whoever owns that group abandons them by cancelling it.

    At most 512 are kept; beyond that the oldest finished one is forgotten early.
    """

    def __init__(self, tasks: TaskGroup) -> None:
        self._operations: dict[str, _Operation] = {}
        self._tasks = tasks

    def start(self, work: Callable[[], Awaitable[Any]]) -> str:
        """Begin *work* and return the id under which its result can be asked for.

        Raises:
            UnavailableError: if 512 of them run already.
        """
        self._make_room()
        operation_id = secrets.token_urlsafe(16)
        operation = self._operations[operation_id] = _Operation()
        self._tasks.start_soon(self._run, operation, work)
        return operation_id

    def result(self, operation_id: str) -> tuple[bool, Any]:
        """Return whether the operation is done, and its result.

        Raises:
            UnknownOperationError: if there is no such operation.
            VoiceError: whatever the operation itself raised.
        """
        self._forget_old()
        operation = self._operations.get(operation_id)
        if operation is None:
            raise UnknownOperationError(operation_id)
        if operation.error is not None:
            # Asked for repeatedly, the same exception would grow a longer traceback each time.
            raise operation.error.with_traceback(None)
        return operation.forget_at < math.inf, operation.result

    async def _run(self, operation: _Operation, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            operation.result = await work()
        except Exception as error:  # noqa: BLE001 - kept for whoever asks; raised again there
            operation.error = error
        operation.forget_at = anyio.current_time() + KEPT_SECONDS

    def _forget_old(self) -> None:
        now = anyio.current_time()
        for operation_id in [key for key, kept in self._operations.items() if kept.forget_at <= now]:
            del self._operations[operation_id]

    def _make_room(self) -> None:
        self._forget_old()
        if len(self._operations) < _LIMIT:
            return
        finished = next((key for key, kept in self._operations.items() if kept.forget_at < math.inf), None)
        if finished is None:
            raise UnavailableError(f"{_LIMIT} operations run already; wait for one of them")
        del self._operations[finished]
