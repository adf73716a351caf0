"""Calls through the whole application: settings, container, webhook gate with its secret path, and Aliyun's twin."""

import json

import anyio
import httpx
import pytest
from support.aliyun_rig import ALIYUN
from support.carrier_rig import HOOK
from support.carrier_world import CarrierWorld, Scene, carrier_world

from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_domain.ports.carrier import UnsupportedError
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio


async def asked(world: CarrierWorld, url: str) -> httpx.Response:
    """Tell the application's public listener that a stranger has reported the end of the only call."""
    (call,) = world.phone.live()
    body = json.dumps([{"call_id": call.carrier_call_id, "status_code": "200003"}]).encode()
    transport = world.rig.twin._courier._post.client  # type: ignore[attr-defined]  # the twin's own way to us
    answer: httpx.Response = await transport.post(url, content=body)
    return answer


async def test_a_conversation_goes_through_the_gate_and_back() -> None:
    scene = Scene(callee=Callee((Say("Tomorrow at three."), HangUp(after_ms=6_000))), streamed=False)
    async with carrier_world(ALIYUN.open, scene) as world:
        placed = await world.place("When shall we come?")
        record = await world.over(placed.call_id)
        leg = record.carrier_call_id
        assert leg is not None
        heard = world.rig.twin.ear(leg).texts

        assert world.rig.twin.ledger.violations == []
    assert heard == ("When shall we come?", "You said Tomorrow at three.")
    assert [entry.text for entry in record.transcript if entry.speaker is Speaker.COUNTERPART] == [
        "Tomorrow at three."
    ]
    assert record.end_reason is EndReason.HANGUP_USER


async def test_commands_wait_for_the_next_question_and_say_so() -> None:
    async with carrier_world(ALIYUN.open, Scene(streamed=False)) as world:
        placed = await world.place("Hello.")
        await world.until(placed.call_id, "listening")
        said = await world.phone.speak(placed.call_id, "Are you there?")
        assert world.phone.waits(said)

        await anyio.sleep(3)
        ended = await world.phone.end(placed.call_id)
        assert not world.phone.waits(ended)
        record = await world.over(placed.call_id)
        assert record.carrier_call_id is not None
        assert world.rig.twin.ear(record.carrier_call_id).texts == ("Hello.", "Are you there?")
    assert record.end_reason is EndReason.HANGUP_BOT


async def test_a_message_is_read_from_the_template_and_nothing_can_be_said_into_it() -> None:
    scene = Scene(settings={"aliyun": {"ttsCode": "TTS_000000"}})
    async with carrier_world(ALIYUN.open, scene) as world:
        placed = await world.place("The parcel is here. It waits at the door.", mode="notify")
        await world.until(placed.call_id, "speaking")
        with pytest.raises(
            UnsupportedError, match="aliyun does not support speech into a running notify call; place"
        ):
            await world.phone.speak(placed.call_id, "And hurry.")
        with pytest.raises(UnsupportedError, match="place it in the mode conversation"):
            await world.phone.continue_call(placed.call_id, "Shall we?")
        record = await world.over(placed.call_id)
        assert record.carrier_call_id is not None
        heard = world.rig.twin.ear(record.carrier_call_id).texts
        asked = [request.path for request in world.rig.twin.ledger.requests]

    assert heard == ("The parcel is here. It waits at the door.",)
    assert asked == ["SingleCallByTts"]
    assert record.end_reason is EndReason.COMPLETED
    assert [(entry.text, entry.interrupted) for entry in record.transcript] == [(heard[0], False)]


@pytest.mark.parametrize("path", ["", "/", "/guessed", "/{token}/more"])
async def test_a_stranger_who_does_not_know_the_address_moves_nothing(path: str) -> None:
    async with carrier_world(ALIYUN.open, Scene(streamed=False)) as world:
        placed = await world.place("Hello.")
        await world.until(placed.call_id, "listening")
        address = HOOK + path.format(token=world.rig.settings["aliyun"]["callbackToken"])
        assert (await asked(world, address)).status_code == 404

        call = await world.phone.status(placed.call_id)
        assert call is not None
        assert not call.is_over
