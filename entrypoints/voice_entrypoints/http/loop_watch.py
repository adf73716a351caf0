"""How the event loop fares: how late it wakes those who sleep, and how many tasks it has."""

from collections.abc import Iterator
from typing import Final

import anyio
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

__all__ = ("LoopWatch",)

_PERIOD_SECONDS: Final = 0.25
# A frame is 20 ms: what is later than that is heard.
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LoopWatch(Collector):
    """Sleeps a little again and again, and measures how much longer that took than it should have."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Histogram(
            "voicecall_event_loop_lag_seconds",
            "How late the event loop wakes a sleeper: work that blocks it, or a machine that is too busy.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._running = False
        registry.register(self)

    async def run(self) -> None:
        """Measure until cancelled."""
        self._running = True
        try:
            while True:
                due = anyio.current_time() + _PERIOD_SECONDS
                await anyio.sleep_until(due)
                self._lag.observe(max(0.0, anyio.current_time() - due))
        finally:
            self._running = False

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count the tasks; only within the event loop, and only while it is watched."""
        family = GaugeMetricFamily("voicecall_tasks", "Tasks of the event loop.")
        if self._running:
            family.add_metric([], len(anyio.get_running_tasks()))
        yield family
