"""`voicecall latency`: how long counterparts wait for us."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from voice_domain.events import CallEvent
from voice_domain.ports.event_store import CallHistory
from voice_entrypoints.cli.archive import open_archive
from voice_entrypoints.cli.columns import columns
from voice_entrypoints.cli.live.story import part_names
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.cli.statistics import Latency, Spread, latency_of
from voice_entrypoints.cli.surroundings import tolerant_surroundings
from voice_entrypoints.words.language import translated, translated_all

__all__ = ("latency", "latency_text")

_PLAIN = Shared()
_ALL = 100_000


async def latency(
    *,
    last: Annotated[
        int,
        Parameter(help="How many calls to look at, the newest ones.", validator=Number(gte=1, lte=10_000)),
    ] = 200,
    shared: Shared = _PLAIN,
) -> int:
    """Show how long counterparts waited for our first word, and where that time went."""
    async with open_archive(tolerant_surroundings(shared)) as history:
        measured = latency_of([events async for events in _calls(history, last)])
    if shared.json:
        show_json(measured.to_json())
    else:
        show(latency_text(measured))
    return 0


def latency_text(measured: Latency) -> str:
    """Return a table of milliseconds, a row for each part of a turn."""
    if not measured.turns.count:
        return translated(f"no turn was measured in {measured.calls} calls")
    names = part_names()
    rows: list[tuple[str, ...]] = [translated_all("MILLISECONDS", "TURNS", "MIN", "P50", "P95", "MAX")]
    rows.extend(
        _row(names.get(name, name), spread) for name, spread in measured.parts.items() if spread.count
    )
    rows.append(_row(translated("total"), measured.turns))
    if measured.listening.count:
        rows.append(_row(translated("waiting for an answer"), measured.listening))
    return columns(rows, right=frozenset(range(1, 6)))


def _row(name: str, spread: Spread) -> tuple[str, ...]:
    values = (spread.count, spread.min_ms, spread.p50_ms, spread.p95_ms, spread.max_ms)
    return (name, *(str(value) for value in values))


async def _calls(history: CallHistory, last: int) -> AsyncIterator[Sequence[CallEvent]]:
    for call in await history.page(limit=last):
        rows = await history.journal(after=0, limit=_ALL, call_id=call.call_id)
        yield [row.event for row in rows]
