"""Speech by OpenAI: a voice, and an ear."""

from voice_adapters.speech.openai.synthesizer import OPENAI_URL, OPENAI_VOICES, OpenAiSynthesizer

__all__ = ("OPENAI_URL", "OPENAI_VOICES", "OpenAiSynthesizer")
