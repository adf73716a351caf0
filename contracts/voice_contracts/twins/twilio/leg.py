"""One leg at the twin: Twilio's states of a call as a table, and what is known about the leg."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import anyio
import anyio.abc
import attrs

from voice_contracts.twins.ledger import Ledger, LegRecord, StateEntered
from voice_contracts.twins.line import Line

__all__ = ("ENDED", "TRANSITIONS", "Leg", "LegStatus", "Orders", "Update")


class LegStatus(StrEnum):
    """Twilio's words (www.twilio.com/docs/voice/api/call-resource)."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


_S = LegStatus

_OK, _NOT_ANSWERED = 200, 487

ENDED = frozenset({_S.COMPLETED, _S.BUSY, _S.NO_ANSWER, _S.FAILED, _S.CANCELED})

TRANSITIONS: Mapping[LegStatus, frozenset[LegStatus]] = {
    _S.QUEUED: frozenset({_S.INITIATED, _S.RINGING, _S.FAILED, _S.CANCELED}),
    _S.INITIATED: frozenset({_S.RINGING, _S.BUSY, _S.NO_ANSWER, _S.FAILED, _S.CANCELED}),
    _S.RINGING: frozenset({_S.IN_PROGRESS, _S.BUSY, _S.NO_ANSWER, _S.FAILED, _S.CANCELED}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED}),
    **{ended: frozenset() for ended in ENDED},
}
"""Where a leg can go from each state."""


@attrs.frozen
class Orders:
    """What the request that made the leg asked for. Times are seconds."""

    url: str | None = None
    method: str = "POST"
    twiml: str | None = None
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: frozenset[str] = frozenset({"completed"})
    timeout_seconds: int = 60
    time_limit_seconds: int = 14_400
    machine_detection: str | None = None
    machine_detection_timeout_seconds: int = 30
    async_amd: bool = False
    async_amd_callback: str | None = None
    fallback_url: str | None = None
    send_digits: str = ""


@attrs.frozen
class Update:
    """A new document for a live leg: where to get it, or the document itself."""

    url: str | None = None
    method: str = "POST"
    twiml: str | None = None


class Leg:
    """One leg, as it is now. Only its own life moves it; the API may end or update it."""

    def __init__(
        self, record: LegRecord, orders: Orders, line: Line, ledger: Ledger, now_ms: Callable[[], int]
    ) -> None:
        self.orders = orders
        self.line = line
        self.answered_by: str | None = None
        self.sip_code: int | None = None
        self.ended = anyio.Event()
        self.answered = anyio.Event()
        self.on_move: Callable[[LegStatus], None] = lambda _: None
        self.tasks: anyio.abc.TaskGroup | None = None
        self.document: anyio.CancelScope | None = None
        """Cancelled when an update replaces the document."""
        self.update: Update | None = None
        self.ended_by: str | None = None
        self.forks: dict[str, anyio.CancelScope] = {}
        """Streams that were started beside the document, by name."""
        self._record = record
        self._ledger = ledger
        self._now_ms = now_ms
        ledger.write(record)

    @property
    def record(self) -> LegRecord:
        """What the ledger holds about it."""
        return self._record

    @property
    def sid(self) -> str:
        """Twilio's name for it."""
        return self._record.leg_id

    @property
    def status(self) -> LegStatus:
        """The state it is in."""
        return LegStatus(self._record.state)

    def move(self, status: LegStatus) -> None:
        """Enter *status*, which the table must allow."""
        now_ms = self._now_ms()
        assert status in TRANSITIONS[self.status], f"a leg cannot go from {self.status} to {status}"
        states = (*self._record.states, StateEntered(status, now_ms))
        self._record = attrs.evolve(self._record, states=states)
        if status is LegStatus.IN_PROGRESS:
            self._record = attrs.evolve(self._record, answered_ms=now_ms)
        if status in ENDED:
            self._record = attrs.evolve(self._record, ended_ms=now_ms, ended_by=self.ended_by)
        self._ledger.write(self._record)
        self.on_move(status)
        if status is LegStatus.IN_PROGRESS:
            self.answered.set()
        if status in ENDED:
            self.ended.set()

    def end(self, by: str, final: LegStatus | None = None) -> None:
        """End it: *by* is who or what wants it, and *final* the state of a leg that was not answered.

        Only the first end counts. What the leg was doing stops at its next wait.
        """
        if self.status not in ENDED:
            self.ended_by = by
            self._move_to_the_end(final)
        if self.tasks is not None:
            self.tasks.cancel_scope.cancel()

    def _move_to_the_end(self, final: LegStatus | None) -> None:
        if self.status is LegStatus.IN_PROGRESS:
            self.sip_code = _OK
            self.move(LegStatus.COMPLETED)
            return
        self.sip_code = self.sip_code or _NOT_ANSWERED
        inbound = self._record.direction == "inbound"
        self.move(final or (LegStatus.NO_ANSWER if inbound else LegStatus.CANCELED))

    def replace_document(self, update: Update) -> None:
        """Stop what the leg is doing, and go on with a new document."""
        self.update = update
        if self.document is not None:
            self.document.cancel()
