"""The news of all carriers whose webhooks are measured."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

from voice_contracts.named_for_carriers import named_for_carriers
from voice_entrypoints.bench.webhooks.news import News

__all__ = ("COMPARED", "NEWS")

NEWS: Final[Mapping[str, News]] = MappingProxyType(
    {
        carrier: import_module(f"{__package__}.{carrier}").NEWS
        for carrier in named_for_carriers([str(Path(__file__).parent)])
    }
)
"""By the word in the settings."""

COMPARED: Final = next(carrier for carrier, news in NEWS.items() if news.bare is not None)
"""The one that is measured beside the least that takes its webhooks."""
