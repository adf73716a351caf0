"""Everything that was seen of one planned call, side by side."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

import attrs

from voice_contracts.twins.ear import Heard
from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.stage import CarrierStage
from voice_domain.events import CallEvent, Opened
from voice_domain.vocabulary import Direction
from voice_entrypoints.simulation.counterparts import counterpart_of
from voice_entrypoints.simulation.faults import Fault
from voice_entrypoints.simulation.http_wires import Taken
from voice_entrypoints.simulation.people import Answer
from voice_entrypoints.simulation.plan import PlannedCall
from voice_entrypoints.simulation.seen import Seen
from voice_entrypoints.simulation.synthesizer_wire import Lie
from voice_entrypoints.simulation.transcriber_wire import Told

__all__ = ("Breach", "Case", "Finding", "cases_of")

_T = TypeVar("_T")


@attrs.frozen
class Breach:
    """A promise that was not kept."""

    oracle: str
    """Which of the oracles found it, in one word."""
    call: int | None
    """The number of the planned call; None for the whole gateway."""
    text: str


Finding: TypeAlias = Iterator[tuple[str, str]]
"""Breaches of one case: the oracle's word, and a sentence."""


@attrs.frozen(kw_only=True)
class Case:
    """One planned call."""

    planned: PlannedCall
    legs: Sequence[LegRecord]
    """What the carrier had of it, oldest first."""
    histories: Sequence[Sequence[CallEvent]]
    """The records that we have of it: one, if anything."""
    stage: CarrierStage
    """The carrier's."""
    sounds: Sequence[Heard]
    """What the other end heard."""
    taken: Sequence[Taken]
    """What we said yes to."""
    answers: Sequence[Answer]
    """What its client was told."""
    struck: Sequence[Fault]
    """What went wrong with it alone."""
    outages: bool
    """Whether something went wrong with the whole gateway while it lived."""
    streamed: bool = False
    """Whether it had a media stream."""
    told: Sequence[Told] = ()
    """What the transcriber told us of it."""
    lies: Sequence[Lie] = ()
    """What the synthesizer gave instead of texts, in any call."""

    @property
    def disturbed(self) -> bool:
        """Whether anything at all went wrong while it lived."""
        return bool(self.struck) or self.outages


def cases_of(seen: Seen) -> tuple[Case, ...]:
    """Return a case for each call of the plan that was seen."""
    by_phone = _grouped((counterpart_of(leg), leg) for leg in seen.legs)
    records = _grouped((_counterpart(history), history) for history in seen.histories.values())
    answers = _grouped((str(answer.call), answer) for answer in seen.answers)
    taken = _grouped((hook.told.leg, hook) for hook in seen.taken)
    struck = _grouped((str(f.call), f) for f in seen.plan.faults if f.number in seen.trace.struck)
    told = _grouped((one.phone, one) for one in seen.told)
    cases = []
    for planned in seen.plan.calls:
        legs, histories = by_phone.get(planned.phone, []), records.get(planned.phone, [])
        faults = struck.get(str(planned.number), [])
        cases.append(
            Case(
                planned=planned,
                legs=legs,
                histories=histories,
                stage=seen.stage,
                sounds=[sound for leg in legs for sound in seen.sounds[leg.leg_id]],
                taken=[hook for leg in legs for hook in taken.get(leg.leg_id, [])],
                answers=answers.get(str(planned.number), []),
                struck=faults,
                outages=_overlaps(seen, legs, histories),
                streamed=seen.streamed,
                told=told.get(planned.phone, []),
                lies=seen.lies,
            )
        )
    return tuple(cases)


def _grouped(pairs: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _counterpart(history: Sequence[CallEvent]) -> str:
    opened = history[0]
    if not isinstance(opened, Opened):
        return ""
    return str(opened.caller if opened.direction is Direction.INBOUND else opened.callee)


def _overlaps(seen: Seen, legs: Sequence[LegRecord], histories: Sequence[Sequence[CallEvent]]) -> bool:
    moments = [event.at_ms for history in histories for event in (history[0], history[-1])]
    moments += [leg.states[0].at_ms for leg in legs] + [leg.states[-1].at_ms for leg in legs]
    if not moments:
        return True  # it left nothing to be compared
    first, last = min(moments) - 1_000, max(moments) + 1_000
    return any(began <= last and ended >= first for began, ended in seen.disturbances)
