"""The contests of all carriers that sign, or have us sign: each is in the module that has the carrier's name."""

from importlib import import_module
from pathlib import Path
from typing import Final

from voice_contracts.named_for_carriers import named_for_carriers
from voice_entrypoints.bench.signatures.contest import Contest

__all__ = ("CONTESTS",)

CONTESTS: Final[tuple[Contest, ...]] = tuple(
    import_module(f"{__package__}.{carrier}").CONTEST
    for carrier in named_for_carriers([str(Path(__file__).parent)])
)
