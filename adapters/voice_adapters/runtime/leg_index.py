"""Which live call the carrier means by its own name for a leg; to ask every call would cost more with each."""

from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId

__all__ = ("LegIndex",)


class LegIndex:
    """Holds the name that each live call has at the carrier now; former ones are nobody's."""

    def __init__(self) -> None:
        self._legs: dict[CallId, CarrierCallId] = {}
        self._calls: dict[str, CallId] = {}

    def __len__(self) -> int:
        return len(self._legs)

    def note(self, call: Call) -> None:
        """Take the name that *call* has at the carrier, if it has one; it replaces an older one."""
        leg, before = call.carrier_call_id, self._legs.get(call.call_id)
        if leg is None or leg == before:
            return
        self.forget(call.call_id)
        self._legs[call.call_id] = leg
        self._calls[leg] = call.call_id

    def find(self, leg: str) -> CallId | None:
        """Return the call that has this name at the carrier; None if no live one has."""
        return self._calls.get(leg)

    def forget(self, call_id: CallId) -> None:
        """Drop the name of a call that is over; repeating it is harmless."""
        leg = self._legs.pop(call_id, None)
        if leg is not None and self._calls.get(leg) == call_id:
            del self._calls[leg]
