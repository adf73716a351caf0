"""Whole calls on every carrier, in virtual time, in which services, lines and people fail."""

import anyio
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import THEIRS, CarrierWorld, Scene, carrier_world
from support.journey_checks import check_journey, leftovers, said_by, spoken_natively
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, HangUp, Outcome, Say
from voice_contracts.twins.faults import ApiFault, FaultPlan, MediaFault, WebhookFaults
from voice_contracts.twins.openai.script import Messages
from voice_contracts.twins.service import Pace
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.events import StreamLost, StreamOpened
from voice_domain.phrases import phrase
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

LONG = "Let me tell you everything about our new summer menu, dish by dish and wine by wine, until you have had enough."
ASKS = Callee((Say("Is it open today?"), HangUp(7_000)))


async def played(world: CarrierWorld, message: str = "Hello there.", *, mode: str = "conversation") -> Call:
    """Place a call and return it when it is over and was checked."""
    placed = await world.place(message, mode=mode)
    await world.over(placed.call_id)
    return await check_journey(world, placed.call_id)


def natively(world: CarrierWorld, call: Call) -> list[str]:
    """Return what the carrier's own voice said."""
    assert call.carrier_call_id is not None
    return spoken_natively(world.rig.twin.ear(call.carrier_call_id).sounds)


@needs("media_stream")
async def test_when_the_voice_is_refused_the_carriers_voice_says_everything(open_rig: OpenRig) -> None:
    settings = {"tts": {"provider": "openai", "openai": {"apiKey": "sk-wrong"}}}
    async with carrier_world(open_rig, Scene(callee=ASKS, settings=settings)) as world:
        call = await played(world)
        natively_said = natively(world, call)

    assert natively_said == ["Hello there.", "You said Is it open today?"]
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]


@needs("media_stream")
async def test_a_voice_that_failed_while_it_rang_is_asked_again(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.service.faults.break_api(ApiFault(status=500, method="POST"), times=3)
        call = await played(world)
        natively_said = natively(world, call)

    assert natively_said == []
    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]


@needs("media_stream")
async def test_when_the_voice_dies_in_the_middle_nothing_is_said_twice_and_the_carrier_speaks_on(
    open_rig: OpenRig,
) -> None:
    """The voice dies for good, in the middle of the first answer."""
    worlds: list[CarrierWorld] = []

    def answer(messages: Messages) -> str:
        if len(messages) > 3:
            return "We are closed now."
        worlds[0].service.faults.break_api(ApiFault(cut_after_pieces=20, method="POST"))
        return LONG

    callee = Callee((Say("Is it open today?"), Say("And where is it?", 3_000), HangUp(9_000)))
    async with carrier_world(open_rig, Scene(callee=callee, answers=answer)) as world:
        worlds.append(world)
        call = await played(world)
        natively_said = natively(world, call)

    opening, _, cut, _, after = call.transcript
    assert opening.text == "Hello there."
    assert cut.interrupted
    assert 0 < len(cut.text) < len(LONG)
    assert LONG.startswith(cut.text)
    assert after.text == "We are closed now."
    assert natively_said in ([], ["We are closed now."])


