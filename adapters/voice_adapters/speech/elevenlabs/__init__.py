"""Speech by ElevenLabs."""

from voice_adapters.speech.elevenlabs.synthesizer import ElevenLabsSynthesizer, ElevenLabsVoice

__all__ = ("ElevenLabsSynthesizer", "ElevenLabsVoice")
