"""The two names of a call that we place: the request's, which we are given, and its own, which a webhook tells."""

from typing import Final

from voice_adapters.carriers.plivo.fields import Fields
from voice_domain.identity import CarrierCallId

__all__ = ("LegNames",)

_KEPT: Final = 1000


class LegNames:
    """Finds a call's own name under the request's."""

    def __init__(self) -> None:
        self._legs: dict[CarrierCallId, CarrierCallId] = {}

    def __len__(self) -> int:
        return len(self._legs)

    def note(self, fields: Fields) -> None:
        """Take what a webhook tells; the same one again changes nothing."""
        request_id = fields.request_id
        # Only what may come late, after the end, comes to an address that does not name the call.
        if request_id is None or fields.call_id is None:
            return
        self._legs[request_id] = fields.leg
        if len(self._legs) > _KEPT:  # those whose end we were never told are never forgotten
            del self._legs[next(iter(self._legs))]

    def leg(self, name: CarrierCallId) -> CarrierCallId:
        """Return the call's own name for either of its names; *name* itself as long as no webhook has told more."""
        return self._legs.get(name, name)

    def forget(self, leg: CarrierCallId) -> None:
        """Drop what is known of a call: it is over."""
        for request_id in [request_id for request_id, known in self._legs.items() if known == leg]:
            del self._legs[request_id]
