"""Whole calls of which the carrier forgets to tell something, or in which nobody can tell what is said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from dependency_injector import providers
from support.carrier_rig import OpenRig
from support.carrier_world import Scene, carrier_world
from support.journey_checks import check_journey, said_by
from support.journey_choice import needs

from voice_adapters.clock import EventLoopClock
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_contracts.twins.faults import ApiFault, FaultPlan, MediaFault, WebhookFaults
from voice_domain.events import StatusAsked, StreamLost, StreamOpened
from voice_domain.identity import CallId
from voice_domain.phrases import phrase
from voice_domain.ports.transcriber import Hearing, Transcriber, TranscriptionError, TranscriptionSession
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason, Speaker
from voice_entrypoints.container import Container
from voice_entrypoints.embed import running

pytestmark = pytest.mark.anyio

LONG = "Let me tell you everything about our new summer menu, dish by dish and wine by wine, until you have had enough."
_SILENT = FaultPlan(webhooks=WebhookFaults(drop=1.0))
ASKS = Callee((Say("Is it open today?"), HangUp(7_000)))


@needs("media_stream")
async def test_a_call_whose_end_the_carrier_forgot_to_tell_ends_as_the_carrier_knows(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        world.rig.twin.faults.plan = _SILENT
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)

    assert [event.about for event in events if isinstance(event, StatusAsked)] == [Timer.STREAM_GRACE]
    assert call.end_reason is not EndReason.ERROR
    assert call.error == ""


@needs("media_stream")
async def test_a_carrier_that_tells_nothing_and_cannot_be_asked_ends_with_the_stream(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.rig.twin.faults.break_api(ApiFault(status=None, method="GET"))
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        world.rig.twin.faults.plan = _SILENT
        await world.over(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)
        ended_ms = world.rig.twin.ledger.legs[0].ended_ms

    assert call.end_reason is EndReason.ERROR
    assert "media stream" in call.error
    assert call.ended_at_ms is not None
    assert ended_ms is not None
    assert call.ended_at_ms - ended_ms < 5_500


@needs("media_stream")
@pytest.mark.parametrize("after_ms", [1_500, 4_000], ids=["in the middle", "at the end"])
async def test_of_what_we_said_into_a_half_closed_stream_nothing_counts_as_heard(
    open_rig: OpenRig, after_ms: int
) -> None:
    async with carrier_world(open_rig, Scene()) as world:
        world.rig.twin.faults.break_media(MediaFault(stall_after_ms=after_ms))
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        # Four frames were on their way when it fell silent, and were heard.
        call = await check_journey(world, placed.call_id, slack_frames=5)

    opened = [event.at_ms for event in events if isinstance(event, StreamOpened)]
    lost = [event.at_ms for event in events if isinstance(event, StreamLost)]
    assert lost[0] - opened[0] - after_ms <= 2_100
    assert call.end_reason is EndReason.ERROR
    assert call.transcript[0].interrupted
    assert LONG.startswith(call.transcript[0].text)


class _Deaf(Transcriber):
    """Is refused after a second."""

    finds_endings = True

    @asynccontextmanager
    async def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AsyncIterator[TranscriptionSession]:
        del call_id, locale, hearing
        await anyio.sleep(1)
        raise TranscriptionError("openai", "the key is wrong")
        yield


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_where_nobody_can_listen_the_counterpart_is_told_so_and_the_call_ends(locale: str) -> None:
    document = {
        "provider": "mock",
        "fromNumber": "+15550000000",
        "locale": locale,
        "recording": {"enabled": False},
        "mock": {"script": [{"afterMs": 60_000, "hangUp": True}]},
    }
    container = Container(settings=read_settings(document, {}).require(), home=Path())
    container.clock.override(providers.Object(EventLoopClock()))
    container.store.override(providers.Object(MemoryStore()))
    container.transcriber.override(providers.Object(_Deaf()))
    async with running(container, home=None) as phone:
        placed = await phone.call(to="+15550005678", message="Hello there.", mode="conversation")
        while phone.calls.find(placed.call_id) is not None:  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.1)
        call = await phone.status(placed.call_id)

    assert call is not None
    assert said_by(call, Speaker.US) == ["Hello there.", phrase("deaf", locale)]
    assert call.end_reason is EndReason.HANGUP_BOT
    assert "the key is wrong" in call.error


@needs("media_stream")
async def test_a_transcriber_that_lives_and_hears_nothing_is_replaced_and_what_was_said_is_heard(
    open_rig: OpenRig,
) -> None:
    callee = Callee((Say("Is it open today?", 1_000), HangUp(14_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        world.service.faults.break_media(MediaFault(stall_after_ms=1_500))
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert said_by(call, Speaker.US)[-1] == "You said Is it open today?"


@needs("native_speech", "commands")
async def test_a_call_without_a_stream_whose_end_nobody_tells_is_over_within_a_minute(
    open_rig: OpenRig,
) -> None:
    scene = Scene(callee=Callee((HangUp(12_000),)), streamed=False)
    async with carrier_world(open_rig, scene) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        world.rig.twin.faults.plan = _SILENT
        await world.over(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)
        ended_ms = world.rig.twin.ledger.legs[0].ended_ms

    assert call.end_reason is not EndReason.TIMEOUT
    assert call.ended_at_ms is not None
    assert ended_ms is not None
    assert call.ended_at_ms - ended_ms <= 61_000


@needs("native_speech", "commands")
async def test_what_the_carriers_own_voice_did_not_do_is_counted(open_rig: OpenRig) -> None:
    callee = Callee((HangUp(20_000),))
    async with carrier_world(open_rig, Scene(callee=callee, streamed=False)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        world.rig.twin.faults.break_api(ApiFault(status=400, method="POST"))
        await world.phone.speak(placed.call_id, "One more thing.")
        await world.over(placed.call_id)
        failures = world.container.services().carrier_failures.total()

    assert failures == 1
