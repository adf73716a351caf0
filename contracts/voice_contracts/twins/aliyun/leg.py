"""One call at the twin: what was ordered, and what became of it in Aliyun's own codes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
import attrs

from voice_contracts.twins.ledger import Ledger, LegRecord, StateEntered
from voice_contracts.twins.line import Line

__all__ = ("STARTED", "Leg", "Order", "china_time")

STARTED, RINGING, ANSWERED = "200101", "200201", "200102"
_WORDS: Final = {
    "200000": "ANSWERED",
    "200001": "ANSWERED",
    "200002": "USER_BUSY",
    "200003": "NO_ANSWER",
    "200005": "UNAVAILABLE",
}
_ENDED: Final = frozenset(_WORDS)


@attrs.frozen(kw_only=True)
class Order:
    """What the request that made the leg asked for."""

    conversation: bool
    text: str
    """What is read first."""
    out_id: str = ""
    dynamic_id: str = ""
    interruptible: bool = False
    mute_seconds: float = 10.0
    session_seconds: float = 3600.0


def china_time(at_ms: int | None) -> str:
    """Return a moment as Aliyun writes it: China's time, without a zone; empty for none."""
    if at_ms is None:
        return ""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


class Leg:
    """One call, as it is now. Only its own life moves it; whoever wants its end asks for it."""

    def __init__(
        self, record: LegRecord, order: Order, line: Line, ledger: Ledger, now_ms: Callable[[], int]
    ) -> None:
        self.order = order
        self.line = line
        self.record = record
        self.picked_up = anyio.Event()
        """Set when somebody makes the callee answer at once."""
        self.answered = anyio.Event()
        self.ended = anyio.Event()
        self.scope = anyio.CancelScope()
        """Cancelled when it ends."""
        self.on_move: Callable[[str], None] = lambda _: None
        self.direction = ""
        """Who hung up, in Aliyun's words."""
        self.reading = False
        self._ledger = ledger
        self._now_ms = now_ms
        ledger.write(record)

    @property
    def call_id(self) -> str:
        """Aliyun's name for it."""
        return self.record.leg_id

    def move(self, code: str) -> None:
        """Enter the state of *code*; the first end is the last state."""
        if self.record.state in _ENDED:
            return
        now_ms = self._now_ms()
        self.record = attrs.evolve(self.record, states=(*self.record.states, StateEntered(code, now_ms)))
        if code == ANSWERED:
            self.record = attrs.evolve(self.record, answered_ms=now_ms)
        if code in _ENDED:
            self.record = attrs.evolve(self.record, ended_ms=now_ms, ended_by=self.direction or "network")
        self._ledger.write(self.record)
        self.on_move(code)
        if code == ANSWERED:
            self.answered.set()
        if code in _ENDED:
            self.answered.set()
            self.ended.set()
            self.scope.cancel()

    def hang_up(self, direction: str) -> None:
        """End it, answered or not: *direction* is 用户 for the callee, 机器 for the machine."""
        if self.record.answered_ms is None:
            self.move("200003")
            return
        if not self.ended.is_set():
            self.direction = direction
        self.move("200001" if self.reading else "200000")

    @property
    def report(self) -> dict[str, str]:
        """The VoiceReport of a leg that has ended."""
        record = self.record
        return {
            "call_id": record.leg_id,
            "start_time": china_time(record.answered_ms),
            "end_time": china_time(record.ended_ms),
            "duration": str(record.billed_seconds),
            "status_code": record.state,
            "smart_status_code": _WORDS[record.state],
            "status_msg": "",
            "out_id": self.order.out_id,
            "caller": record.caller,
            "callee": record.callee,
            "originate_time": china_time(record.states[0].at_ms),
            "hangup_direction": self.direction,
            "voice_type": "asr" if self.order.conversation else "voice",
            "dtmf": "",
        }
