"""What entry points of other packages may lead to, good and bad."""

from typing import Any

from voice_adapters.carriers.mock import MockCarrier, MockScript
from voice_adapters.installed_carrier import CarrierSet, CarrierSupplies
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.speech.tone import ToneSynthesizer

__all__ = ("SEVEN", "Acme", "bare", "breaks", "make", "misnamed", "number", "strict")

SEVEN = 7


class Acme(MockCarrier):
    """The mock under another name, with what it was made of."""

    name = "acme"

    def __init__(self, supplies: CarrierSupplies) -> None:
        super().__init__(
            MockScript(),
            synthesizer=ToneSynthesizer(),
            transcriber=ScriptedTranscriber(),
            clock=supplies.clock,
        )
        self.supplies = supplies


class Other(Acme):
    """The same under a name that nobody chose."""

    name = "other"


def make(supplies: CarrierSupplies) -> CarrierSet:
    """Return a carrier as it should be."""
    return CarrierSet(carrier=Acme(supplies), needs_address=False)


def misnamed(supplies: CarrierSupplies) -> CarrierSet:
    """Return a carrier that has another name than its entry point."""
    return CarrierSet(carrier=Other(supplies), needs_address=False)


def strict(supplies: CarrierSupplies) -> CarrierSet:
    """Want a key."""
    supplies.allow("apiKey", "apiUrl")
    supplies.text("apiUrl", default="https://api.example.com")
    supplies.text("apiKey")
    return make(supplies)


def number(_supplies: CarrierSupplies) -> int:
    """Return no carrier."""
    return SEVEN


def bare(_supplies: CarrierSupplies) -> CarrierSet:
    """Return something in the place of a carrier."""
    nothing: Any = object()
    return CarrierSet(carrier=nothing)


def breaks(supplies: CarrierSupplies) -> CarrierSet:
    """Fail on the way."""
    raise KeyError(supplies.settings["secret"])
