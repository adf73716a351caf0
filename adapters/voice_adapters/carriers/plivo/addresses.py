"""Where Plivo is told to come back to: our webhook address, with what we want to be reminded of in its query.

What Plivo signs of a query beyond ASCII is not certain, so nothing else is put into one.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

import attrs

from voice_adapters.carriers.plivo.client import CallAddresses
from voice_adapters.carriers.plivo.fields import Topic, Turn
from voice_domain.identity import CallId
from voice_domain.ports.carrier import SpokenText

__all__ = ("WebhookAddresses",)


@attrs.frozen
class WebhookAddresses:
    """Builds addresses from the public URL of the webhooks as it is at that moment."""

    webhook_url: Callable[[], str]

    def of_call(self, call_id: CallId) -> CallAddresses:
        """Return where a new call asks for its document, and tells what becomes of it."""
        return CallAddresses(
            answered=self._address(callId=call_id),
            rings=self.told(Topic.RING, call_id),
            over=self.told(Topic.HANGUP, call_id),
        )

    def told(self, topic: Topic, call_id: CallId | None = None) -> str:
        """Return where news of one kind go."""
        names = {"callId": call_id} if call_id else {}
        return self._address(**names, flow=topic.value)

    def again(self, call_id: CallId | None, *, lost: int, serial: int) -> str:
        """Return where a call without a voice of Plivo's asks for its next document.

        *lost* counts the media streams in a row that it came back from. *serial* makes the address unlike any other.
        """
        names = {"callId": call_id} if call_id else {}
        return self._address(**names, lost=str(lost), at=str(serial))

    def of_turn(self, turn: Turn, spoken: SpokenText | None = None) -> str:
        """Return where the document of *turn* leads to: with the text that it has read by then, if any."""
        names = {"said": spoken.speech_id, "part": str(spoken.part)} if spoken else {}
        return self._address(turn=str(turn), **names)

    def of_order(self, turn: Turn) -> str:
        """Return where the first document of an order is."""
        return self._address(turn=str(turn), begin="1")

    def of_partials(self, turn: Turn) -> str:
        """Return where words go that may still change."""
        return self._address(turn=str(turn), flow=Topic.PARTIAL.value)

    def _address(self, **names: str) -> str:
        parts = urlsplit(self.webhook_url())
        query = "&".join(part for part in (parts.query, urlencode(names)) if part)
        return urlunsplit(parts._replace(query=query))
