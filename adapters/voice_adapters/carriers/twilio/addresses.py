"""Where Twilio is told to come back to: our webhook address, with what we want to be reminded of in its query."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

import attrs

from voice_adapters.carriers.twilio.fields import Topic, Turn
from voice_domain.identity import CallId
from voice_domain.ports.carrier import SpokenText

__all__ = ("WebhookAddresses",)


@attrs.frozen
class WebhookAddresses:
    """Builds addresses from the public URL of the webhooks as it is at that moment."""

    webhook_url: Callable[[], str]

    def of_call(self, call_id: CallId) -> str:
        """Return where the document of a new call is."""
        return self._address(callId=call_id)

    def told(self, topic: Topic, call_id: CallId | None = None) -> str:
        """Return where news of one kind go."""
        names = {"callId": call_id} if call_id else {}
        return self._address(**names, type=topic.value)

    def again(self, call_id: CallId | None, *, lost: int, serial: int) -> str:
        """Return where a call without a voice of Twilio's asks for its next document.

        *lost* counts the media streams in a row that it came back from. *serial* makes the address unlike any other:
        a request that is the same in everything would pass for a repetition.
        """
        names = {"callId": call_id} if call_id else {}
        return self._address(**names, lost=str(lost), at=str(serial))

    def of_turn(self, turn: Turn, spoken: SpokenText | None = None, *, cut_ms: int | None = None) -> str:
        """Return where the document of *turn* leads to: with the text that was read by then, if any.

        *cut_ms* is when that text was cut, epoch milliseconds; None if it is read to its end.
        """
        names = {"said": spoken.speech_id, "part": str(spoken.part)} if spoken else {}
        if spoken and cut_ms is not None:
            names["cut"] = str(cut_ms)
        return self._address(turn=str(turn), **names)

    def of_reading(self, turn: Turn) -> str:
        """Return where a document is that is too long to be given with a request."""
        return self._address(turn=str(turn), read="1")

    def of_partials(self, turn: Turn, spoken: SpokenText | None = None) -> str:
        """Return where words go that may still change: with the text that they cut, if any."""
        names = {"said": spoken.speech_id, "part": str(spoken.part)} if spoken else {}
        return self._address(turn=str(turn), partial="1", **names)

    def _address(self, **names: str) -> str:
        parts = urlsplit(self.webhook_url())
        query = "&".join(part for part in (parts.query, urlencode(names)) if part)
        return urlunsplit(parts._replace(query=query))
