"""Speaking and listening with Telnyx's own voices and transcription: one command for each."""

from collections.abc import Callable
from typing import Any, Final

import attrs

from voice_adapters.carriers.telnyx.client import TelnyxClient
from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_adapters.carriers.telnyx.error_codes import ALREADY_TRANSCRIBING_CODE, NOT_ANSWERED_CODE, is_over
from voice_adapters.carriers.telnyx.heard_languages import heard_language
from voice_adapters.carriers.telnyx.voices import NAMED_LANGUAGES, pieces, voice_for
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, NativeSpeech, SpokenText

__all__ = ("TelnyxSpeech",)

_ENGINE: Final = "Google"


@attrs.frozen(kw_only=True)
class TelnyxSpeech(NativeSpeech):
    """Plays the role for all calls."""

    client: TelnyxClient
    new_serial: Callable[[], int]
    """Gives numbers that grow, and that no earlier process has given."""
    voice: str | None = None
    """The configured voice; None for one of the language."""
    _listening: dict[CarrierCallId, str] = attrs.field(factory=dict, init=False)
    """The language that each leg is transcribed in."""

    def __len__(self) -> int:
        """Return how many legs are listened to."""
        return len(self._listening)

    @property
    def tells_end(self) -> bool:
        """An event tells that a text was read."""
        return True

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text instead of whatever is read now; whoever is listened to afterwards is heard meanwhile too.

        Raises:
            CarrierError: if Telnyx did not take it, or there is nothing in it that can be read.
        """
        parts = tuple(pieces(spoken.text))
        if not parts:
            raise CarrierError("telnyx", "the text is blank; give it something to say")
        if spoken.then_listen:
            await self.listen(carrier_call_id, locale=spoken.locale)
        else:
            await self.stop_listening(carrier_call_id)
        state = ClientState(role=Role.SPEECH, speech_id=spoken.speech_id, part=spoken.part)
        for place, text in enumerate(parts):
            fields = {**self._reading(text, spoken), "command_id": f"speak-{self.new_serial()}"}
            if place == 0:
                fields["stop"] = "all"
            # The end of the last piece is the end of the text; only that one is told of as such.
            silent = ClientState(role=Role.SPEECH)
            fields["client_state"] = (state if place == len(parts) - 1 else silent).encoded
            await self.client.command(carrier_call_id, "speak", fields)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading. A leg that is over is silent.

        Raises:
            CarrierError: if Telnyx reads on.
        """
        await self._unless_over(carrier_call_id, "playback_stop", {"stop": "all"})

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on; one who is transcribed in another language is so no more.

        Raises:
            CarrierError: if Telnyx did not take it.
        """
        await self.listen_in(carrier_call_id, heard_language(locale))

    def language_of(self, carrier_call_id: CarrierCallId) -> str | None:
        """Return what a leg is transcribed in; None if it is not."""
        return self._listening.get(carrier_call_id)

    async def listen_in(self, carrier_call_id: CarrierCallId, language: str) -> None:
        """Transcribe in a language that goes by its short code; see `listen`."""
        known = self._listening.get(carrier_call_id)
        if known == language:
            return
        if known is not None:
            await self.stop_listening(carrier_call_id)
        fields = {
            "transcription_engine": _ENGINE,
            "transcription_engine_config": {
                "transcription_engine": _ENGINE,
                "language": language,
                "interim_results": True,
            },
            "transcription_tracks": "inbound",
            "command_id": f"listen-{self.new_serial()}",
        }
        try:
            await self.client.command(carrier_call_id, "transcription_start", fields)
        except CarrierError as error:
            if error.code != ALREADY_TRANSCRIBING_CODE:
                raise
        self._listening[carrier_call_id] = language

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Transcribe no more; does nothing for a leg that is not transcribed.

        Raises:
            CarrierError: if Telnyx goes on.
        """
        if carrier_call_id in self._listening:
            await self._unless_over(carrier_call_id, "transcription_stop", {})
            self._listening.pop(carrier_call_id, None)

    def forget(self, carrier_call_id: CarrierCallId) -> None:
        """Drop what is known of a leg: it is over."""
        self._listening.pop(carrier_call_id, None)

    def _reading(self, text: str, spoken: SpokenText) -> dict[str, Any]:
        voice = voice_for(text, locale=spoken.locale, configured=self.voice)
        fields = {"payload": text, "payload_type": "text", "voice": voice.name}
        # The list is closed; a voice of another language knows what it speaks.
        return {**fields, "language": voice.language} if voice.language in NAMED_LANGUAGES else fields

    async def _unless_over(self, leg: CarrierCallId, command: str, fields: dict[str, Any]) -> None:
        try:
            await self.client.command(leg, command, {**fields, "command_id": f"stop-{self.new_serial()}"})
        except CarrierError as error:
            if not is_over(error) and error.code != NOT_ANSWERED_CODE:
                raise
