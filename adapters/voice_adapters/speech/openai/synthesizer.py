"""A voice of OpenAI, or of a service with its protocol: PCM at 24 kHz, made telephone audio as it arrives."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio.lowlevel
import attrs

from voice_adapters.audio.telephone_encoder import TelephoneEncoder
from voice_adapters.services.fault import Explanation, Fault
from voice_adapters.services.http_stream import BrokenOffError, HttpStreams, Post, RefusedError
from voice_adapters.services.openai_refusals import OpenAiRefusals, may_pass
from voice_adapters.speech.service_error import SpeechServiceError
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("OPENAI_URL", "OPENAI_VOICES", "OpenAiSynthesizer")

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_VOICES = (
    *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
    *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
)
_CUSTOM_VOICE = "voice_"
_RATE_HZ = 24_000  # what `pcm` is: 16-bit, little-endian, mono, without a header
_LONGEST_INPUT = 4096
_NO_PCM = ("text/", "application/json", "audio/mpeg", "audio/wav", "audio/x-wav", "audio/ogg", "audio/flac")


@attrs.frozen(kw_only=True)
class OpenAiSynthesizer(Synthesizer):
    """Speaks through `POST /audio/speech`. Constructor values are what the settings call by the same names."""

    http: HttpStreams
    api_key: str = attrs.field(repr=False)
    model: str = "gpt-4o-mini-tts"
    voice: str = "alloy"
    base_url: str = OPENAI_URL
    """Ends in `/v1`; at another place than the vendor's any voice may exist."""
    speed: float | None = None
    """0.25 to 4; None leaves it to the service."""
    instructions: str | None = None
    """How to speak; models of the `tts-1` family take none, and are given none."""
    silence_seconds: float = 8.0
    """How long the service may take for the first audio, and between two pieces of it."""
    longest_text: int = _LONGEST_INPUT
    """Characters; the vendor's own limit of 4096 holds too."""

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text* as µ-law, 8 kHz, piece by piece as it arrives; nothing for a blank text.

        The language is the text's own, so *locale* makes no difference.

        Raises:
            SpeechServiceError: if the service refuses, breaks off, or is silent for too long.
        """
        del locale
        await anyio.lowlevel.checkpoint()
        if not text.strip():
            return
        encoder = TelephoneEncoder(_RATE_HZ)
        pieces = self.http.post(
            self._request(text, voice or self.voice), silence_seconds=self.silence_seconds, retry=may_pass
        )
        try:
            async with aclosing(pieces):
                async for pcm in pieces:
                    if payload := encoder.push(pcm):
                        yield payload
        except RefusedError as error:
            raise SpeechServiceError("openai", self._refusals.explain(error), status=error.status) from error
        except BrokenOffError as error:
            raise SpeechServiceError("openai", Explanation(error.problem, Fault.PASSING)) from error
        if payload := encoder.flush():
            yield payload

    def _request(self, text: str, voice: str) -> Post:
        self._check(text, voice)
        body: dict[str, Any] = {"model": self.model, "input": text, "voice": _voice(voice)}
        if self.instructions and not self.model.startswith("tts-1"):
            body["instructions"] = self.instructions
        body["response_format"] = "pcm"
        if self.speed is not None:
            body["speed"] = self.speed
        return Post(
            url=f"{self.base_url.rstrip('/')}/audio/speech",
            headers={"accept": "application/octet-stream", "authorization": f"Bearer {self.api_key}"},
            body=body,
            refused_types=_NO_PCM,
        )

    def _check(self, text: str, voice: str) -> None:
        limit = min(self.longest_text, _LONGEST_INPUT)
        if len(text) > limit:
            problem = f"the text has {len(text)} characters and may have {limit}; say it in parts"
            raise SpeechServiceError("openai", Explanation(problem, Fault.REQUEST))
        at_vendor = self.base_url.rstrip("/") == OPENAI_URL
        if at_vendor and voice not in OPENAI_VOICES and not voice.startswith(_CUSTOM_VOICE):
            known = ", ".join(OPENAI_VOICES)
            problem = f"it has no voice {voice!r}; set tts.openai.voice to one of {known}"
            raise SpeechServiceError("openai", Explanation(problem, Fault.ACCOUNT))

    @property
    def _refusals(self) -> OpenAiRefusals:
        return OpenAiRefusals(
            model=self.model,
            key_setting="tts.openai.apiKey",
            model_setting="tts.openai.model",
            key=self.api_key,
        )


def _voice(name: str) -> str | dict[str, str]:
    return {"id": name} if name.startswith(_CUSTOM_VOICE) else name
