"""Words that come too late: a partial transcription that its own final one has overtaken would be heard twice."""

from datetime import datetime
from typing import Final

from voice_adapters.carriers.telnyx.fields import Fields
from voice_domain.identity import CarrierCallId

__all__ = ("Finals",)

_LEGS_KEPT: Final = 1000


class Finals:
    """When each leg's latest final transcription was made, by Telnyx's clock."""

    def __init__(self) -> None:
        self._made_at: dict[CarrierCallId, datetime] = {}

    def __len__(self) -> int:
        return len(self._made_at)

    def note(self, fields: Fields) -> None:
        """Take a webhook; the same one again changes nothing."""
        heard, at = fields.transcription, fields.occurred_at
        if heard is not None and heard.is_final and at is not None:
            self._made_at[fields.leg] = max(at, self._made_at.get(fields.leg, at))
            if (
                len(self._made_at) > _LEGS_KEPT
            ):  # words that come after the end of their leg are never forgotten
                del self._made_at[next(iter(self._made_at))]

    def is_late(self, fields: Fields) -> bool:
        """Whether a webhook brings words that a final transcription holds already."""
        heard, at = fields.transcription, fields.occurred_at
        if heard is None or heard.is_final or at is None:
            return False
        made_at = self._made_at.get(fields.leg)
        return made_at is not None and at <= made_at

    def forget(self, leg: CarrierCallId) -> None:
        """Drop what is known of a leg: it is over."""
        self._made_at.pop(leg, None)
