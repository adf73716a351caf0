"""What is measured."""

from collections import Counter

import anyio
import pytest
from support.memory_phone import MemoryPhone, Update

from voice_domain.events import LatencyParts, TurnMeasured
from voice_domain.inputs import LineEnded
from voice_domain.vocabulary import EndReason
from voice_entrypoints.http.metrics import Metrics

pytestmark = pytest.mark.anyio


async def test_calls_are_counted_from_beginning_to_end() -> None:
    phone = MemoryPhone()
    metrics = Metrics(phone.live)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(metrics.follow, phone)
        await anyio.wait_all_tasks_blocked()
        await phone.call(to=None, message="one")
        await phone.call(to=None, message="two")
        phone.submit("call-1", LineEnded(phone.now_ms, EndReason.BUSY))
        phone.submit("call-2", LineEnded(phone.now_ms, EndReason.FAILED, "21215 no"))
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    text = metrics.text().decode()
    assert 'voicecall_calls_started_total{carrier="mock",direction="outbound"} 2.0' in text
    assert 'voicecall_calls_ended_total{direction="outbound",reason="busy"} 1.0' in text
    assert 'voicecall_carrier_errors_total{carrier="mock",cause="21215no"} 1.0' in text
    assert 'voicecall_calls{state="ringing"} 0.0' in text


async def test_turn_latency_is_split_into_its_parts() -> None:
    phone = MemoryPhone()
    metrics = Metrics(phone.live)
    call = await phone.call(to=None, message="Hi")
    parts = LatencyParts(
        endpointing_ms=300, transcription_ms=120, responder_ms=400, synthesis_ms=90, playback_ms=20
    )
    metrics.observe(Update(1, call, TurnMeasured(1, 1, parts)))
    metrics.observe(Update(2, call, TurnMeasured(2, 2, LatencyParts(endpointing_ms=300))))

    text = metrics.text().decode()
    for part, total in [
        ("endpointing", 0.6),
        ("stt_final", 0.12),
        ("agent_first_token", 0.4),
        ("tts_first_byte", 0.09),
        ("first_frame_out", 0.02),
        ("total", 1.23),
    ]:
        assert f'voicecall_turn_latency_seconds_sum{{part="{part}"}} {total}' in text


async def test_webhooks_and_queues_are_counted() -> None:
    metrics = Metrics(tuple, queue_depths=lambda: {"outbox": 3})
    metrics.webhook("accepted")
    metrics.webhook("accepted")

    text = metrics.text().decode()
    assert 'voicecall_webhook_verdicts_total{verdict="accepted"} 2.0' in text
    assert 'voicecall_queue_depth{queue="outbox"} 3.0' in text


async def test_media_streams_and_what_the_carrier_did_not_do_are_counted_as_they_are_when_somebody_asks() -> (
    None
):
    streams, events, failures = {"started": 0}, Counter[str](), Counter[str]()
    metrics = Metrics(
        tuple,
        media_streams=lambda: streams,
        media_events=lambda: events,
        carrier_failures=lambda: failures,
    )
    streams["started"] = 2
    events["refused_401"] += 1
    failures["20404"] += 3

    text = metrics.text().decode()
    assert 'voicecall_media_streams{state="started"} 2.0' in text
    assert 'voicecall_media_stream_events_total{event="refused_401"} 1.0' in text
    assert 'voicecall_carrier_request_failures_total{code="20404"} 3.0' in text


async def test_two_gateways_in_one_process_do_not_mix() -> None:
    one, other = Metrics(tuple), Metrics(tuple)
    one.webhook("bad")

    assert "bad" not in other.text().decode()
