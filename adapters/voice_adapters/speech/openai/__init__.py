"""Speech by OpenAI: a voice, and an ear."""

from voice_adapters.speech.openai.synthesizer import OPENAI_URL, OPENAI_VOICES, OpenAiSynthesizer
from voice_adapters.speech.openai.transcriber import OPENAI_REALTIME_URL, OpenAiTranscriber

__all__ = (
    "OPENAI_REALTIME_URL",
    "OPENAI_URL",
    "OPENAI_VOICES",
    "OpenAiSynthesizer",
    "OpenAiTranscriber",
)
