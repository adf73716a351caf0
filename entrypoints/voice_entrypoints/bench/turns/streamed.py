"""The carrier whose media streams are measured: the first one that has a module of its name here."""

from importlib import import_module
from pathlib import Path
from typing import Final

from voice_contracts.named_for_carriers import named_for_carriers
from voice_entrypoints.bench.turns.stream_wire import StreamWire

__all__ = ("STREAMED", "WIRE")

STREAMED: Final = named_for_carriers([str(Path(__file__).parent)])[0]
WIRE: Final[StreamWire] = import_module(f"{__package__}.{STREAMED}").WIRE
