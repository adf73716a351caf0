"""The documents that a call is given, each for one moment of it.

None of them drops a live call: where a document could end, it leads back to us.
"""

from typing import Final

import attrs

from voice_adapters.carriers.plivo.addresses import WebhookAddresses
from voice_adapters.carriers.plivo.client import plain_number
from voice_adapters.carriers.plivo.fields import Topic, Turn
from voice_adapters.carriers.plivo.heard_languages import heard_language
from voice_adapters.carriers.plivo.markup import (
    BadXmlError,
    Breath,
    Dial,
    GetInput,
    Hangup,
    Redirect,
    Refusal,
    Response,
    Stream,
    Wait,
)
from voice_adapters.carriers.plivo.voices import said
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_domain.ports.carrier import SpokenText

__all__ = ("HANG_UP", "Documents", "refusal")

HANG_UP: Final = Response(ending=Hangup())

_LISTEN_SECONDS: Final = 60
"""A silent counterpart costs a webhook as often; where one round ends and the next begins, a word may get lost."""
_KEY_PAUSE_SECONDS: Final = 2
_WAIT_SECONDS: Final = 30
_RECONNECT_SECONDS: Final = 1


def refusal(*, busy: bool) -> Response:
    """Refuse a call without answering it."""
    return Response(ending=Refusal(busy))


@attrs.frozen
class Documents:
    """Makes documents that lead back to *addresses* and speak with *voice* (see `voice_for`)."""

    addresses: WebhookAddresses
    own_number: PhoneNumber | None
    """Shown to those that a counterpart is handed over to."""
    voice: str | None = None

    def streaming(self, call_id: CallId, stream_url: str, *, lost: int, serial: int) -> Response:
        """Connect the media stream; when it breaks, come back for another.

        The first time at once; if that breaks too, a second later, so that a stream that cannot be opened is not
        asked for in a tight circle.
        """
        stream = Stream(stream_url, self.addresses.told(Topic.STREAM, call_id))
        wait = (Wait(_RECONNECT_SECONDS),) if lost > 1 else ()
        back = self.addresses.again(call_id, lost=lost + 1, serial=serial)
        return Response((*wait, stream), Redirect(back))

    def answering(self, call_id: CallId, *, serial: int) -> Response:
        """Answer a call and come back for what to say."""
        return Response((Breath(),), Redirect(self.addresses.again(call_id, lost=0, serial=serial)))

    def waiting(self, call_id: CallId, *, serial: int) -> Response:
        """Be silent until something changes."""
        back = self.addresses.again(call_id, lost=0, serial=serial)
        return Response((Wait(_WAIT_SECONDS),), Redirect(back))

    def waiting_in(self, turn: Turn) -> Response:
        """Be silent until something changes, in a call that Plivo's voice speaks in."""
        return Response((Wait(_WAIT_SECONDS),), Redirect(self.addresses.of_turn(turn)))

    def listening(self, turn: Turn, locale: str) -> Response:
        """Listen, and come back with what was heard, or without."""
        listen = GetInput(
            action=self.addresses.of_turn(turn),
            partial_url=self.addresses.of_partials(turn),
            language=heard_language(locale),
            seconds=_LISTEN_SECONDS,
            key_pause_seconds=_KEY_PAUSE_SECONDS,
        )
        return Response((listen,), Redirect(self.addresses.of_turn(turn)))

    def reading(self, turn: Turn, spoken: SpokenText) -> Response:
        """Read a text to its end, and come back at once; whoever is to be listened to is heard after that.

        Raises:
            BadXmlError: if there is nothing in the text that can be read, or too much.
        """
        pieces = said(spoken.text, locale=spoken.locale, configured=spoken.voice or self.voice)
        if not pieces:
            raise BadXmlError("This Plivo XML cannot be built: the text holds nothing that can be read")
        return Response(pieces, Redirect(self.addresses.of_turn(turn, spoken)))

    def handing_over(self, to: PhoneNumber, *, ring_seconds: int, serial: int) -> Response:
        """Call *to* for the counterpart, and come back when that is over. Nothing here ends the call."""
        back = self.addresses.again(None, lost=0, serial=serial)
        dial = Dial(
            to=plain_number(to),
            shown=plain_number(self.own_number) if self.own_number else None,
            ring_seconds=ring_seconds,
            action=back,
            news_url=self.addresses.told(Topic.TRANSFER),
        )
        return Response((dial,), Redirect(back))
