"""One leg at the twin: where it can go as a table, and what is known about it."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import anyio
import anyio.abc
import attrs

from voice_contracts.twins.ledger import Ledger, LegRecord, StateEntered
from voice_contracts.twins.line import Line, Sound
from voice_contracts.twins.plivo.endings import ENDED, Ending, LegStatus

__all__ = ("TRANSITIONS", "Aside", "Callback", "Detection", "Leg", "Orders")

_S = LegStatus

TRANSITIONS: Mapping[LegStatus, frozenset[LegStatus]] = {
    _S.QUEUED: frozenset({_S.RINGING, *ENDED} - {_S.COMPLETED}),
    _S.RINGING: frozenset({_S.IN_PROGRESS, *ENDED} - {_S.COMPLETED}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED}),
    **{ended: frozenset() for ended in ENDED},
}
"""Where a leg can go from each state."""

Aside: TypeAlias = Callable[[], Awaitable[None]]
"""Plays something to its end."""


@attrs.frozen
class Callback:
    """A URL of ours, and how it is asked."""

    url: str
    method: str = "POST"


@attrs.frozen
class Detection:
    """How to find out whether a machine answered."""

    hangs_up: bool
    """Whether the call ends if one did."""
    seconds: float
    callback: Callback | None
    """Told in the background; None: the answer URL waits, and is told."""


@attrs.frozen
class Orders:
    """What the request that made the leg asked for. Times are seconds."""

    answer: Callback
    ring: Callback | None = None
    hangup: Callback | None = None
    fallback: Callback | None = None
    ring_timeout_seconds: int = 120
    hangup_on_ring_seconds: int | None = None
    """From the first ring to the end, answered or not; None: no such limit."""
    time_limit_seconds: int = 14_400
    detection: Detection | None = None
    send_digits: str = ""


class Leg:
    """One leg, as it is now. Only its own life moves it; the API may end or transfer it."""

    def __init__(
        self, record: LegRecord, orders: Orders, line: Line, ledger: Ledger, now_ms: Callable[[], int]
    ) -> None:
        self.orders = orders
        self.line = line
        self.request_uuid = ""
        """The name of the request that made it; empty for a call to one of our numbers."""
        self.machine: bool | None = None
        """Whether a machine answered; None while nobody knows."""
        self.ending: Ending | None = None
        self.ended = anyio.Event()
        self.answered = anyio.Event()
        self.on_move: Callable[[LegStatus], None] = lambda _: None
        self.tasks: anyio.abc.TaskGroup | None = None
        self.document: anyio.CancelScope | None = None
        """Cancelled when a transfer replaces the document."""
        self.transfer: Callback | None = None
        self.stream: Sound | None = None
        """What a two-way stream plays; None without one."""
        self.stream_id = ""
        """The name of the one stream that a call can have; empty without one."""
        self.stream_scope: anyio.CancelScope | None = None
        self.aside: anyio.CancelScope | None = None
        """Cancelled when what the API lets be heard is to stop."""
        self.asides: deque[Aside] = deque()
        """What the API lets be heard, the one that sounds included."""
        self._record = record
        self._ledger = ledger
        self._now_ms = now_ms
        ledger.write(record)

    @property
    def record(self) -> LegRecord:
        """What the ledger holds about it."""
        return self._record

    @property
    def uuid(self) -> str:
        """Plivo's name for the call."""
        return self._record.leg_id

    @property
    def status(self) -> LegStatus:
        """The state it is in."""
        return LegStatus(self._record.state)

    @property
    def is_inbound(self) -> bool:
        """Whether it is a call to one of our numbers."""
        return self._record.direction == "inbound"

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in ENDED

    def move(self, status: LegStatus) -> None:
        """Enter *status*, which the table must allow."""
        now_ms = self._now_ms()
        assert status in TRANSITIONS[self.status], f"a leg cannot go from {self.status} to {status}"
        states = (*self._record.states, StateEntered(status, now_ms))
        self._record = attrs.evolve(self._record, states=states)
        if status is LegStatus.IN_PROGRESS:
            self._record = attrs.evolve(self._record, answered_ms=now_ms)
        if status in ENDED:
            self._record = attrs.evolve(self._record, ended_ms=now_ms)
        self._ledger.write(self._record)
        self.on_move(status)
        if status is LegStatus.IN_PROGRESS:
            self.answered.set()
        if status in ENDED:
            self.ended.set()

    def answer(self) -> None:
        """Let both sides hear each other from now on; harmless when they do already, or it is over."""
        if self.status is not LegStatus.RINGING:
            return
        assert self.tasks is not None
        self.move(LegStatus.IN_PROGRESS)
        self.tasks.start_soon(self.line.run)

    def end(self, by: str, ending: Ending) -> None:
        """End it: *by* is who or what wants it. Only the first end counts.

        What the leg was doing stops at its next wait.
        """
        if not self.is_over:
            self.ending = ending
            self._record = attrs.evolve(self._record, ended_by=by)
            answered = self.status is LegStatus.IN_PROGRESS
            self.move(LegStatus.COMPLETED if answered else ending.unanswered)
        if self.tasks is not None:
            self.tasks.cancel_scope.cancel()

    def left_by_person(self, callee_word: str) -> None:
        """The other end hangs up, or a caller who still hears ringing gives up."""
        answered = self.status is LegStatus.IN_PROGRESS
        self.end("callee", Ending(4000 if answered else 1000, "Caller" if self.is_inbound else callee_word))

    def left_by_us(self) -> None:
        """We hang up through the API, answered or not."""
        answered = self.status is LegStatus.IN_PROGRESS
        self.end("api", Ending(4000 if answered else 1000, "API Request"))

    def replace_document(self, transfer: Callback) -> None:
        """Stop what the leg is doing, and go on with another document."""
        self.transfer = transfer
        if self.document is not None:
            self.document.cancel()
