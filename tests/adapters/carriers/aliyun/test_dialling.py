"""What places a call: the parameters of each product, and everything that is refused before it costs money."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.aliyun_desk import CALL, Api, dial_request

from voice_adapters.carriers.aliyun import AliyunCarrier, Scripts
from voice_adapters.carriers.aliyun.legs import outside_name
from voice_adapters.carriers.aliyun.numbers import dialled_digits
from voice_adapters.carriers.aliyun.texts import LONGEST_TEXT, UnspeakableTextError, checked_text, spoken_text
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError

FILE = Path(__file__).parents[3] / "vectors" / "aliyun" / "actions.json"
ACTIONS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["actions"]
FORBIDDEN = '@=:"${}^*¥'


def test_a_conversation_opens_with_the_message_and_may_be_interrupted() -> None:
    order = Scripts().order(dial_request())

    assert order.action == "SmartCall"
    assert order.asks
    assert order.parameters == {
        "CalledShowNumber": "05710000000",
        "CalledNumber": "13900000000",
        "OutId": outside_name(CALL),
        "VoiceCode": "$message$",
        "VoiceCodeParam": '{"message":"您好，请问现在方便吗？"}',
        "ActionCodeBreak": "true",
        "DynamicId": outside_name(CALL),
        "MuteTime": "1000",
        "RecordFlag": "false",
        "SessionTimeout": "330",
    }


def test_a_notice_without_a_template_is_a_conversation_that_cannot_be_interrupted() -> None:
    order = Scripts().order(dial_request(mode=Mode.NOTIFY))

    assert (order.action, order.parameters["ActionCodeBreak"]) == ("SmartCall", "false")


def test_a_notice_with_a_template_fills_its_variable() -> None:
    order = Scripts(tts_code="TTS_1", tts_param="content").order(
        dial_request(mode=Mode.NOTIFY, opening="会议改到明天下午三点。")
    )

    assert order.action == "SingleCallByTts"
    assert not order.asks
    assert order.parameters == {
        "CalledShowNumber": "05710000000",
        "CalledNumber": "13900000000",
        "OutId": outside_name(CALL),
        "TtsCode": "TTS_1",
        "TtsParam": '{"content":"会议改到明天下午三点。"}',
        "PlayTimes": "1",
    }


def test_a_conversation_needs_no_template() -> None:
    assert Scripts(tts_code="TTS_1").order(dial_request()).action == "SmartCall"


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("tts_code", [None, "TTS_1"])
def test_every_parameter_is_known_to_the_interface_and_none_that_it_needs_is_missing(
    mode: Mode, tts_code: str | None
) -> None:
    order = Scripts(tts_code=tts_code).order(dial_request(mode=mode))
    known = ACTIONS[order.action]["request"]

    assert set(order.parameters) <= set(known)
    assert {name for name, rule in known.items() if rule.get("required")} <= set(order.parameters)


def test_files_open_a_conversation_alone_or_with_the_message() -> None:
    alone = Scripts(voice_code="abc-0000.wav").order(dial_request())
    mixed = Scripts(voice_code="abc-0000.wav,$message$").order(dial_request())

    assert "VoiceCodeParam" not in alone.parameters
    assert (mixed.parameters["VoiceCode"], "message" in mixed.parameters["VoiceCodeParam"]) == (
        "abc-0000.wav,$message$",
        True,
    )


@pytest.mark.parametrize(
    ("cap_ms", "seconds"), [(1, "1"), (1_000, "1"), (1_001, "2"), (3_600_000, "3600"), (9_999_999, "3600")]
)
def test_a_conversation_ends_by_itself_in_time(cap_ms: int, seconds: str) -> None:
    assert Scripts().order(dial_request(cap_ms=cap_ms)).parameters["SessionTimeout"] == seconds


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("scripts", "opening", "text"),
    [
        ({"tts_code": "TTS_1"}, "   ", "通知内容为空"),
        ({"tts_code": "TTS_1"}, "字" * (LONGEST_TEXT + 1), "通知内容有 1001 个字符"),
        ({"tts_code": "TTS_1"}, "会议在15:30开始", "不允许的字符 :"),
        ({}, " \n ", "开场内容为空"),
        ({"voice_code": "$name$,$message$"}, "您好", "变量 name 没有内容"),
    ],
)
async def test_what_cannot_be_read_is_refused_before_anything_is_asked(
    make_carrier: Any, api: Api, scripts: dict[str, str], opening: str, text: str
) -> None:
    carrier: AliyunCarrier = make_carrier(**scripts)

    with pytest.raises(CarrierError, match=text):
        await carrier.dial(dial_request(mode=Mode.NOTIFY, opening=opening))
    assert api.requests == []


@pytest.mark.parametrize("character", FORBIDDEN)
def test_a_template_is_not_given_what_it_may_not_hold(character: str) -> None:
    with pytest.raises(UnspeakableTextError, match="15点30分"):
        checked_text(f"一{character}二")


def test_a_template_takes_a_message_of_exactly_its_longest() -> None:
    assert checked_text(f" 一\n{'字' * (LONGEST_TEXT - 2)} ") == f"一 {'字' * (LONGEST_TEXT - 2)}"


@given(st.text(max_size=1_200))
def test_whatever_is_said_in_a_conversation_can_be_read(text: str) -> None:
    spoken = spoken_text(text)

    assert not set(spoken) & set(FORBIDDEN)
    assert "\n" not in spoken
    assert len(spoken) <= LONGEST_TEXT


def test_a_conversation_keeps_the_sound_of_what_it_may_not_say() -> None:
    assert spoken_text('时间: "15:30", a@b.com') == "时间： ”15：30”, a＠b.com"


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+8613900000000", "13900000000"),
        ("+865710000000", "05710000000"),
        ("+861012345678", "01012345678"),
        ("+85291234567", "85291234567"),
        ("+15550001234", "15550001234"),
    ],
)
def test_mainland_numbers_are_national_and_all_others_have_their_country_code(
    number: str, digits: str
) -> None:
    assert dialled_digits(PhoneNumber(number)) == digits


@given(st.uuids())
def test_a_calls_outside_name_fits_and_is_its_own(uuid: Any) -> None:
    name = outside_name(CallId(str(uuid)))

    assert len(name.encode()) == 15
    assert name.isalnum()
    assert name == outside_name(CallId(str(uuid))) != outside_name(CALL)
