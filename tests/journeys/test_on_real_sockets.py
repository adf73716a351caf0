"""Whole calls on every carrier in real time: HTTP, webhooks, media streams and speech services over loopback."""

import wave
from pathlib import Path

import attrs
import pytest
from support.carrier_rig import OpenRig
from support.carrier_sockets import carrier_sockets
from support.carrier_world import CarrierWorld, Scene
from support.journey_checks import check_journey, said_by, spoken_natively
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, Cue, HangUp, Say, interrupt
from voice_domain.call import Call
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("the gateway's servers are uvicorn's"),
]

ONCE = pytest.mark.one_carrier(
    "in virtual time it is played on every carrier; here only the clock is another"
)
LONG = "Let me tell you everything about our new summer menu, dish by dish and wine by wine."
SLACK_FRAMES = 5
"""In real time a busy machine may be a tenth of a second late on either side."""


def quick(*steps: Say | HangUp) -> Callee:
    return Callee(steps, ring_after_ms=50, answer_after_ms=100)


async def played(world: CarrierWorld, message: str, mode: str = "conversation") -> Call:
    placed = await world.place(message, mode=mode)
    await world.over(placed.call_id)
    return await check_journey(world, placed.call_id, slack_frames=SLACK_FRAMES)


def recorded_seconds(home: Path, call: Call) -> float:
    with wave.open(str(home / "recordings" / f"{call.call_id}.wav")) as recording:
        return float(recording.getnframes() / recording.getframerate())


@ONCE
@needs("media_stream")
async def test_a_message_is_heard_whole_and_once(open_rig: OpenRig, tmp_path: Path) -> None:
    scene = Scene(callee=quick(), settings={"outbound": {"notifyHangupDelaySec": 0}})
    async with carrier_sockets(open_rig, scene, tmp_path) as world:
        call = await played(world, "Your parcel is here.", "notify")

    assert said_by(call, Speaker.US) == ["Your parcel is here."]
    assert call.end_reason is EndReason.COMPLETED
    assert recorded_seconds(tmp_path, call) > 1.4


@needs("media_stream")
async def test_a_conversation_takes_turns(open_rig: OpenRig, tmp_path: Path) -> None:
    callee = quick(Say("Is it open?"), Say("Thanks, bye."), HangUp(400))
    async with carrier_sockets(open_rig, Scene(callee=callee), tmp_path) as world:
        call = await played(world, "Hello there.")

    assert [entry.text for entry in call.transcript] == [
        "Hello there.",
        "Is it open?",
        "You said Is it open?",
        "Thanks, bye.",
        "You said Thanks, bye.",
    ]
    assert len(call.latencies) == 2
    assert all(latency < 2_000 for latency in call.latencies)


@ONCE
@needs("media_stream")
async def test_a_voice_over_ours_stops_it(open_rig: OpenRig, tmp_path: Path) -> None:
    callee = quick(interrupt("Stop, please stop.", 1_000), HangUp(400))
    async with carrier_sockets(open_rig, Scene(callee=callee), tmp_path) as world:
        call = await played(world, LONG)

    cut = call.transcript[0]
    assert cut.interrupted
    assert 0 < len(cut.text) < len(LONG) / 2
    assert said_by(call, Speaker.COUNTERPART) == ["Stop, please stop."]


async def test_without_streams_the_carrier_speaks_and_listens(open_rig: OpenRig, tmp_path: Path) -> None:
    callee = quick(Say("Is it open?"), HangUp(1_500))
    scene = Scene(callee=callee, streamed=False)
    async with carrier_sockets(open_rig, scene, tmp_path) as world:
        call = await played(world, "Hello there.")
        assert call.carrier_call_id is not None
        heard = spoken_natively(world.rig.twin.ear(call.carrier_call_id).sounds)

    assert heard == ["Hello there.", "You said Is it open?"]
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open?"]


@ONCE
@needs("media_stream")
async def test_when_the_speech_service_refuses_us_the_carrier_speaks_and_listens(
    open_rig: OpenRig, tmp_path: Path
) -> None:
    callee = quick(Say("Is it open?"), HangUp(1_500, Cue.BEFORE))
    scene = Scene(callee=callee)
    async with carrier_sockets(open_rig, scene, tmp_path) as world:
        world.service.script = attrs.evolve(world.service.script, key="sk-another")
        placed = await world.place("Hello there.")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id, slack_frames=SLACK_FRAMES)

    assert said_by(call, Speaker.COUNTERPART) == ["Is it open?"]
