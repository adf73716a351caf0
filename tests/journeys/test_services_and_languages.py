"""Whole calls on every carrier with other speech services, other models and in Chinese."""

import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import Scene, carrier_world
from support.journey_checks import check_journey, said_by, spoken_natively
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, HangUp, Say, interrupt
from voice_domain.phrases import phrase
from voice_domain.vocabulary import Speaker

pytestmark = pytest.mark.anyio

ASKS = Callee((Say("Is it open today?"), HangUp(7_000)))
ASKS_IN_CHINESE = Callee((Say("明天下午三点可以吗？"), HangUp(6_000)))
REMINDER = "您好，这里是枫叶牙科，提醒您明天上午十点有一个预约，请带上医保卡和您正在服用的药品清单，谢谢。"


def services(openai_key: str) -> dict[str, object]:
    """Settings with two voices, of which the first may be refused."""
    voices = {"openai": {"apiKey": openai_key}, "elevenlabs": {"apiKey": "xi-twin"}}
    return {"tts": {"provider": "openai", **voices}}


@needs("media_stream")
async def test_elevenlabs_speaks_a_whole_call(open_rig: OpenRig) -> None:
    settings = {"tts": {"provider": "elevenlabs", "elevenlabs": {"apiKey": "xi-twin"}}}
    async with carrier_world(open_rig, Scene(callee=ASKS, settings=settings)) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        asked = {request.path.rpartition("/")[2] for request in world.service.ledger.requests}

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]
    assert asked == {"completions"}


@needs("media_stream")
async def test_when_the_first_voice_refuses_us_the_second_speaks_and_the_carrier_need_not(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS, settings=services("sk-wrong"))) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        assert call.carrier_call_id is not None
        natively_said = spoken_natively(world.rig.twin.ear(call.carrier_call_id).sounds)
        spoken = len(world.elevenlabs.ledger.requests)

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]
    assert (natively_said, spoken) == ([], 2)


async def test_a_model_of_anthropics_answers(open_rig: OpenRig) -> None:
    settings = {
        "models": {"providers": {"anthropic": {"apiKey": "sk-ant-twin"}}},
        "responseModel": "anthropic/claude-x",
    }
    async with carrier_world(open_rig, Scene(callee=ASKS, settings=settings)) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]


async def test_a_model_that_refuses_us_leads_to_one_apology_for_each_question(open_rig: OpenRig) -> None:
    settings = {"models": {"providers": {"openai": {"apiKey": "sk-wrong"}}}}
    async with carrier_world(open_rig, Scene(callee=ASKS, settings=settings)) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US) == ["Hello there.", phrase("apology", "en-US")]


async def test_a_chinese_call_is_held_in_chinese(open_rig: OpenRig, *, streamed: bool) -> None:
    scene = Scene(callee=ASKS_IN_CHINESE, streamed=streamed, settings={"locale": "zh-CN"})
    async with carrier_world(open_rig, scene) as world:
        placed = await world.place(REMINDER)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        assert call.carrier_call_id is not None
        sounds = world.rig.twin.ear(call.carrier_call_id).sounds

    assert said_by(call, Speaker.US) == [REMINDER, "You said 明天下午三点可以吗？"]
    assert said_by(call, Speaker.COUNTERPART) == ["明天下午三点可以吗？"]
    manners = [sound.manner.get("language") for sound in sounds if sound.kind == "say" and "您" in sound.text]
    assert manners == ([] if streamed else [world.rig.habits.chinese])


@needs("media_stream")
async def test_a_chinese_text_is_cut_where_the_voice_over_it_began(open_rig: OpenRig) -> None:
    callee = Callee((interrupt("等一下，请等一下。", 2_000), HangUp(5_000)))
    async with carrier_world(open_rig, Scene(callee=callee, settings={"locale": "zh-CN"})) as world:
        placed = await world.place(REMINDER)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert call.transcript[0].interrupted
    assert 5 <= len(call.transcript[0].text) <= 14
    assert REMINDER.startswith(call.transcript[0].text)
