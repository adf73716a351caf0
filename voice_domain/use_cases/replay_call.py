"""Taking every decision of a stored call again: the same inputs must lead to the same events and effects."""

from collections.abc import Sequence

import attrs

from voice_domain.call import Call
from voice_domain.decide import Decision, adopt_call, decide, open_call, refuse_call
from voice_domain.effects import Answer, Dial, Effect
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent, ClosingBegan, Opened
from voice_domain.evolve import evolve, fold, opened_call
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput
from voice_domain.ports.event_store import CallHistory, Ruling
from voice_domain.vocabulary import EndReason

__all__ = ("Difference", "Replay", "ReplayCall", "replay")

_ALL = 1_000_000
"""More events than a call can have."""


@attrs.frozen(kw_only=True)
class Difference:
    """Where a decision that is taken again comes out otherwise."""

    version: int
    """How many events the call had had before the decision."""
    given: CallInput | None
    """What it was taken on; None for how the call began."""
    kept: tuple[CallEvent | Effect, ...]
    """What was kept of it: events, then effects."""
    now: tuple[CallEvent | Effect, ...]
    """What follows from it today; empty if it is refused."""
    refusal: str = ""
    """Why it is refused today; empty if it is not."""


@attrs.frozen(kw_only=True)
class Replay:
    """What became of taking a call's decisions again."""

    call: Call
    """The call as its events say."""
    decisions: int
    """How many decisions were taken again, up to the first difference."""
    effects: int
    """How many effects they ordered."""
    undecided: int
    """How many events nobody decided: the end of a call that broke, an import, or a version without rulings."""
    difference: Difference | None = None

    @property
    def same(self) -> bool:
        """Whether every decision came out as it had."""
        return self.difference is None


def replay(events: Sequence[CallEvent], rulings: Sequence[Ruling]) -> Replay:
    """Take the decisions of a call again, in order, and compare what follows from each.

    *events* are all events of the call, *rulings* why they were kept. Pure: nothing is dialled or said.

    Raises:
        BrokenHistoryError: if the events are no history of a call.
    """
    whole, call = fold(events), None
    decisions = effects = undecided = version = 0
    difference = None
    for ruling in rulings:
        for event in events[version : ruling.version]:
            call = (
                opened_call(event)
                if call is None and isinstance(event, Opened)
                else evolve(_begun(call), event)
            )
            undecided += 1
        kept = tuple(events[ruling.version : ruling.version + ruling.events])
        difference = _difference(call, kept, ruling)
        if difference is not None:
            break
        decisions, effects = decisions + 1, effects + len(ruling.effects)
        call = _after(call, kept)
        version = ruling.version + ruling.events
    else:
        undecided += len(events) - version
    return Replay(
        call=whole, decisions=decisions, effects=effects, undecided=undecided, difference=difference
    )


def _begun(call: Call | None) -> Call:
    assert call is not None  # `fold` has found that the first event opens the call
    return call


def _after(call: Call | None, events: Sequence[CallEvent]) -> Call | None:
    for event in events:
        call = opened_call(event) if isinstance(event, Opened) else evolve(_begun(call), event)
    return call


def _difference(call: Call | None, kept: tuple[CallEvent, ...], ruling: Ruling) -> Difference | None:
    was = (*kept, *ruling.effects)
    try:
        decision = _decided(call, kept, ruling)
    except VoiceError as error:
        return Difference(version=ruling.version, given=ruling.given, kept=was, now=(), refusal=str(error))
    now = (*decision.events, *decision.effects)
    if now == was:
        return None
    return Difference(version=ruling.version, given=ruling.given, kept=was, now=now)


def _decided(call: Call | None, kept: tuple[CallEvent, ...], ruling: Ruling) -> Decision:
    if ruling.given is not None:
        return decide(_begun(call), ruling.given, ruling.at_ms)
    opened, *rest = kept
    assert isinstance(opened, Opened)  # only the beginning of a call is decided on nothing
    closing = next((event for event in rest if isinstance(event, ClosingBegan)), None)
    if closing is not None:
        return refuse_call(opened, busy=closing.reason is EndReason.BUSY, error=closing.error)
    if any(isinstance(effect, Dial | Answer) for effect in ruling.effects):
        return open_call(opened)
    return adopt_call(opened)


@attrs.frozen(kw_only=True)
class ReplayCall:
    """Replays one call of the store."""

    history: CallHistory

    async def __call__(self, call_id: CallId) -> Replay:
        """Take the decisions of the call again; see `replay`.

        Raises:
            StoreError: if the call cannot be read.
            BrokenHistoryError: if it is unknown, or what was kept is no history.
        """
        rulings = await self.history.rulings(call_id)
        rows = await self.history.journal(after=0, limit=_ALL, call_id=call_id)
        return replay([row.event for row in rows], rulings)
