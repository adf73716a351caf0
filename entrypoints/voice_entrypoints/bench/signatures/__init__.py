"""What the check of a signature costs for each carrier, beside the vendor's own library."""

from voice_entrypoints.bench.signatures.measurement import measure

__all__ = ("measure",)
