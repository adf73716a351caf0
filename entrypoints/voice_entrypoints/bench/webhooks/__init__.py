"""What a carrier's webhook costs, durable before its answer, beside HTTP and a signature alone."""

from voice_entrypoints.bench.webhooks.measurement import measure

__all__ = ("measure",)
