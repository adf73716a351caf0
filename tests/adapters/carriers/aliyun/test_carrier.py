"""Speaking, hanging up and asking: what waits until Aliyun asks, and what happens if it does not."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
import pytest
from support.aliyun_desk import CALL, LEG, Api, a_call, callback, dial_request, report

from voice_adapters.carriers.aliyun import AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.carriers.aliyun.legs import Legs, outside_name
from voice_domain.decide import decide
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import WordsHeard
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Capabilities, CarrierError, SpokenText, UnsupportedError
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookRequest
from voice_domain.speech import OPENING_ID
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


def spoken(text: str = "请问有什么可以帮您？", **changes: Any) -> SpokenText:
    fields: dict[str, Any] = {
        "speech_id": SpeechId("speech-1"),
        "part": 0,
        "text": text,
        "locale": "zh-CN",
        "interruptible": True,
        "then_listen": True,
    }
    return SpokenText(**{**fields, **changes})


def action(carrier: AliyunCarrier, request: WebhookRequest, *, over: bool = False) -> dict[str, Any]:
    """Have a question taken and answered, and return the answer without the call's name."""
    carrier.translate(request)
    data: dict[str, Any] = json.loads(carrier.respond(request, a_call(over=over)).body)["data"]
    assert data.pop("call_id") == LEG
    return data


@asynccontextmanager
async def speaking(carrier: AliyunCarrier, *texts: SpokenText) -> AsyncIterator[list[str]]:
    """Have texts spoken one after the other, and note those that were given to Aliyun."""
    given: list[str] = []

    async def speak() -> None:
        for text in texts:
            await carrier.speak(LEG, text)
            given.append(text.text)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(speak)
        await anyio.wait_all_tasks_blocked()
        yield given
        tasks.cancel_scope.cancel()


async def test_what_we_say_is_the_answer_to_the_next_question(carrier: AliyunCarrier) -> None:
    await carrier.dial(dial_request())
    async with speaking(carrier, spoken()) as given:
        assert given == []
        answered = action(carrier, callback("mute"))
        await anyio.wait_all_tasks_blocked()

        assert given == ["请问有什么可以帮您？"]
    assert answered == {
        "action": "play",
        "action_code": "$tts$",
        "action_code_param": '{"tts":"请问有什么可以帮您？"}',
        "action_break": True,
        "action_code_break": True,
        "mute_time": 1000,
        "dynamic_id": outside_name(CALL),
    }
    assert action(carrier, callback("mute")) == {"action": "donothing"}


async def test_what_may_not_be_interrupted_is_said_so(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken(interruptible=False)):
        answered = action(carrier, callback("mute"))

    assert (answered["action_break"], answered["action_code_break"]) == (False, False)
    assert "dynamic_id" not in answered


async def test_the_opening_is_not_said_twice(carrier: AliyunCarrier) -> None:
    await carrier.dial(dial_request())
    await carrier.speak(LEG, spoken(speech_id=OPENING_ID))

    assert action(carrier, callback("mute")) == {"action": "donothing"}


async def test_what_is_not_asked_for_in_time_fails_with_the_text_that_people_look_up(
    carrier: AliyunCarrier,
) -> None:
    began = anyio.current_time()
    with pytest.raises(CarrierError, match="回调地址不可达") as caught:
        await carrier.speak(LEG, spoken())

    assert 10 < anyio.current_time() - began < 15
    assert caught.value.retryable
    assert action(carrier, callback("mute")) == {"action": "donothing"}


async def test_nothing_can_be_said_into_a_call_that_reads_a_template(
    make_carrier: Callable[..., AliyunCarrier],
) -> None:
    carrier = make_carrier(tts_code="TTS_1")
    await carrier.dial(dial_request(mode=Mode.NOTIFY))
    await carrier.speak(LEG, spoken(speech_id=OPENING_ID))

    with pytest.raises(CarrierError, match="语音通知播放模板时不能插话"):
        await carrier.speak(LEG, spoken())


async def test_a_text_without_anything_to_read_waits_for_nobody(carrier: AliyunCarrier) -> None:
    await carrier.speak(LEG, spoken(" * ^ "))

    assert action(carrier, callback("mute")) == {"action": "donothing"}


async def test_words_overtake_what_was_about_to_be_said(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken("旧的回答")) as given:
        answered = action(carrier, callback("normal", words="等一下"))
        await anyio.wait_all_tasks_blocked()

        assert given == ["旧的回答"]
    assert answered == {"action": "donothing"}


