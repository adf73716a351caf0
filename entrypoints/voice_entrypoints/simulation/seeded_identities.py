"""Names that are the same in every run of a plan, and that no call of it had before."""

import hashlib
import itertools

from voice_domain.identity import CallId
from voice_domain.ports.clock import Identities

__all__ = ("SeededIdentities",)


class SeededIdentities(Identities):
    """Makes names from a seed and a counter; they outlive the lives of the gateway, so that none comes again."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers = itertools.count()

    def new_call_id(self) -> CallId:
        """Return the next name for a call."""
        return CallId(f"call-{next(self._numbers):06d}")

    def new_token(self) -> str:
        """Return 128 bits, as unguessable as the seed is."""
        return hashlib.sha256(f"{self._seed}:{next(self._numbers)}".encode()).hexdigest()[:32]

    def new_pairing_code(self) -> str:
        """Return six digits."""
        return f"{next(self._numbers) % 1_000_000:06d}"
