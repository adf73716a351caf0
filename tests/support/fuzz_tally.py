"""How many spoiled inputs a run has sent."""

from typing import Final

import pytest

__all__ = ("FUZZ_TALLY",)

FUZZ_TALLY: Final = pytest.StashKey[dict[str, int]]()
"""By their kind."""
