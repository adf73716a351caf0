"""Plivo's adapter and its twin over real sockets: calls at the same time, each with another thing to show."""

from pathlib import Path

import anyio
import pytest
from support.carrier_sockets import carrier_sockets
from support.carrier_world import THEIRS, CarrierWorld, Scene
from support.journey_checks import check_journey, said_by
from support.plivo_rig import PLIVO

from voice_contracts.twins.callee import Callee, interrupt
from voice_domain.call import Call
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("the gateway's servers are uvicorn's"),
]

ELSEWHERE, STRANGER = "+15550006789", "+15550007777"
LONG = "Let me tell you everything about our new summer menu, dish by dish and wine by wine."
SLACK_FRAMES = 5
"""A busy machine may be a tenth of a second late on either side."""
QUICK = Callee(ring_after_ms=50, answer_after_ms=100)
CUTS_IN = Callee((interrupt("Stop, please stop.", 500),), ring_after_ms=50, answer_after_ms=100)


async def _interrupted_and_hung_up(world: CarrierWorld) -> Call:
    placed = await world.place(LONG)
    # Words have no event of their own to wait for.
    while not said_by(await _now(world, placed), Speaker.COUNTERPART):  # noqa: ASYNC110 - see the line above
        await anyio.sleep(0.02)
    await world.phone.end(placed.call_id)
    return placed


async def _now(world: CarrierWorld, call: Call) -> Call:
    known = await world.phone.status(call.call_id)
    assert known is not None
    return known


async def test_a_message_an_interruption_and_a_stranger_at_the_same_time(tmp_path: Path) -> None:
    settings = {"outbound": {"notifyHangupDelaySec": 0}, "inboundPolicy": "disabled", "maxConcurrentCalls": 3}
    scene = Scene(callee=CUTS_IN, others={ELSEWHERE: QUICK}, settings=settings)
    async with carrier_sockets(PLIVO.open, scene, tmp_path) as world:
        stranger = world.rig.call_in(STRANGER, Callee())
        notified = await world.phone.call(to=ELSEWHERE, message="Your parcel is here.", mode="notify")
        cut = await _interrupted_and_hung_up(world)
        await world.over(notified.call_id)
        await world.over(cut.call_id)
        notified = await check_journey(world, notified.call_id, slack_frames=SLACK_FRAMES)
        cut = await check_journey(world, cut.call_id, slack_frames=SLACK_FRAMES)
        legs = {
            leg.callee if leg.direction == "outbound" else "us": leg for leg in world.rig.twin.ledger.legs
        }

    assert (legs["us"].leg_id, legs["us"].state, legs["us"].answered_ms) == (stranger, "busy", None)
    assert (said_by(notified, Speaker.US), notified.end_reason) == (
        ["Your parcel is here."],
        EndReason.COMPLETED,
    )
    assert cut.transcript[0].interrupted
    assert len(cut.transcript[0].text) < len(LONG) / 2
    assert (cut.end_reason, legs[THEIRS].ended_by) == (EndReason.HANGUP_BOT, "api")
