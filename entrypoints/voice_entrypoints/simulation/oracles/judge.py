"""All oracles over one run."""

from collections.abc import Callable, Iterator
from typing import Final

from voice_entrypoints.simulation.oracles.case import Breach, Case, Finding, cases_of
from voice_entrypoints.simulation.oracles.ledgers import check_ledger
from voice_entrypoints.simulation.oracles.promises import check_promises
from voice_entrypoints.simulation.oracles.records import check_records
from voice_entrypoints.simulation.oracles.speech import check_speech
from voice_entrypoints.simulation.oracles.streams import check_streams
from voice_entrypoints.simulation.seen import LIMIT, Seen

__all__ = ("judge",)

_OF_CALLS: Final[tuple[Callable[[Case], Finding], ...]] = (
    check_records,
    check_ledger,
    check_speech,
    check_streams,
    check_promises,
)


def judge(seen: Seen) -> tuple[Breach, ...]:
    """Return every promise that was not kept in a run."""
    if seen.crash:
        return (Breach("crash", None, seen.crash),)
    return (*_of_the_gateway(seen), *_of_calls(seen))


def _of_calls(seen: Seen) -> Iterator[Breach]:
    for case in cases_of(seen):
        for check in _OF_CALLS:
            for oracle, text in check(case):
                yield Breach(oracle, case.planned.number, text)


def _of_the_gateway(seen: Seen) -> Iterator[Breach]:
    if not seen.quiet:
        yield Breach("quiet", None, "not everything was over in time")
    for what, count in seen.leftovers.items():
        yield Breach("leftover", None, f"{count} {what} are left")
    if seen.most_live > LIMIT:
        yield Breach("limit", None, f"{seen.most_live} calls were live at once, and {LIMIT} may be")
    strangers = [history for history in seen.histories.values() if not history]
    if strangers:
        yield Breach("record", None, f"{len(strangers)} records are empty")
