"""Handing over: the counterpart is never dropped, and what became of it is known."""

from typing import TYPE_CHECKING

import anyio
import pytest
from support.twiml_grammar import faults_of, parsed

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

if TYPE_CHECKING:
    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("CA0000000000000000000000000000002a")
HOOK = "https://voice.example.com/voice/webhook"
TO = PhoneNumber("+15550009999")
FAR = {"CallSid": "CAfar", "ParentCallSid": str(LEG)}


async def test_the_document_calls_the_number_and_nothing_in_it_ends_the_call(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    with anyio.move_on_after(1):
        await carrier.transfer(LEG, TO)

    root = parsed(api.documents[0])
    assert faults_of(api.documents[0]) == []
    assert [element.tag for element in root.iter()] == ["Response", "Dial", "Number"]
    assert (root[0][0].text, root[0].get("timeout")) == ("+15550009999", "20")
    assert root[0].get("action")


@pytest.mark.parametrize("way", ["far leg", "dial"])
async def test_it_is_done_once_the_other_number_has_answered(
    carrier: TwilioCarrier, webhooks: "Webhooks", way: str
) -> None:
    done = anyio.Event()

    async def transfer() -> None:
        await carrier.transfer(LEG, TO)
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(transfer)
        await anyio.sleep(5)
        carrier.translate(webhooks(f"{HOOK}?type=transfer", **FAR, CallStatus="ringing"))
        await anyio.sleep(0.1)
        assert not done.is_set()
        if way == "far leg":
            carrier.translate(webhooks(f"{HOOK}?type=transfer", **FAR, CallStatus="in-progress"))
        else:
            carrier.translate(webhooks(DialCallStatus="completed"))
        await anyio.sleep(0.1)

    assert done.is_set()


@pytest.mark.parametrize("word", ["busy", "no-answer", "failed", "canceled"])
async def test_it_fails_if_the_other_number_does_not_answer(
    carrier: TwilioCarrier, webhooks: "Webhooks", word: str
) -> None:
    async with anyio.create_task_group() as tasks:

        async def come_back() -> None:
            await anyio.sleep(5)
            carrier.translate(webhooks(DialCallStatus=word))
            carrier.translate(webhooks(DialCallStatus="completed"))

        tasks.start_soon(come_back)
        with pytest.raises(CarrierError, match=f"gave {word}"):
            await carrier.transfer(LEG, TO)


async def test_without_any_news_it_counts_as_accepted_after_27_seconds(carrier: TwilioCarrier) -> None:
    await carrier.transfer(LEG, TO)

    assert anyio.current_time() == pytest.approx(27)


async def test_a_refused_transfer_is_not_waited_for_and_nothing_is_kept(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse(21220)] * 3

    with pytest.raises(CarrierError, match="cannot be changed now"):
        await carrier.transfer(LEG, TO)

    assert carrier._transfers._attempts == {}