@needs("media_stream")
async def test_when_the_ear_is_refused_the_carrier_listens_and_speaks(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.service.faults.break_api(ApiFault(status=401, method="GET"))
        call = await played(world)
        natively_said = natively(world, call)

    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert natively_said == ["Hello there.", "You said Is it open today?"]


@needs("media_stream")
async def test_when_the_ear_dies_for_good_in_a_call_the_carrier_listens_on(open_rig: OpenRig) -> None:
    callee = Callee((Say("Is it open today?", 12_000), HangUp(9_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        world.service.faults.break_media(MediaFault(cut_after_ms=4_000))
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        world.service.faults.break_api(ApiFault(status=401, method="GET"))
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        natively_said = natively(world, call)

    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert natively_said == ["You said Is it open today?"]


@needs("media_stream")
async def test_an_ear_that_breaks_for_a_moment_misses_nothing(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.service.faults.break_media(MediaFault(cut_after_ms=2_200))
        call = await played(world)
        natively_said = natively(world, call)

    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert natively_said == []


async def test_when_the_model_is_too_slow_we_apologise_once(open_rig: OpenRig) -> None:
    callee = Callee((Say("Is it open today?"), HangUp(9_000)))
    scene = Scene(callee=callee, think=Pace(first_ms=60_000), settings={"responseTimeoutMs": 3_000})
    async with carrier_world(open_rig, scene) as world:
        call = await played(world)

    assert said_by(call, Speaker.US) == ["Hello there.", phrase("apology", "en-US")]


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(2.0, "speaking"), (5.0, "listening"), (6.2, "listening"), (8.5, "listening")],
    ids=["we speak", "it is quiet", "they speak", "we think"],
)
async def test_the_counterpart_may_hang_up_at_any_moment(
    open_rig: OpenRig, seconds: float, state: str, *, streamed: bool
) -> None:
    callee = Callee((Say("Is it open today?", 2_000),))
    scene = Scene(callee=callee, think=Pace(first_ms=5_000), streamed=streamed)
    async with carrier_world(open_rig, scene) as world:
        placed = await world.place("Hello there, this is Maple Inn.")
        await anyio.sleep(seconds)
        seen = await world.phone.status(placed.call_id)
        world.rig.twin.hang_up(world.rig.twin.ledger.legs[0].leg_id)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert seen is not None
    assert seen.word == state
    assert call.end_reason is world.rig.habits.hung_up


@pytest.mark.parametrize("seed", range(3))
async def test_webhooks_that_are_repeated_and_overtake_each_other_change_nothing(
    open_rig: OpenRig, seed: int, *, streamed: bool
) -> None:
    webhooks = WebhookFaults(delay_ms=(0, 150), duplicate=1.0, reorder=0.4, hold_ms=400)
    scene = Scene(callee=ASKS, faults=FaultPlan(seed=seed, webhooks=webhooks), streamed=streamed)
    async with carrier_world(open_rig, scene) as world:
        call = await played(world)

    assert [entry.text for entry in call.transcript] == [
        "Hello there.",
        "Is it open today?",
        "You said Is it open today?",
    ]
    assert call.end_reason is world.rig.habits.hung_up


@needs("media_stream")
async def test_a_media_socket_that_breaks_comes_back_and_the_call_goes_on(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.rig.twin.faults.break_media(MediaFault(cut_after_ms=1_500))
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)

    opened = [event.at_ms for event in events if isinstance(event, StreamOpened)]
    lost = [event.at_ms for event in events if isinstance(event, StreamLost)]
    assert len(opened) == 2
    assert opened[1] - lost[0] < 2_000
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert call.transcript[0].text == LONG


@needs("media_stream")
async def test_when_no_media_stream_can_be_opened_the_carrier_speaks_and_listens(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.media.open_doors = False
        placed = await world.place()
        await world.over(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)

    assert call.answered_at_ms is not None
    assert call.transcript[0].at_ms - call.answered_at_ms <= 5_100
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert len(violations) < 8


@needs("media_stream")  # its end is what tells
async def test_a_carrier_that_tells_nothing_of_the_end_costs_no_more_than_two_seconds(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        world.rig.twin.faults.plan = FaultPlan(webhooks=WebhookFaults(drop=1.0))
        await world.over(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)
        ended_ms = world.rig.twin.ledger.legs[0].ended_ms

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]
    assert call.ended_at_ms is not None
    assert ended_ms is not None
    assert call.ended_at_ms - ended_ms < 2_500


@needs("inbound")
@pytest.mark.parametrize("seed", range(3))
async def test_a_call_to_us_is_taken_once_however_often_it_is_announced(open_rig: OpenRig, seed: int) -> None:
    webhooks = WebhookFaults(delay_ms=(0, 300), duplicate=1.0, reorder=0.5, hold_ms=700)
    scene = Scene(
        settings={"inboundPolicy": "open", "inboundGreeting": "Maple Inn, good day."},
        faults=FaultPlan(seed=seed, webhooks=webhooks),
        knows=("Is it open today?",),
    )
    async with carrier_world(open_rig, scene) as world:
        leg_id = world.rig.call_in(THEIRS, ASKS)
        called = await world.only_call()
        await world.over(called.call_id)
        call = await check_journey(world, leg_id)
        kept = await world.store.page(limit=10)

    assert len(kept) == 1
    assert said_by(call, Speaker.US) == ["Maple Inn, good day.", "You said Is it open today?"]


@needs("media_stream")
async def test_a_media_socket_that_stays_away_ends_the_call_after_two_seconds(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene()) as world:
        world.rig.twin.faults.break_media(MediaFault(cut_after_ms=1_500))
        placed = await world.place(LONG)
        await world.until(placed.call_id, "speaking")
        world.media.open_doors = False
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        violations = [one.code for one in world.rig.twin.ledger.violations]
        call = await check_journey(world, placed.call_id, violations=violations)

    lost = [event.at_ms for event in events if isinstance(event, StreamLost)]
    assert call.end_reason is EndReason.ERROR
    assert call.ended_at_ms is not None
    assert 2_000 <= call.ended_at_ms - lost[0] < 2_500


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.BUSY, EndReason.BUSY),
        (Outcome.NO_ANSWER, EndReason.NO_ANSWER),
        (Outcome.FAILS, EndReason.FAILED),
    ],
)
async def test_a_call_that_does_not_come_about_says_why(
    open_rig: OpenRig, outcome: Outcome, reason: EndReason
) -> None:
    async with carrier_world(open_rig, Scene(callee=Callee(outcome=outcome))) as world:
        call = await played(world)

    assert (call.end_reason, call.transcript, call.answered_at_ms) == (reason, (), None)


async def test_an_answering_machine_is_spoken_to_while_nobody_asks_to_detect_it(open_rig: OpenRig) -> None:
    scene = Scene(callee=Callee(outcome=Outcome.MACHINE, greeting="Leave a message."))
    async with carrier_world(open_rig, scene) as world:
        call = await played(world, "Your parcel is here.", mode="notify")

    assert said_by(call, Speaker.US) == ["Your parcel is here."]
    assert call.end_reason is EndReason.COMPLETED


@needs("commands")
async def test_an_answering_machine_ends_the_call_where_that_is_wanted_and_a_person_does_not(
    open_rig: OpenRig, *, streamed: bool
) -> None:
    machine = Callee(outcome=Outcome.MACHINE, greeting="Leave a message.")
    person = Callee((Say("Is it open today?"), HangUp(7_000)))
    wanted = {"outbound": {"detectMachines": True}}
    ends = []
    for callee in (machine, person):
        async with carrier_world(open_rig, Scene(callee=callee, settings=wanted, streamed=streamed)) as world:
            call = await played(world, "Good morning, we have a table for you at seven, would that be fine?")
        ends.append(call.end_reason is EndReason.VOICEMAIL)

    assert ends == [True, False]


@needs("commands")
async def test_nobody_is_rung_for_longer_than_the_ring_timeout(open_rig: OpenRig) -> None:
    scene = Scene(callee=Callee(outcome=Outcome.NO_ANSWER), settings={"ringTimeoutMs": 5_000})
    async with carrier_world(open_rig, scene) as world:
        call = await played(world)

    assert call.ended_at_ms is not None
    assert 5_000 <= call.ended_at_ms - call.started_at_ms <= 6_500
    assert call.end_reason is EndReason.NO_ANSWER


async def test_no_call_lasts_longer_than_it_may(open_rig: OpenRig, *, streamed: bool) -> None:
    async with carrier_world(
        open_rig, Scene(settings={"maxDurationSeconds": 30}, streamed=streamed)
    ) as world:
        call = await played(world)

    assert call.ended_at_ms is not None
    assert call.answered_at_ms is not None
    assert 30_000 <= call.ended_at_ms - call.answered_at_ms <= 31_000
    assert call.end_reason is EndReason.TIMEOUT


@needs("commands")
async def test_a_call_that_is_ended_while_it_is_dialled_leaves_no_leg(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene()) as world:
        placed = await world.place()
        await world.phone.end(placed.call_id)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert (call.end_reason, call.answered_at_ms) == (EndReason.HANGUP_BOT, None)


async def test_a_dial_with_a_wrong_secret_says_which_one_is_wrong(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(refuses_keys=True)) as world:
        await check_refused(world, world.rig.habits.wrong_key_says)


@needs("trial_account")
async def test_a_number_that_a_trial_account_may_not_dial_is_said_to_need_verifying(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(verified=frozenset())) as world:
        await check_refused(world, world.rig.habits.unverified_says or "")


async def check_refused(world: CarrierWorld, said: str) -> None:
    """Place a call that the carrier refuses, and check what it is said to be about."""
    with pytest.raises(VoiceError, match=said):
        await world.place()
    await anyio.sleep(5)
    (call,) = await world.store.page(limit=10)

    assert (await leftovers(world), world.rig.twin.ledger.legs) == ({}, ())
    assert call.end_reason is EndReason.FAILED
    assert said in call.error


@pytest.mark.parametrize("status", [429, 503])
async def test_a_dial_that_an_overloaded_carrier_refuses_never_makes_two_calls(
    open_rig: OpenRig, status: int
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        habits = world.rig.habits
        world.rig.twin.faults.break_api(ApiFault(status=status, method="POST"))
        if not habits.dials_again:
            with pytest.raises(VoiceError, match=habits.overloaded_says[status]):
                await world.place()
        call = await played(world)
        reasons = [one.end_reason for one in await world.store.page(limit=10)]

    assert reasons == [habits.hung_up] + [EndReason.FAILED] * (not habits.dials_again)
    assert call.end_reason is habits.hung_up
    assert len(world.rig.twin.ledger.legs) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_change_of_a_live_call_that_is_refused_for_a_moment_is_made_all_the_same(
    open_rig: OpenRig, status: int
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS, streamed=False)) as world:
        placed = await world.place()
        world.rig.twin.faults.break_api(ApiFault(status=status, retry_after_seconds=1, method="POST"))
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]


@needs("commands")
async def test_hanging_up_is_tried_until_the_carrier_takes_it(open_rig: OpenRig, *, streamed: bool) -> None:
    async with carrier_world(open_rig, Scene(streamed=streamed)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        fault = ApiFault(status=503, method=world.rig.habits.hang_up_method)
        world.rig.twin.faults.break_api(fault, times=100)
        with pytest.raises(VoiceError, match="try again later"):
            await world.phone.end(placed.call_id)
        world.rig.twin.faults.mend_api()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert call.end_reason is EndReason.HANGUP_BOT
