"""Handing over: the counterpart is never dropped, and what became of it is known."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx
import pytest
from support.plivo_grammar import faults_of, parsed

from voice_adapters.carriers.plivo import PlivoCarrier
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

if TYPE_CHECKING:
    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("00000000-0000-4000-8000-000000000001")
HOOK = "https://voice.example.com/voice/webhook"
BACK = f"{HOOK}?lost=0&at=5"
TO = PhoneNumber("+15550009999")


@pytest.mark.parametrize("own_number", [PhoneNumber("+15550001234"), None])
async def test_the_document_calls_the_number_and_nothing_in_it_ends_the_call(
    make_carrier: Callable[..., PlivoCarrier],
    api: "Api",
    webhooks: "Webhooks",
    up: Call,
    own_number: PhoneNumber | None,
) -> None:
    carrier = make_carrier(own_number=own_number)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.transfer, LEG, TO)
        await anyio.sleep(1)
        response = carrier.respond(webhooks(api.led_to[0]), up)
        carrier.translate(webhooks(BACK, DialStatus="completed"))

    root = parsed(response.body)
    assert faults_of(response.body) == []
    assert [element.tag for element in root.iter()] == ["Response", "Dial", "Number", "Redirect"]
    assert (root[0][0].text, root[0].get("timeout")) == ("15550009999", "20")
    assert root[0].get("callerId") == (own_number and "15550001234")
    assert root[0].get("action") == root[1].text
    assert dict(parse_qsl(urlsplit(root[0].get("callbackUrl") or "").query)) == {"flow": "transfer"}


async def test_a_leg_that_asks_for_anything_else_meanwhile_does_not_call_the_number(
    carrier: PlivoCarrier, webhooks: "Webhooks", up: Call
) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.transfer, LEG, TO)
        await anyio.sleep(1)
        response = carrier.respond(webhooks(f"{HOOK}?turn=7-0&begin=1"), up)
        carrier.translate(webhooks(BACK, DialStatus="completed"))

    assert [element.tag for element in parsed(response.body).iter()] == ["Response", "Wait", "Redirect"]


@pytest.mark.parametrize("way", ["far leg", "dial", "dial of a call that is over"])
async def test_it_is_done_once_the_other_number_has_answered(
    carrier: PlivoCarrier, webhooks: "Webhooks", way: str
) -> None:
    done = anyio.Event()

    async def transfer() -> None:
        await carrier.transfer(LEG, TO)
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(transfer)
        await anyio.sleep(5)
        carrier.translate(webhooks(f"{HOOK}?flow=transfer", DialAction="digits"))
        await anyio.sleep(0.1)
        assert not done.is_set()
        if way == "far leg":
            carrier.translate(webhooks(f"{HOOK}?flow=transfer", DialBLegStatus="answer"))
        elif way == "dial":
            carrier.translate(webhooks(BACK, DialStatus="completed"))
        else:
            carrier.translate(webhooks(BACK, DialStatus="completed", CallStatus="completed"))
        await anyio.sleep(0.1)
        assert done.is_set()


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "timeout", "cancel"])
async def test_it_fails_if_the_other_number_does_not_answer(
    carrier: PlivoCarrier, webhooks: "Webhooks", word: str
) -> None:
    async with anyio.create_task_group() as tasks:

        async def come_back() -> None:
            await anyio.sleep(5)
            carrier.translate(webhooks(BACK, DialStatus=word))
            carrier.translate(webhooks(BACK, DialStatus="completed"))

        tasks.start_soon(come_back)
        with pytest.raises(CarrierError, match=f"gave {word}"):
            await carrier.transfer(LEG, TO)


async def test_without_any_news_it_counts_as_accepted_after_27_seconds(carrier: PlivoCarrier) -> None:
    await carrier.transfer(LEG, TO)

    assert anyio.current_time() == pytest.approx(27)


async def test_a_refused_transfer_is_not_waited_for_and_nothing_is_kept(
    carrier: PlivoCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse(404)]

    with pytest.raises(CarrierError, match="it is over"):
        await carrier.transfer(LEG, TO)

    assert anyio.current_time() == 0
    assert len(carrier._transfers) == 0


async def test_what_the_two_say_to_each_other_is_not_streamed_to_us(
    carrier: PlivoCarrier, api: "Api", webhooks: "Webhooks", streams: dict[str, str], up: Call
) -> None:
    streams["c-1"] = "wss://voice.example.com/voice/stream/one"
    carrier.respond(webhooks(f"{HOOK}?callId=c-1"), up)

    with anyio.move_on_after(1):
        await carrier.transfer(LEG, TO)

    assert api.asked == [("POST", f"Call/{LEG}/"), ("DELETE", f"Call/{LEG}/Stream/")]


async def test_a_stream_that_cannot_be_ended_does_not_stop_a_transfer(
    carrier: PlivoCarrier, api: "Api", webhooks: "Webhooks", streams: dict[str, str], up: Call
) -> None:
    streams["c-1"] = "wss://voice.example.com/voice/stream/one"
    carrier.respond(webhooks(f"{HOOK}?callId=c-1"), up)
    api.answers = [httpx.Response(202), api.refuse(401)]

    await carrier.transfer(LEG, TO)

    assert len(api.requests) == 2
