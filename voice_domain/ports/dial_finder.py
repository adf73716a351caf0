"""Finding a call whose dial was never answered to us: our process or the carrier's answer was gone first."""

from typing import Protocol

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId

__all__ = ("DialFinder", "LostDial")


@attrs.frozen(kw_only=True)
class LostDial:
    """A dial of which only we know that it was asked for."""

    call_id: CallId
    caller: PhoneNumber
    callee: PhoneNumber
    at_ms: int
    """When the call began, epoch milliseconds: not later than the dial."""


class DialFinder(Protocol):
    """A carrier that can be asked which calls live; an optional role."""

    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        """Return the outbound calls that live and may have come from *lost*, as far as the carrier shows.

        One if it hands our name for the call back; else all with these numbers that were placed since about then.

        Raises:
            CarrierError: if the carrier could not be asked.
        """
        ...
