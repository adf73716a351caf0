"""A voice of ElevenLabs, which speaks in telephone audio itself."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Any

import anyio.lowlevel
import attrs

from voice_adapters.services.fault import Explanation, Fault
from voice_adapters.services.http_stream import BrokenOffError, HttpStreams, Post, RefusedError
from voice_adapters.services.language_codes import language_code
from voice_adapters.speech.elevenlabs.refusals import explain, may_pass
from voice_adapters.speech.service_error import SpeechServiceError
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("ELEVENLABS_URL", "ElevenLabsSynthesizer", "ElevenLabsVoice")

ELEVENLABS_URL = "https://api.elevenlabs.io"
_LONGEST_TEXTS: Mapping[str, int] = MappingProxyType(
    {
        "eleven_v3": 3_000,
        "eleven_multilingual_v2": 10_000,
        "eleven_flash_v2_5": 40_000,
        "eleven_turbo_v2_5": 40_000,
    }
)
"""Characters that the vendor takes at once, by model (elevenlabs.io/docs/models)."""
_TAKE_LANGUAGES = ("eleven_flash_v2_5", "eleven_turbo_v2_5")  # every other model answers with an error
_VOICE_ID = re.compile(r"[A-Za-z0-9]{10,40}")
_LANGUAGE = re.compile(r"[A-Za-z]{2}")
_LEAST_SPEED, _MOST_SPEED = 0.7, 1.2
_NO_ULAW = ("text/", "application/json", "audio/mpeg", "audio/wav", "audio/x-wav")


@attrs.frozen(kw_only=True)
class ElevenLabsVoice:
    """How the voice sounds."""

    stability: float = 0.5
    similarity_boost: float = 0.75
    style: float = 0.0
    use_speaker_boost: bool = True
    speed: float = 1.0
    """The service takes 0.7 to 1.2; what is outside is brought to the nearer end."""


@attrs.frozen(kw_only=True)
class ElevenLabsSynthesizer(Synthesizer):
    """Speaks through `/v1/text-to-speech/{voice}/stream`. Constructor values have the settings' names."""

    http: HttpStreams
    api_key: str = attrs.field(repr=False)
    voice_id: str = "pMsXgVXv3BLzUgSXRplE"
    model_id: str = "eleven_multilingual_v2"
    base_url: str = ELEVENLABS_URL
    """Without a version."""
    voice_settings: ElevenLabsVoice | None = ElevenLabsVoice()
    """None leaves it to what is stored with the voice."""
    seed: int | None = None
    apply_text_normalization: str | None = None
    """`auto`, `on` or `off`; None leaves it to the service."""
    language_code: str | None = None
    """ISO 639-1; None for the locale's. Only given to models that take one."""
    silence_seconds: float = 8.0
    """How long the service may take for the first audio, and between two pieces of it."""
    longest_text: int = 4096
    """Characters; the model's own limit holds too."""

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text* as µ-law, 8 kHz, piece by piece as it arrives; nothing for a blank text.

        Raises:
            SpeechServiceError: if the service refuses, breaks off, or is silent for too long.
        """
        await anyio.lowlevel.checkpoint()
        if not text.strip():
            return
        request = self._request(text, locale, voice or self.voice_id)
        pieces = self.http.post(request, silence_seconds=self.silence_seconds, retry=may_pass)
        try:
            async with aclosing(pieces):
                async for payload in pieces:
                    yield payload
        except RefusedError as error:
            explanation = explain(error, key=self.api_key)
            raise SpeechServiceError("elevenlabs", explanation, status=error.status) from error
        except BrokenOffError as error:
            raise SpeechServiceError("elevenlabs", Explanation(error.problem, Fault.PASSING)) from error

    def _request(self, text: str, locale: str, voice_id: str) -> Post:
        self._check(text, voice_id)
        body: dict[str, Any] = {"text": text, "model_id": self.model_id}
        if language := self._language(locale):
            body["language_code"] = language
        if self.voice_settings is not None:
            body["voice_settings"] = _sounding(self.voice_settings)
        if self.seed is not None:
            body["seed"] = self.seed
        if self.apply_text_normalization is not None:
            body["apply_text_normalization"] = self.apply_text_normalization
        return Post(
            url=f"{self.base_url.rstrip('/')}/v1/text-to-speech/{voice_id}/stream",
            query={"output_format": "ulaw_8000"},
            headers={"accept": "*/*", "xi-api-key": self.api_key},
            body=body,
            refused_types=_NO_ULAW,
        )

    def _check(self, text: str, voice_id: str) -> None:
        limit = min(self.longest_text, _LONGEST_TEXTS.get(self.model_id, self.longest_text))
        if len(text) > limit:
            problem = f"the text has {len(text)} characters and may have {limit}; say it in parts"
            raise SpeechServiceError("elevenlabs", Explanation(problem, Fault.REQUEST))
        if not _VOICE_ID.fullmatch(voice_id):
            problem = "tts.elevenlabs.voiceId is not 10 to 40 letters and digits; copy the voice's ID"
            raise SpeechServiceError("elevenlabs", Explanation(problem, Fault.ACCOUNT))

    def _language(self, locale: str) -> str | None:
        if self.model_id not in _TAKE_LANGUAGES:
            return None
        if self.language_code is None:
            return language_code(locale)
        if not _LANGUAGE.fullmatch(self.language_code):
            problem = "tts.elevenlabs.languageCode is not two letters, such as en; correct or remove it"
            raise SpeechServiceError("elevenlabs", Explanation(problem, Fault.ACCOUNT))
        return self.language_code.lower()


def _sounding(voice: ElevenLabsVoice) -> dict[str, Any]:
    return {**attrs.asdict(voice), "speed": min(max(voice.speed, _LEAST_SPEED), _MOST_SPEED)}
