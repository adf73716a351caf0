"""A voice that may break: then its call is ended, and nothing else is harmed."""

import logging
from collections.abc import Callable
from typing import TypeVar

from voice_adapters.media.voice import Voice
from voice_adapters.runtime.burial import first_cause
from voice_domain.effects import Play
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput, HangUpRequested
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.vocabulary import EndReason

__all__ = ("GuardedVoice",)

_log = logging.getLogger(__name__)

_T = TypeVar("_T")


class GuardedVoice(Voice):
    """Passes everything on; at the first bug it asks for the call's end and is mute from then on.

    Voices run foreign code (a host's synthesizer, transcriber, media link): what it raises must not cancel the
    errands of the call, least of all its hang-up.
    """

    def __init__(self, call_id: CallId, voice: Voice, report: Callable[[CallInput], None]) -> None:
        self._call_id = call_id
        self._voice = voice
        self._report = report
        self._mute = False

    async def prepare(self, text: str, *, locale: str) -> None:
        """Make *text* ready before it is ordered; a bug in that is no reason to end the call yet."""
        try:
            await self._voice.prepare(text, locale=locale)
        except Exception:  # noqa: BLE001 - foreign code; see the class
            _log.exception("call %s: its opening could not be prepared", self._call_id)

    def play(self, order: Play) -> None:
        """Say a part after all others."""
        self._try(lambda: self._voice.play(order), None)

    def foresee(self, order: Play) -> None:
        """Begin to make the sound of a part that will be ordered next."""
        self._try(lambda: self._voice.foresee(order), None)

    def forget(self) -> None:
        """What was foreseen is not ordered now."""
        self._try(self._voice.forget, None)

    def clear(self) -> None:
        """Stop and drop everything, reporting what was heard of it."""
        self._try(self._voice.clear, None)

    def cut(self) -> list[CallInput]:
        """As `clear`, but return the reports."""
        return self._try(self._voice.cut, [])

    def pause(self) -> None:
        """Be silent and remember where."""
        self._try(self._voice.pause, None)

    def resume(self) -> None:
        """Go on from there."""
        self._try(self._voice.resume, None)

    def listen(self, locale: str) -> None:
        """Transcribe the counterpart from now on."""
        self._try(lambda: self._voice.listen(locale), None)

    def stop_listening(self) -> None:
        """Transcribe no more."""
        self._try(self._voice.stop_listening, None)

    def keys_sent(self) -> None:
        """Keys are being pressed for us, which may cut what is read."""
        self._try(self._voice.keys_sent, None)

    def attach(self, link: MediaLink) -> MediaListener:
        """Use this media link from now on; whoever brings it hears of what is wrong with it."""
        return self._voice.attach(link)

    def played(self, played: SpeechPlayed) -> None:
        """The carrier's own voice has read a part to its end."""
        self._try(lambda: self._voice.played(played), None)

    async def run(self) -> None:
        """Work until cancelled or broken."""
        try:
            await self._voice.run()
        except Exception as error:  # noqa: BLE001 - foreign code; see the class
            self._break(error)

    def _try(self, action: Callable[[], _T], otherwise: _T) -> _T:
        if self._mute:
            return otherwise
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - foreign code; see the class
            self._break(error)
            return otherwise

    def _break(self, error: Exception) -> None:
        _log.error("call %s: its voice broke", self._call_id, exc_info=error)
        self._mute = True
        self._report(HangUpRequested(EndReason.ERROR, f"internal error: {type(first_cause(error)).__name__}"))
