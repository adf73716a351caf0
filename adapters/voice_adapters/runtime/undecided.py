"""Calls of a process that is gone, as long as nobody knows whether they live: whoever means one of them waits."""

import anyio

from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.switchboard import UnavailableError

__all__ = ("UndecidedCalls",)

_WAIT_SECONDS = 10.0
"""Carriers wait for an answer to a webhook for 15 seconds, and what is asked of them is mostly known after 8."""
_TEXT = "It is not known yet whether this call has outlived a restart of the gateway; try again in a moment"


class UndecidedCalls:
    """Holds them by id; nobody waits longer than ten seconds."""

    def __init__(self) -> None:
        self._legs: dict[CallId, CarrierCallId | None] = {}
        self._changed = anyio.Event()

    def __len__(self) -> int:
        return len(self._legs)

    def __contains__(self, call_id: CallId) -> bool:
        return call_id in self._legs

    @property
    def ids(self) -> tuple[CallId, ...]:
        """Which they are, oldest first."""
        return tuple(self._legs)

    def add(self, call: Call) -> None:
        """Have everybody wait who means *call*."""
        self._legs[call.call_id] = call.carrier_call_id

    def remove(self, call_id: CallId) -> None:
        """Let those go on who waited for this call; repeating it is harmless."""
        if self._legs.pop(call_id, self) is not self:
            self._changed.set()
            self._changed = anyio.Event()

    async def wait(self, *keys: str | None, or_any_dial: bool = False) -> None:
        """Return when none of these names, ours or the carrier's, is that of a call that is not decided.

        *or_any_dial*: and when none is left whose leg nobody has named yet, for it may be the one that is meant.

        Raises:
            UnavailableError: if that takes too long; try again.
        """
        names = {key for key in keys if key}
        if not self._waits(names, or_any_dial=or_any_dial):
            return
        try:
            with anyio.fail_after(_WAIT_SECONDS):
                while self._waits(names, or_any_dial=or_any_dial):
                    await self._changed.wait()
        except TimeoutError:
            raise UnavailableError(_TEXT) from None

    def _waits(self, names: set[str], *, or_any_dial: bool) -> bool:
        return any(
            call_id in names or (leg in names if leg is not None else or_any_dial)
            for call_id, leg in self._legs.items()
        )
