"""How long things take on their way: drawn for each call by itself, so that it fares alike with and without others."""

import hashlib
from collections import Counter
from collections.abc import Sequence

__all__ = ("Delays",)


class Delays:
    """Draws from a seed; what is drawn for one call at one place does not depend on any other's.

    It belongs to the world, and outlives the gateway.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: Counter[tuple[str, str]] = Counter()

    def seconds(self, call: str, place: str, choices_ms: Sequence[int]) -> float:
        """Return one of *choices_ms*, in seconds, for the next thing that a call has at a place."""
        key = (call, place)
        count = self._drawn[key]
        self._drawn[key] = count + 1
        lot = hashlib.blake2b(f"{self._seed} {call} {place} {count}".encode(), digest_size=4).digest()
        return choices_ms[int.from_bytes(lot) % len(choices_ms)] / 1000
