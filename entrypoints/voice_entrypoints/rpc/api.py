"""What the ways in ask of a phone; `voice_entrypoints.phone` plays this role."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from voice_domain.call import Call
from voice_domain.events import CallEvent
from voice_domain.ports.event_store import JournalRow
from voice_domain.use_cases.call_route import CallRoute

__all__ = ("CallUpdate", "PhoneApi", "Plan", "Readiness")


class CallUpdate(Protocol):
    """One event, and the call right after it."""

    @property
    def sequence(self) -> int:
        """The event's place in the journal; a filter leaves gaps."""
        ...

    @property
    def call(self) -> Call:
        """The call after the event."""
        ...

    @property
    def event(self) -> CallEvent:
        """What happened."""
        ...


class Plan(Protocol):
    """The dial policy's verdict on a call that nobody has placed."""

    @property
    def allowed(self) -> bool:
        """Whether it would be dialled now."""
        ...

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not, one sentence each; empty when it is allowed."""
        ...

    @property
    def to(self) -> object:
        """The number as it was understood."""
        ...

    @property
    def from_(self) -> object:
        """The number that the callee would see."""
        ...

    @property
    def carrier(self) -> str:
        """Who would carry it."""
        ...

    @property
    def mode(self) -> str:
        """Whether it would say one thing or take turns."""
        ...

    @property
    def locale(self) -> str:
        """What would be spoken, BCP 47."""
        ...

    @property
    def route(self) -> CallRoute | None:
        """Which way it would take; None where nobody has said."""
        ...


class Readiness(Protocol):
    """Whether calls can be taken now."""

    @property
    def ready(self) -> bool:
        """Whether they can."""
        ...

    @property
    def problem(self) -> str:
        """Why not; empty when they can."""
        ...


class PhoneApi(Protocol):
    """A running phone. Every method raises a `VoiceError` for what a client can act on, and nothing else."""

    async def call(
        self, *, to: str | None, message: str, mode: str | None = None, session_key: str = ""
    ) -> Call:
        """Place a call; without *to* to the default number. Returns once the carrier took the dial."""
        ...

    async def speak(self, call_id: str, message: str) -> Call:
        """Say *message* after what is being said."""
        ...

    async def continue_call(self, call_id: str, message: str) -> str:
        """Say *message* and return the counterpart's next utterance."""
        ...

    async def end(self, call_id: str) -> Call:
        """Hang up."""
        ...

    def waits(self, call: Call) -> bool:
        """Whether what was wanted of a call waits until its carrier asks."""
        ...

    async def send_digits(self, call_id: str, digits: str) -> Call:
        """Press keys."""
        ...

    async def transfer(self, call_id: str, to: str) -> Call:
        """Hand the counterpart over."""
        ...

    async def status(self, key: str) -> Call | None:
        """Return a call, live or stored, by our id or the carrier's; None if there is none."""
        ...

    def live(self) -> tuple[Call, ...]:
        """Return all live calls, oldest first."""
        ...

    async def history(
        self, *, limit: int = 50, before_ms: int | None = None, state: str | None = None
    ) -> tuple[Call, ...]:
        """Return at most *limit* calls, newest first, begun before *before_ms*, in *state*."""
        ...

    async def journal(self, *, after: int, limit: int, call_id: str | None = None) -> tuple[JournalRow, ...]:
        """Return at most *limit* kept events with a sequence above *after*, oldest first; of one call if given."""
        ...

    async def plan(self, *, to: str, mode: str | None = None) -> Plan:
        """Return what the dial policy says; nothing is dialled."""
        ...

    async def inject(self, events: list[object]) -> int:
        """Make *events* happen at the mock carrier; return how many were taken."""
        ...

    def subscribe(self, call_id: str | None = None) -> AbstractAsyncContextManager[AsyncIterator[CallUpdate]]:
        """Give the updates of one call, or of all, from now on; ends early for a subscriber that is too slow."""
        ...

    def reports(
        self, call_id: str | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[Mapping[str, Any]]]:
        """Give the reports of one call, or of all, from now on; ends early for a subscriber that is too slow."""
        ...

    async def report(self, key: str) -> Mapping[str, Any] | None:
        """Return the report of a call; None as long as it is not written."""
        ...

    @property
    def readiness(self) -> Readiness:
        """Whether calls can be taken now."""
        ...
