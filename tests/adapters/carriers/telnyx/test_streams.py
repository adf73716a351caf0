"""Media streams: who gets one, when it is started again, and when not."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import pytest

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_contracts.conformance.carrier_stage import NotingExchange
from voice_domain.call import Call
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import HangUpRequested, LineAnswered
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import SpokenText
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

if TYPE_CHECKING:
    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("v3:fake-call-control-id-0001")
URL = "wss://voice.example.com/voice/stream/token"
TEXT = SpokenText(
    speech_id=SpeechId("s"), part=0, text="Hi.", locale="en-US", interruptible=True, then_listen=False
)


def live_call() -> Call:
    opened = Opened(
        at_ms=1,
        call_id=CallId("c-1"),
        carrier="telnyx",
        direction=Direction.INBOUND,
        caller=PhoneNumber("+15550005678"),
        callee=PhoneNumber("+15550001234"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        opening="",
        carrier_call_id=LEG,
    )
    return decide(open_call(opened).call, LineAnswered(1), 1).call


@asynccontextmanager
async def at_work(carrier: TelnyxCarrier) -> AsyncIterator[NotingExchange]:
    exchange = NotingExchange()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.run, exchange)
        await anyio.wait_all_tasks_blocked()
        yield exchange
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()


@pytest.fixture
def streams() -> dict[str, str]:
    return {"c-1": URL}


async def test_an_answered_call_gets_a_stream_both_ways_once(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    async with at_work(carrier):
        carrier.respond(webhooks("call.answered"), live_call())
        carrier.respond(webhooks("call.answered"), live_call())

    ((name, fields),) = api.commands
    assert name == "streaming_start"
    assert fields.pop("command_id").startswith("stream-")
    assert fields == {
        "stream_url": URL,
        "stream_track": "inbound_track",
        "stream_codec": "PCMU",
        "stream_bidirectional_mode": "rtp",
        "stream_bidirectional_codec": "PCMU",
        "stream_bidirectional_sampling_rate": 8000,
        "stream_bidirectional_target_legs": "self",
    }


async def test_calls_without_streams_and_calls_that_are_over_get_none(
    make_carrier: Callable[..., TelnyxCarrier], carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    unstreamed = make_carrier(media_streams=False)
    closing = decide(live_call(), HangUpRequested(), 2).call

    async with at_work(unstreamed), at_work(carrier):
        unstreamed.respond(webhooks("call.answered"), live_call())
        carrier.respond(webhooks("call.answered"), closing)
        carrier.respond(webhooks("call.answered"), None)

    assert api.requests == []


async def test_a_call_that_is_not_to_be_streamed_is_left_alone(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks", streams: dict[str, str]
) -> None:
    streams.clear()

    async with at_work(carrier) as exchange:
        carrier.respond(webhooks("call.answered"), live_call())

    assert api.requests == []
    assert exchange.signals == []


async def test_a_stream_that_breaks_is_started_again_and_not_for_ever(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks", caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(carrier) as exchange:
        carrier.respond(webhooks("call.answered"), live_call())
        for _ in range(4):
            await anyio.wait_all_tasks_blocked()
            carrier.respond(webhooks("streaming.failed"), live_call())

    assert len(api.requests) == 4
    assert "again and again" in caplog.text
    assert exchange.signals == []


async def test_a_call_that_telnyxs_voice_speaks_in_gets_no_stream_any_more(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    async with at_work(carrier) as exchange:
        carrier.respond(webhooks("call.answered"), live_call())
        await anyio.wait_all_tasks_blocked()
        await carrier.speak(LEG, TEXT)
        carrier.respond(webhooks("streaming.stopped"), live_call())

    assert [name for name, _ in api.commands] == ["streaming_start", "speak"]
    assert exchange.signals == []


async def test_a_stream_that_telnyx_refuses_leaves_the_call_to_its_own_voice(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks", caplog: pytest.LogCaptureFixture
) -> None:
    api.answers = [api.refuse("10015")]

    async with at_work(carrier) as exchange:
        carrier.respond(webhooks("call.answered"), live_call())

    assert "call c-1: it gets no media stream" in caplog.text
    assert exchange.signals == []


async def test_a_call_that_ends_meanwhile_is_told_nothing(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    api.answers = [api.refuse("90018")]

    async with at_work(carrier) as exchange:
        carrier.respond(webhooks("call.answered"), live_call())

    assert exchange.signals == []


async def test_orders_of_before_the_work_began_are_carried_out(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    carrier.respond(webhooks("call.answered"), live_call())

    async with at_work(carrier):
        await anyio.wait_all_tasks_blocked()

    assert len(api.requests) == 1
