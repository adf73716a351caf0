"""The other side of a simulation: the carrier, and what of the run depends on which one it is."""

from functools import lru_cache
from typing import Final

from voice_contracts.twins.sound import babble, hum
from voice_contracts.twins.staged import STAGED

__all__ = ("CARRIER", "babbled", "hummed")

CARRIER: Final = STAGED[0]
"""The first one of the settings that has a twin; digests of seeds hold for it."""
_TEXTS: Final = 512
"""How many texts are kept as sound; those of other seeds are others."""


@lru_cache(_TEXTS)
def hummed(text: str) -> bytes:
    """Hum a text; the same one is hummed once."""
    return hum(text)


@lru_cache(_TEXTS)
def babbled(text: str) -> bytes:
    """As `hummed`, in syllables: for ears that tell voices from noise."""
    return babble(text)
