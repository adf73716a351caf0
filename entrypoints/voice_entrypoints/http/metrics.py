"""Measurements for Prometheus: what calls do, how long turns take, what carriers and webhooks answer.

Every gateway has a registry of its own, so that two in one process do not mix.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

from voice_domain.call import Call
from voice_domain.events import Ended, LatencyParts, Opened, TurnMeasured
from voice_domain.vocabulary import EndReason
from voice_entrypoints.http.loop_watch import LoopWatch
from voice_entrypoints.http.readings import CountReading, GaugeReading, live_calls
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
        media_streams: Callable[[], Mapping[str, int]] = _nothing,
        media_events: Callable[[], Mapping[str, int]] = _nothing,
        carrier_failures: Callable[[], Mapping[str, int]] = _nothing,
        further: Iterable[Collector] = (),
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)  # memory, CPU time and handles, where the system tells
        self.loop = LoopWatch(self.registry)
        """Runs beside the gateway, so that it knows how late things are."""
        for reading in (
            GaugeReading("voicecall_calls", "Live calls, by state.", "state", lambda: live_calls(live())),
            GaugeReading("voicecall_queue_depth", "What waits in each queue.", "queue", queue_depths),
            GaugeReading(
                "voicecall_media_streams", "Media streams that are connected.", "state", media_streams
            ),
            CountReading(
                "voicecall_media_stream_events",
                "Media streams opened and refused, and what was dropped of them.",
                "event",
                media_events,
            ),
            CountReading(
                "voicecall_carrier_request_failures",
                "What the carrier was asked and did not do, by its own code.",
                "code",
                carrier_failures,
            ),
            *further,
        ):
            self.registry.register(reading)
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


def _cause(cause: str) -> str:
    """Return the carrier's word for a failure, short and plain, so that labels stay few."""
    plain = "".join(character for character in cause if character.isalnum() or character in "-_.")
    return plain[:40] or "unknown"
