"""Finds the stage of a carrier by its word in the settings: in the folder of that name beside this module."""

from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final, cast

from voice_contracts import twins
from voice_contracts.named_for_carriers import named_for_carriers
from voice_domain.errors import VoiceError

if TYPE_CHECKING:  # whoever only asks for the names needs no twin
    from voice_contracts.twins.stage import CarrierStage

__all__ = ("STAGED", "NoTwinError", "stage_of")

STAGED: Final = named_for_carriers(twins.__path__)
"""The carriers that have a twin, in the order of the settings."""


class NoTwinError(VoiceError):
    """A carrier that nobody has made a twin of."""

    kind: ClassVar[str] = "no_twin"

    def __init__(self, carrier: str) -> None:
        super().__init__(f"{carrier} has no twin; use one of {', '.join(STAGED)}")
        self.carrier = carrier


def stage_of(carrier: str) -> "CarrierStage":
    """Return how the twin of *carrier* is set up.

    Raises:
        NoTwinError: if it has none.
    """
    if carrier not in STAGED:
        raise NoTwinError(carrier)
    return cast("CarrierStage", import_module(f"{twins.__name__}.{carrier}.stage").STAGE)
