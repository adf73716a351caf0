"""Journeys that only Twilio has: its account, its requests that get no answer, and its media messages word by word."""

import io
import json
import wave
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import attrs
import pytest
from support.carrier_rig import CarrierRig, Landline, OpenRig
from support.carrier_world import CarrierWorld, Scene, carrier_world
from support.journey_checks import check_journey, leftovers, said_by
from support.twilio_rig import TWILIO

from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.openai.script import Messages
from voice_contracts.twins.sockets import Socket, SocketRefusedError
from voice_contracts.twins.sound import babble, from_mulaw, wav_as_mulaw
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.errors import VoiceError
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

QUESTION = "Is it open today?"
ASKS = Callee((Say(QUESTION), HangUp(7_000)))


@pytest.mark.parametrize(
    ("twilio", "scene", "said"),
    [
        ({"accountSid": "AC" + "9" * 32}, Scene(), "accountSid"),
        ({}, Scene(refuses_keys=True), "authToken"),
        ({}, Scene(verified=frozenset()), "21219"),
    ],
    ids=["wrong account", "wrong token", "number not verified"],
)
async def test_a_dial_that_twilio_refuses_names_the_code_and_what_to_do(
    twilio: dict[str, str], scene: Scene, said: str
) -> None:
    async with carrier_world(_with(twilio), scene) as world:
        with pytest.raises(VoiceError, match=said):
            await world.place()
        await anyio.sleep(5)
        (call,) = await world.store.page(limit=10)
        left = await leftovers(world)

    assert (left, world.rig.twin.ledger.legs) == ({}, ())
    assert call.end_reason is EndReason.FAILED
    assert said in call.error


def _with(twilio: dict[str, str]) -> OpenRig:
    """Return Twilio's rig, with other settings of the account."""

    @asynccontextmanager
    async def opened(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
        async with TWILIO.open(landline, around) as rig:
            account = {**rig.settings["twilio"], **twilio}
            yield attrs.evolve(rig, settings={**rig.settings, "twilio": account})

    return opened


async def test_an_interface_that_does_not_answer_fails_the_call_and_leaves_no_leg() -> None:
    async with carrier_world(TWILIO.open, Scene()) as world:
        world.rig.twin.faults.break_api(ApiFault(status=None, method="POST"))
        with pytest.raises(VoiceError, match="did not answer"):
            await world.place()
        await anyio.sleep(60)
        (call,) = await world.store.page(limit=10)
        left = await leftovers(world)

    assert (left, world.rig.twin.ledger.legs) == ({}, ())
    assert call.end_reason is EndReason.FAILED
    assert "check the network" in call.error


async def test_a_callee_may_speak_from_a_wav_file() -> None:
    callee = Callee((Say(QUESTION, audio=wav_as_mulaw(_wav(babble(QUESTION)))), HangUp(7_000)))
    async with carrier_world(TWILIO.open, Scene(callee=callee)) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == [QUESTION]


def _wav(mulaw: bytes) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(from_mulaw(mulaw).tobytes())
    return written.getvalue()


@pytest.mark.parametrize(("scope", "remembers"), [("per-call", False), ("per-phone", True)])
async def test_whether_a_second_call_goes_on_where_the_first_ended_is_a_setting(
    scope: str, *, remembers: bool
) -> None:
    asked: list[Messages] = []

    def answer(messages: Messages) -> str:
        if messages[-1]["content"] == QUESTION:  # a model is asked to sum a call up, too
            asked.append(messages)
        return "It is."

    scene = Scene(callee=ASKS, answers=answer, settings={"sessionScope": scope})
    async with carrier_world(TWILIO.open, scene) as world:
        for _ in range(2):
            placed = await world.place()
            await world.over(placed.call_id)
            await check_journey(world, placed.call_id)

    said = [message["content"] for message in asked[-1]]
    assert said.count(QUESTION) == (2 if remembers else 1)


def _media(payload: str, *, timestamp: str = "20") -> str:
    media = {"track": "inbound", "chunk": "1", "timestamp": timestamp, "payload": payload}
    return json.dumps({"event": "media", "sequenceNumber": "4", "media": media, "streamSid": "MZ1"})


def _socket(world: CarrierWorld) -> Socket:
    """Return the twin's end of the only stream."""
    (end,) = world.media.ends
    return end


@pytest.mark.parametrize(
    ("junk", "counted"),
    [
        (_media("!!! no base64 !!!"), "bad message"),
        (b"\x00\x01binary", "bad message"),
        ('{"event":"media"', "bad message"),
        ('{"event":"weather","weather":{"sky":"blue"}}', None),
        (_media("/////w==", timestamp="0"), None),
        (_media("/////w==", timestamp="-9000"), None),
    ],
    ids=["bad base64", "binary", "cut off", "unknown event", "clock at the start", "clock before the start"],
)
async def test_what_twilio_does_not_say_is_passed_over_and_the_call_goes_on(
    junk: str | bytes, counted: str | None
) -> None:
    async with carrier_world(TWILIO.open, Scene(callee=ASKS)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "speaking")
        for _ in range(10):
            await _socket(world).send(junk)  # type: ignore[arg-type]  # a stranger's message may be binary
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        assert world.engine is not None
        counts = dict(world.engine.counts)

    assert said_by(call, Speaker.COUNTERPART) == [QUESTION]
    assert counts.get("bad message", 0) == (10 if counted else 0)


async def test_a_second_start_closes_the_stream_and_twilio_opens_another_one() -> None:
    async with carrier_world(TWILIO.open, Scene(callee=ASKS)) as world:
        placed = await world.place("Hello there, this is Maple Inn, and we have news for you.")
        await world.until(placed.call_id, "speaking")
        call = await world.phone.status(placed.call_id)
        assert call is not None
        again = {
            "event": "start",
            "start": {
                "callSid": call.carrier_call_id,
                "streamSid": "MZ2",
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }
        await _socket(world).send(json.dumps(again))
        await world.over(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)
        dialled = world.media.dialled

    assert dialled == 2
    assert said_by(call, Speaker.COUNTERPART) == [QUESTION]


async def test_media_before_its_start_is_not_heard_and_a_used_or_old_token_opens_nothing() -> None:
    async with carrier_world(TWILIO.open, Scene(callee=ASKS)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "speaking")
        url = f"wss://voice.example.com/voice/stream/{world.container.tokens().issue(placed.call_id)}"
        early = await world.media.dial(url, {})
        await early.send(_media(b64encode(b"\xff" * 160).decode()))
        with pytest.raises(SocketRefusedError):
            await world.media.dial(url, {})
        await early.close()
        old = f"wss://voice.example.com/voice/stream/{world.container.tokens().issue(placed.call_id)}"
        await world.over(placed.call_id)
        await anyio.sleep(61)
        with pytest.raises(SocketRefusedError):
            await world.media.dial(old, {})
        call = await check_journey(world, placed.call_id)
        assert world.engine is not None
        counts = dict(world.engine.counts)

    assert counts["frame before start"] == 1
    assert counts["refused 401"] == 2
    assert said_by(call, Speaker.COUNTERPART) == [QUESTION]
