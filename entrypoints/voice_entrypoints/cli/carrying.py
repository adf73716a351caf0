"""Carrying one call: placing it, showing it, hanging up when the user wants that, and what became of it."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import anyio
import attrs
from anyio.abc import TaskGroup, TaskStatus

from voice_domain.errors import VoiceError
from voice_entrypoints.cli.failures import FAILED
from voice_entrypoints.cli.interrupts import interrupts, leave_at_once
from voice_entrypoints.cli.live.viewers import REDRAW_SECONDS, Viewer
from voice_entrypoints.cli.printing import note
from voice_entrypoints.cli.telephone import Telephone, WantedCall

__all__ = ("Carried", "carry")

_UNREACHED: Final = frozenset({"failed", "error", "no-answer", "busy", "voicemail"})


@attrs.frozen
class Carried:
    """A call that is over."""

    record: dict[str, Any]
    interrupted: bool
    """Whether the user asked for its end."""

    @property
    def exit_code(self) -> int:
        """0 for a call in which somebody could hear us; 1 for any other, and for one that the user broke off."""
        return FAILED if self.interrupted or self.record.get("endReason") in _UNREACHED else 0


async def carry(
    telephone: Telephone,
    wanted: WantedCall,
    viewer: Viewer,
    *,
    placed: Callable[[str], None] = lambda _: None,
) -> Carried:
    """Place a call and wait until it is over, while *viewer* shows it; *placed* is told its id.

    The first Ctrl-C hangs up and waits for the end; the second leaves at once.

    Raises:
        VoiceError: if it cannot be placed, or its end cannot be learnt.
    """
    async with anyio.create_task_group() as tasks:
        carrying = _Carrying(telephone, viewer, tasks)
        await tasks.start(carrying.heed_interrupts)
        record = await carrying.run(wanted, placed)
        tasks.cancel_scope.cancel()
    return Carried(record, carrying.interrupted)


@attrs.define
class _Carrying:
    telephone: Telephone
    viewer: Viewer
    tasks: TaskGroup
    call_id: str = ""
    interrupted: bool = False

    async def run(self, wanted: WantedCall, placed: Callable[[str], None]) -> dict[str, Any]:
        async with self.telephone.events() as events:
            self.call_id = await self.telephone.place(wanted)
            placed(self.call_id)
            if self.interrupted:
                self.tasks.start_soon(self._hang_up)
            with self.viewer:
                if self.viewer.redraws:
                    self.tasks.start_soon(self._redraw)
                return await self._end(events)

    async def heed_interrupts(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        with interrupts() as signals:
            task_status.started()
            async for _ in signals:
                if self.interrupted:
                    leave_at_once()
                self.interrupted = True
                note("hanging up; press Ctrl-C again to leave at once")
                if self.call_id:
                    self.tasks.start_soon(self._hang_up)

    async def _end(self, events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        """Return the record at the end of the call."""
        if await self._shown_to_the_end(events):
            return await self.telephone.record(self.call_id)
        # We fell too far behind to be told any longer; what was missed, the record has.
        async with self.telephone.events() as later:
            record = await self.telephone.record(self.call_id)
            return record if "endedAt" in record else await self._end(later)

    async def _shown_to_the_end(self, events: AsyncIterator[dict[str, Any]]) -> bool:
        async for event in events:
            if event["callId"] != self.call_id:
                continue
            self.viewer.take(event)
            if event["type"] == "call.ended":
                return True
        return False

    async def _redraw(self) -> None:
        while True:
            self.viewer.redraw()
            await anyio.sleep(REDRAW_SECONDS)

    async def _hang_up(self) -> None:
        try:
            await self.telephone.end(self.call_id)
        except VoiceError as error:
            note(str(error))