async def test_words_do_not_overtake_a_farewell(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken("再见", interruptible=False)):
        assert action(carrier, callback("normal", words="等一下"))["action"] == "play"


async def test_a_newer_text_replaces_one_that_waits(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken("一")), speaking(carrier, spoken("二")):
        assert "二" in action(carrier, callback("mute"))["action_code_param"]
        assert action(carrier, callback("mute")) == {"action": "donothing"}


async def test_silence_stops_what_is_read_once_and_drops_what_waits(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken()):
        await carrier.silence(LEG)

    assert action(carrier, callback("timebreak", words="嗯", is_playing=True)) == {"action": "break"}
    assert action(carrier, callback("timebreak", words="嗯", is_playing=True)) == {"action": "donothing"}


async def test_silence_in_silence_does_nothing(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken()):
        await carrier.silence(LEG)

    assert action(carrier, callback("mute", is_playing=False)) == {"action": "donothing"}


async def test_listening_needs_no_request(carrier: AliyunCarrier, api: Api) -> None:
    await carrier.listen(LEG, locale="zh-CN")
    await carrier.stop_listening(LEG)

    assert api.requests == []


async def test_a_hang_up_is_the_answer_to_the_next_question_and_then_done(carrier: AliyunCarrier) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.hang_up, LEG)
        await anyio.wait_all_tasks_blocked()
        began = anyio.current_time()

        assert action(carrier, callback("mute")) == {"action": "hangup"}
    assert anyio.current_time() == began


async def test_what_is_wanted_waits_until_the_end_was_given(carrier: AliyunCarrier) -> None:
    assert not carrier.waits(LEG)

    await carrier.dial(dial_request())
    assert carrier.waits(LEG)
    await carrier.hang_up(LEG)
    assert carrier.waits(LEG)
    action(carrier, callback("mute"))
    assert not carrier.waits(LEG)


async def test_a_hang_up_wins_over_what_waits_to_be_said(carrier: AliyunCarrier) -> None:
    async with speaking(carrier, spoken()) as given, anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.hang_up, LEG)
        await anyio.wait_all_tasks_blocked()

        assert action(carrier, callback("mute")) == {"action": "hangup"}
        await anyio.wait_all_tasks_blocked()
        assert given != []


async def test_a_hang_up_that_nobody_asks_for_is_kept_for_the_next_question(carrier: AliyunCarrier) -> None:
    began = anyio.current_time()
    await carrier.hang_up(LEG)

    assert 5 < anyio.current_time() - began < 7
    assert action(carrier, callback("mute")) == {"action": "hangup"}
    assert action(carrier, callback("mute")) == {"action": "hangup"}


@pytest.mark.parametrize("code", ["200000", "200003", "200100"])
async def test_a_report_of_the_end_does_for_a_hang_up(carrier: AliyunCarrier, code: str) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.hang_up, LEG)
        await anyio.wait_all_tasks_blocked()
        began = anyio.current_time()
        carrier.translate(report(status_code=code))
    assert anyio.current_time() == began

    await carrier.hang_up(LEG)
    assert anyio.current_time() == began


async def test_a_call_that_is_over_for_us_is_hung_up_whenever_it_asks(carrier: AliyunCarrier) -> None:
    assert action(carrier, callback("normal", words="喂"), over=True) == {"action": "hangup"}


async def test_a_caller_is_not_left_in_silence(carrier: AliyunCarrier) -> None:
    request = callback("callin", caller="13900000000", callee="05710000000")

    assert carrier.translate(request) == ()
    assert action(carrier, request) == {"action": "hangup"}
    with pytest.raises(UnsupportedError):
        await carrier.answer(LEG)
    with pytest.raises(UnsupportedError):
        await carrier.reject(LEG, busy=True)


async def test_a_call_that_is_not_ours_is_left_alone(carrier: AliyunCarrier) -> None:
    response = carrier.respond(callback("normal", words="喂"), None)

    assert json.loads(response.body)["data"]["action"] == "donothing"


async def test_a_question_is_held_back_while_the_answer_is_being_thought_of(carrier: AliyunCarrier) -> None:
    thinking = decide(a_call(), WordsHeard(5, "几点？"), 5).call
    request = callback("normal", words="几点？")
    carrier.translate(request)
    async with anyio.create_task_group() as tasks:

        async def answer_soon() -> None:
            await anyio.sleep(0.8)
            await carrier.speak(LEG, spoken("三点。"))

        tasks.start_soon(answer_soon)
        began = anyio.current_time()
        await carrier.deliberate(request, thinking)

        assert round(anyio.current_time() - began, 3) == 0.8
        assert "三点。" in json.loads(carrier.respond(request, thinking).body)["data"]["action_code_param"]


