"""What a twin saw: every leg, every request that it took or sent, and everything that was against the rules."""

from collections.abc import Callable

import attrs

__all__ = ("Ledger", "LegRecord", "RequestTaken", "StateEntered", "Violation", "WebhookSent")


@attrs.frozen
class StateEntered:
    """A leg entered a state, in the carrier's own word."""

    state: str
    at_ms: int


@attrs.frozen
class LegRecord:
    """One leg, as the carrier would bill it."""

    leg_id: str
    direction: str
    caller: str
    callee: str
    parent_id: str | None = None
    request_id: str | None = None
    """The name that the request which made it was answered with, if that is another one."""
    states: tuple[StateEntered, ...] = ()
    answered_ms: int | None = None
    ended_ms: int | None = None
    ended_by: str | None = None
    """Who or what ended it; None while it lives."""

    @property
    def is_inbound(self) -> bool:
        """Whether it is a call to one of our numbers."""
        return self.direction in ("inbound", "incoming")

    @property
    def counterpart(self) -> str:
        """The number at the other end, as the carrier writes it."""
        return self.caller if self.is_inbound else self.callee

    @property
    def state(self) -> str:
        """The state it is in, in the carrier's own word."""
        return self.states[-1].state

    @property
    def billed_seconds(self) -> int:
        """Seconds from the answer to the end, begun ones count; 0 while it lives or if nobody answered."""
        if self.answered_ms is None or self.ended_ms is None:
            return 0
        return -((self.answered_ms - self.ended_ms) // 1000)


@attrs.frozen
class RequestTaken:
    """A request to the twin's API, and the status that it was answered with; None if it was left hanging."""

    at_ms: int
    method: str
    path: str
    fields: tuple[tuple[str, str], ...]
    status: int | None


@attrs.frozen
class WebhookSent:
    """A webhook, with the status that came back; None if none came within the carrier's patience."""

    at_ms: int
    leg_id: str
    url: str
    fields: tuple[tuple[str, str], ...]
    status: int | None
    seconds: float
    """How long the answer took."""

    def __getitem__(self, name: str) -> str:
        """Return the field *name*; raises KeyError if the webhook had none."""
        return dict(self.fields)[name]


@attrs.frozen
class Violation:
    """Something against the carrier's rules: an error of its log, or a request that it had to refuse."""

    at_ms: int
    leg_id: str | None
    code: int
    """The carrier's number for it."""
    text: str


class Ledger:
    """Everything that a twin saw, in order; to be read at any time."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._legs: dict[str, LegRecord] = {}
        self._requests: dict[str, str] = {}
        self.requests: list[RequestTaken] = []
        self.webhooks: list[WebhookSent] = []
        self.violations: list[Violation] = []

    @property
    def legs(self) -> tuple[LegRecord, ...]:
        """Every leg, oldest first."""
        return tuple(self._legs.values())

    def leg(self, leg_id: str) -> LegRecord:
        """Return one leg by its name or that of its request; raises KeyError if the twin never had it."""
        return self._legs[self._requests.get(leg_id, leg_id)]

    def legs_alive(self) -> tuple[LegRecord, ...]:
        """Return the legs that have not ended."""
        return tuple(leg for leg in self._legs.values() if leg.ended_ms is None)

    def write(self, leg: LegRecord) -> None:
        """Keep the newest record of a leg."""
        self._legs[leg.leg_id] = leg
        if leg.request_id is not None:
            self._requests[leg.request_id] = leg.leg_id

    def violate(self, code: int, text: str, leg_id: str | None = None) -> None:
        """Note something against the rules."""
        self.violations.append(Violation(self._now_ms(), leg_id, code, text))
