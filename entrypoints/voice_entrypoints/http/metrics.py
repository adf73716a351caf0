"""Measurements for Prometheus: what calls do, how long turns take, what carriers and webhooks answer.

Every gateway has a registry of its own, so that two in one process do not mix.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from voice_domain.call import Call
from voice_domain.events import Ended, LatencyParts, Opened, TurnMeasured
from voice_domain.vocabulary import EndReason
from voice_entrypoints.rpc.api import CallUpdate, PhoneApi

__all__ = ("Metrics",)

_BUCKETS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)

_PARTS: Final[Mapping[str, Callable[[LatencyParts], int | None]]] = {
    "endpointing": lambda parts: parts.endpointing_ms,
    "stt_final": lambda parts: parts.transcription_ms,
    "agent_first_token": lambda parts: parts.responder_ms,
    "tts_first_byte": lambda parts: parts.synthesis_ms,
    "first_frame_out": lambda parts: parts.playback_ms,
    "total": lambda parts: parts.total_ms,
}


_FAILURES: Final = frozenset({EndReason.FAILED, EndReason.ERROR})


def _nothing() -> Mapping[str, int]:
    return {}


class Metrics:
    """Counts what it is told, and reads what can be read at the moment it is asked."""

    def __init__(
        self,
        live: Callable[[], tuple[Call, ...]],
        *,
        queue_depths: Callable[[], Mapping[str, int]] = _nothing,
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self.registry.register(_LiveCalls(live))
        self.registry.register(_QueueDepths(queue_depths))
        self._started = Counter(
            "voicecall_calls_started",
            "Calls placed or offered.",
            ["direction", "carrier"],
            registry=self.registry,
        )
        self._ended = Counter(
            "voicecall_calls_ended",
            "Calls over, by end reason.",
            ["direction", "reason"],
            registry=self.registry,
        )
        self._latency = Histogram(
            "voicecall_turn_latency_seconds",
            "From the counterpart's last word to our first, by part.",
            ["part"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._carrier_errors = Counter(
            "voicecall_carrier_errors",
            "Calls that failed, by carrier and cause.",
            ["carrier", "cause"],
            registry=self.registry,
        )
        self._verdicts = Counter(
            "voicecall_webhook_verdicts",
            "Webhooks, by what became of them.",
            ["verdict"],
            registry=self.registry,
        )
        self._sequence = Gauge(
            "voicecall_last_event_sequence", "Number of the latest event.", registry=self.registry
        )

    def observe(self, update: CallUpdate) -> None:
        """Count one event of a call."""
        call, event = update.call, update.event
        self._sequence.set(update.sequence)
        match event:
            case Opened():
                self._started.labels(event.direction.value, event.carrier).inc()
            case Ended():
                self._ended.labels(call.direction.value, event.reason.value).inc()
                if event.reason in _FAILURES:
                    self._carrier_errors.labels(call.opened.carrier, _cause(event.cause)).inc()
            case TurnMeasured():
                for name, part in _PARTS.items():
                    milliseconds = part(event.parts)
                    if milliseconds is not None:
                        self._latency.labels(name).observe(milliseconds / 1_000)
            case _:
                pass

    def webhook(self, verdict: str) -> None:
        """Count a webhook; *verdict* is one of the gate's own few words."""
        self._verdicts.labels(verdict).inc()

    async def follow(self, api: PhoneApi) -> None:
        """Observe everything that happens at *api* until cancelled."""
        while True:
            async with api.subscribe() as updates:
                async for update in updates:
                    self.observe(update)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _LiveCalls(Collector):
    def __init__(self, live: Callable[[], tuple[Call, ...]]) -> None:
        self._live = live

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("voicecall_calls", "Live calls, by state.", labels=["state"])
        counts = dict.fromkeys(("initiated", "ringing", "answered", "active", "speaking", "listening"), 0)
        for call in self._live():
            counts[call.word] = counts.get(call.word, 0) + 1
        for state, count in counts.items():
            family.add_metric([state], count)
        yield family


class _QueueDepths(Collector):
    def __init__(self, depths: Callable[[], Mapping[str, int]]) -> None:
        self._depths = depths

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("voicecall_queue_depth", "What waits in each queue.", labels=["queue"])
        for queue, depth in self._depths().items():
            family.add_metric([queue], depth)
        yield family


def _cause(cause: str) -> str:
    """Return the carrier's word for a failure, short and plain, so that labels stay few."""
    plain = "".join(character for character in cause if character.isalnum() or character in "-_.")
    return plain[:40] or "unknown"
