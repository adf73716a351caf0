"""The documents that a call is given, each for one moment of it.

None of them drops a live call: where a document could end, it leads back to us.
"""

from typing import Final

import attrs

from voice_adapters.carriers.twilio.addresses import WebhookAddresses
from voice_adapters.carriers.twilio.fields import Topic, Turn
from voice_adapters.carriers.twilio.heard_languages import heard_language
from voice_adapters.carriers.twilio.twiml import (
    BadTwimlError,
    Connect,
    Dial,
    Gather,
    Hangup,
    Pause,
    PlayDigits,
    Redirect,
    Reject,
    Response,
    Stream,
)
from voice_adapters.carriers.twilio.voices import said
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_domain.ports.carrier import SpokenText

__all__ = ("AFTER_SPEECH_SECONDS", "HANG_UP", "Documents", "rejection")

HANG_UP: Final = Response(ending=Hangup())

_LISTEN_SECONDS: Final = 10
"""Keys without # are told so long after the last one; a silent counterpart costs a webhook as often."""
AFTER_SPEECH_SECONDS: Final = 1
"""How long after our text its end is told, if the counterpart is silent; no less is possible."""
_WAIT_SECONDS: Final = 10
_RECONNECT_SECONDS: Final = 1
_KEYS: Final = str.maketrans(
    {",": "w", "W": "w", "p": "ww", "P": "ww", **{key: key.upper() for key in "abcd"}}
)
"""Our keys in Twilio's: its w is half a second."""


def rejection(*, busy: bool) -> Response:
    """Refuse a call without answering it."""
    return Response(ending=Reject(busy))


@attrs.frozen
class Documents:
    """Makes documents that lead back to *addresses* and speak with *voice* (see `voice_for`)."""

    addresses: WebhookAddresses
    voice: str | None = None

    def streaming(self, call_id: CallId, stream_url: str, *, lost: int, serial: int) -> Response:
        """Connect the media stream; when it breaks, come back for another.

        The first time at once; if that breaks too, a second later, so that a stream that cannot be opened is not
        asked for in a tight circle.
        """
        stream = Stream(stream_url, self.addresses.told(Topic.STREAM, call_id))
        wait = (Pause(_RECONNECT_SECONDS),) if lost > 1 else ()
        back = self.addresses.again(call_id, lost=lost + 1, serial=serial)
        return Response((*wait, Connect(stream)), Redirect(back))

    def answering(self, call_id: CallId, *, serial: int) -> Response:
        """Answer a call and come back for what to say."""
        # A pause would leave it ringing; half a second of silent keys does not (error 13430 lists them).
        return Response((PlayDigits("w"),), Redirect(self.addresses.again(call_id, lost=0, serial=serial)))

    def waiting(self, call_id: CallId, *, serial: int) -> Response:
        """Be silent until something changes."""
        return Response(
            (Pause(_WAIT_SECONDS),), Redirect(self.addresses.again(call_id, lost=0, serial=serial))
        )

    def waiting_in(self, turn: Turn) -> Response:
        """Be silent until something changes, in a call that Twilio's voice speaks in."""
        return Response((Pause(_WAIT_SECONDS),), Redirect(self.addresses.of_turn(turn)))

    def listening(self, turn: Turn, locale: str) -> Response:
        """Listen, and come back with what was heard, or without."""
        gather = Gather(
            action=self.addresses.of_turn(turn),
            partial_url=self.addresses.of_partials(turn),
            language=heard_language(locale),
            timeout_seconds=_LISTEN_SECONDS,
        )
        return Response((gather,), Redirect(self.addresses.of_turn(turn)))

    def reading(self, turn: Turn, spoken: SpokenText) -> Response:
        """Read a text, and come back when that is done.

        What may be interrupted is read while Twilio listens: words and keys cut it.

        Raises:
            BadTwimlError: if there is nothing in the text that can be read.
        """
        prompts = said(spoken.text, locale=spoken.locale, configured=spoken.voice or self.voice)
        if not prompts:
            raise BadTwimlError("This TwiML cannot be built: the text holds nothing that can be read")
        back = self.addresses.of_turn(turn, spoken)
        if not (spoken.interruptible and spoken.then_listen):
            return Response(prompts, Redirect(back))
        gather = Gather(
            action=back,
            partial_url=self.addresses.of_partials(turn, spoken),
            language=heard_language(spoken.locale),
            timeout_seconds=AFTER_SPEECH_SECONDS,
            prompts=prompts,
        )
        return Response((gather,), Redirect(back))

    def pressing(self, digits: str, back: str) -> Response:
        """Press keys (w and , half a second, p a whole one) and come *back*."""
        return Response((PlayDigits(digits.translate(_KEYS)),), Redirect(back))

    def handing_over(self, to: PhoneNumber, *, ring_seconds: int, serial: int) -> Response:
        """Call *to* for the counterpart, and come back when that is over. Nothing here ends the call."""
        dial = Dial(
            to=to,
            ring_seconds=ring_seconds,
            action=self.addresses.again(None, lost=0, serial=serial),
            status_url=self.addresses.told(Topic.TRANSFER),
        )
        return Response((dial,))
