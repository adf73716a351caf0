"""One leg at the twin: what is known about it, and how it ends."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import anyio
import anyio.abc
import attrs

from voice_contracts.twins.ledger import Ledger, LegRecord, StateEntered
from voice_contracts.twins.line import Line, Listener, Sound

__all__ = ("Ending", "Leg", "LegState", "Orders", "Spoken")


class LegState(StrEnum):
    """Telnyx's words for what a leg does."""

    PARKED = "parked"
    BRIDGING = "bridging"
    ANSWERED = "answered"
    HANGUP = "hangup"


@attrs.frozen
class Ending:
    """Why a leg is over, in Telnyx's words."""

    cause: str
    source: str = "unknown"
    sip: str = "unspecified"


@attrs.frozen
class Orders:
    """What the request that made the leg asked for."""

    webhook_url: str
    client_state: str | None = None
    timeout_seconds: int = 30
    time_limit_seconds: int = 14_400
    machine_detection: str = "disabled"


@attrs.frozen
class Spoken:
    """A text that waits to be read, with the state that its events carry."""

    text: str
    manner: dict[str, str]
    client_state: str | None


class Leg:
    """One leg, as it is now."""

    def __init__(
        self, record: LegRecord, orders: Orders, line: Line, ledger: Ledger, now_ms: Callable[[], int]
    ) -> None:
        self.orders = orders
        self.line = line
        self.client_state = orders.client_state
        self.answered = anyio.Event()
        self.ended = anyio.Event()
        self.tasks: anyio.abc.TaskGroup | None = None
        self.commands: set[str] = set()
        """The ids of commands that were carried out."""
        self.texts: deque[Spoken] = deque()
        self.more_texts = anyio.Event()
        self.reading: anyio.CancelScope | None = None
        """Cancelled when what is being read is to stop."""
        self.hearing: Listener | None = None
        """Who transcribes, if anybody does."""
        self.stream: Sound | None = None
        self.stream_scope: anyio.CancelScope | None = None
        self.tell: Callable[[str, dict[str, Any]], None] = lambda _event, _payload: None
        """Sends an event of this leg."""
        self._record = record
        self._ledger = ledger
        self._now_ms = now_ms
        ledger.write(record)

    @property
    def record(self) -> LegRecord:
        """What the ledger holds about it."""
        return self._record

    @property
    def name(self) -> str:
        """Telnyx's name for it: the call control id."""
        return self._record.leg_id

    @property
    def state(self) -> LegState:
        """What it does."""
        return LegState(self._record.state)

    @property
    def is_incoming(self) -> bool:
        """Whether it is a call to one of our numbers."""
        return self._record.direction == "incoming"

    def answer(self) -> None:
        """Let both sides hear each other from now on."""
        assert self.tasks is not None
        self._enter(LegState.ANSWERED)
        self.tasks.start_soon(self.line.run)
        self.answered.set()
        self.tell("call.answered", {"state": "answered"})

    def end(self, by: str, ending: Ending) -> None:
        """End it: *by* is who or what wants it. Only the first end counts."""
        if self.state is LegState.HANGUP:
            return
        self._record = attrs.evolve(self._record, ended_by=by)
        self._enter(LegState.HANGUP)
        self.ended.set()
        payload = {
            "hangup_cause": ending.cause,
            "hangup_source": ending.source,
            "sip_hangup_cause": ending.sip,
            "state": "hangup",
        }
        self.tell("call.hangup", payload)
        if self.tasks is not None:
            self.tasks.cancel_scope.cancel()

    def left_by_person(self) -> None:
        """The other end hangs up, or a caller who still hears ringing gives up."""
        source = "caller" if self.is_incoming else "callee"
        answered = self.state is LegState.ANSWERED
        self.end(
            "person",
            Ending("normal_clearing", source, "200")
            if answered
            else Ending("originator_cancel", source, "487"),
        )

    def left_by_us(self) -> None:
        """We hang up, answered or not."""
        source = "callee" if self.is_incoming else "caller"
        answered = self.state is LegState.ANSWERED
        cause = "normal_clearing" if answered or self.is_incoming else "originator_cancel"
        self.end("us", Ending(cause, source, "200" if answered else "487"))

    def stop_reading(self) -> None:
        """Read nothing any more."""
        self.texts.clear()
        if self.reading is not None:
            self.reading.cancel()

    def _enter(self, state: LegState) -> None:
        now_ms = self._now_ms()
        states = (*self._record.states, StateEntered(state, now_ms))
        self._record = attrs.evolve(self._record, states=states)
        if state is LegState.ANSWERED:
            self._record = attrs.evolve(self._record, answered_ms=now_ms)
        if state is LegState.HANGUP:
            self._record = attrs.evolve(self._record, ended_ms=now_ms)
        self._ledger.write(self._record)