@pytest.mark.parametrize(
    ("request_", "seconds"),
    [
        (callback("normal", words="几点？"), 1.5),
        (callback("mute"), 0),
        (report(status_code="200102"), 0),
    ],
)
async def test_only_what_was_just_said_is_worth_a_wait_and_a_short_one(
    carrier: AliyunCarrier, request_: WebhookRequest, seconds: float
) -> None:
    thinking = decide(a_call(), WordsHeard(5, "几点？"), 5).call
    carrier.translate(request_)
    began = anyio.current_time()
    await carrier.deliberate(request_, thinking)

    assert round(anyio.current_time() - began, 3) == seconds


async def test_of_many_questions_only_a_few_wait_for_an_answer(carrier: AliyunCarrier) -> None:
    thinking = decide(a_call(), WordsHeard(5, "几点？"), 5).call
    began, waits = anyio.current_time(), list[float]()

    async def ask(number: int) -> None:
        await carrier.deliberate(callback("normal", leg=f"{number}^1", words="几点？"), thinking)
        waits.append(round(anyio.current_time() - began, 3))

    for _ in range(2):
        began = anyio.current_time()
        waits.clear()
        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(ask, number)

        assert sorted(waits) == [0, 0, 1.5, 1.5, 1.5, 1.5]


async def test_nobody_waits_for_a_call_that_is_over_or_unknown_or_not_thinking(
    carrier: AliyunCarrier,
) -> None:
    request = callback("normal", words="几点？")
    began = anyio.current_time()
    for call in (None, a_call(over=True), a_call()):
        await carrier.deliberate(request, call)

    assert anyio.current_time() == began


async def test_what_became_of_a_call_is_asked_of_both_products(carrier: AliyunCarrier, api: Api) -> None:
    api.keep("")
    api.keep({"state": "200002"})
    status = await carrier.look_up(LEG)

    assert (status.alive, status.reason) == (False, EndReason.BUSY)
    assert [asked["ProdId"] for asked in api.asked] == ["11030000180001", "11010000138001"]


async def test_nothing_kept_of_a_call_says_nothing(carrier: AliyunCarrier, api: Api) -> None:
    api.refuse("isv.INVALID_PARAMETERS")
    api.keep("")

    assert (await carrier.look_up(LEG)).alive is None


async def test_a_question_that_is_refused_is_an_error(carrier: AliyunCarrier, api: Api) -> None:
    api.refuse("SignatureDoesNotMatch", 403)

    with pytest.raises(CarrierError, match="签名验证失败"):
        await carrier.look_up(LEG)


@attrs.frozen
class _JustAfterMidnight(Clock):
    def now_ms(self) -> int:
        return 1_769_961_600_000 + 60_000  # 2026-02-02 00:01 in China


async def test_shortly_after_midnight_yesterday_is_asked_for_too(client: AliyunClient, api: Api) -> None:
    carrier = AliyunCarrier(
        client=client, token=CallbackToken(lambda: "t"), scripts=Scripts(), clock=_JustAfterMidnight()
    )
    for _ in range(4):
        api.keep("")
    await carrier.look_up(LEG)

    days = [int(asked["QueryDate"]) for asked in api.asked]
    assert days == [1_769_961_660_000] * 2 + [1_769_961_660_000 - 7_200_000] * 2


async def test_a_dial_that_is_refused_raises_and_nobody_waits_for_it(
    carrier: AliyunCarrier, api: Api
) -> None:
    api.refuse("isv.AMOUNT_NOT_ENOUGH")

    with pytest.raises(CarrierError, match="余额不足"):
        await carrier.dial(dial_request())


async def test_it_declares_what_it_can_do(make_carrier: Callable[..., AliyunCarrier]) -> None:
    assert make_carrier().capabilities == Capabilities(native_speech=True, native_listening=True)
    assert not make_carrier(tts_code="TTS_1").capabilities.live_speech


def test_it_remembers_a_thousand_calls_and_forgets_the_oldest() -> None:
    legs = Legs()
    for number in range(1_002):
        legs.name(legs.expect(CallId(f"call-{number}"), asks=True), CarrierCallId(f"{number}^1"))

    assert len(legs) == 1_000
    assert legs.find(CarrierCallId("1^1")) is None
    assert legs.find(CarrierCallId("1001^1")) is not None
