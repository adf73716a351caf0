"""What a client has missed while it was away, from the journal."""

from collections.abc import AsyncGenerator
from typing import Final

import attrs

from voice_domain.call import Call
from voice_domain.events import CallEvent
from voice_domain.evolve import evolve, fold
from voice_domain.identity import CallId
from voice_domain.ports.event_store import JournalRow
from voice_entrypoints.rpc.api import PhoneApi

__all__ = ("MissedUpdate", "missed_updates")

_PAGE: Final = 500


@attrs.frozen
class MissedUpdate:
    """An event of the past, and its call right after it."""

    sequence: int
    call: Call
    event: CallEvent


async def missed_updates(
    api: PhoneApi, *, after: int, call_id: str | None
) -> AsyncGenerator[MissedUpdate, None]:
    """Yield everything that happened after the sequence *after*, in one call or in all, oldest first.

    Raises:
        StoreError: if it cannot be read.
    """
    calls: dict[CallId, Call] = {}
    while rows := await api.journal(after=after, limit=_PAGE, call_id=call_id):
        for row in rows:
            before = calls.pop(row.call_id, None)
            call = await _call_after(api, row) if before is None else evolve(before, row.event)
            if not call.is_over:
                calls[row.call_id] = call
            after = row.sequence
            yield MissedUpdate(row.sequence, call, row.event)


async def _call_after(api: PhoneApi, row: JournalRow) -> Call:
    events: list[CallEvent] = []
    after = 0
    while after < row.sequence:
        rows = await api.journal(after=after, limit=_PAGE, call_id=row.call_id)
        events += [each.event for each in rows if each.sequence <= row.sequence]
        after = rows[-1].sequence
    return fold(events)
