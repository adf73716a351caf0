"""How soon we fall silent when somebody speaks into our speech, and how often we do so for nothing."""

from voice_entrypoints.bench.barge_in.measurement import measure

__all__ = ("measure",)
