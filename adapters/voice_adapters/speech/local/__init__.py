"""Speech by espeak-ng on this machine: robotic but intelligible English and Mandarin, no network."""

from voice_adapters.speech.local.espeak import LocalSpeechMissingError, local_speech_available
from voice_adapters.speech.local.synthesizer import LocalSynthesizer

__all__ = ("LocalSpeechMissingError", "LocalSynthesizer", "local_speech_available")
