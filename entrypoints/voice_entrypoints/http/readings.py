"""Measurements that are read at the moment somebody asks for them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import attrs
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from voice_domain.call import Call

__all__ = ("CountReading", "GaugeReading", "live_calls")

_STATES: Final = ("initiated", "ringing", "answered", "active", "speaking", "listening")


def live_calls(calls: Iterable[Call]) -> Mapping[str, int]:
    """Return how many of *calls* are in each state; states that none is in are told too."""
    counts = dict.fromkeys(_STATES, 0)
    for call in calls:
        counts[call.word] = counts.get(call.word, 0) + 1
    return counts


@attrs.frozen
class GaugeReading(Collector):
    """Values that come and go, one for each value of *label*."""

    name: str
    help: str
    label: str
    read: Callable[[], Mapping[str, int]]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read them."""
        family = GaugeMetricFamily(self.name, self.help, labels=[self.label])
        for value, count in self.read().items():
            family.add_metric([value], count)
        yield family


@attrs.frozen
class CountReading(Collector):
    """Values that only grow, one for each value of *label*."""

    name: str
    help: str
    label: str
    read: Callable[[], Mapping[str, int]]

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Read them."""
        family = CounterMetricFamily(self.name, self.help, labels=[self.label])
        for value, count in self.read().items():
            family.add_metric([value], count)
        yield family
