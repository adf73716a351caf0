"""Speaking and listening with Telnyx's own voices: which voice, in which order, and what is cut."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_adapters.carriers.telnyx.heard_languages import HEARD_LANGUAGES, heard_language
from voice_adapters.carriers.telnyx.voices import LONGEST_TEXT, NAMED_LANGUAGES, VOICES, pieces, voice_for
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.ports.carrier import CarrierError, SpokenText

if TYPE_CHECKING:
    from conftest import Api

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("v3:fake-call-control-id-0001")


def text_of(text: str, *, locale: str = "en-US", then_listen: bool = True, part: int = 0) -> SpokenText:
    return SpokenText(
        speech_id=SpeechId("s-1"),
        part=part,
        text=text,
        locale=locale,
        interruptible=True,
        then_listen=then_listen,
    )


async def test_a_text_replaces_what_is_read_and_comes_back_with_its_name(
    carrier: TelnyxCarrier, api: "Api"
) -> None:
    await carrier.speak(LEG, text_of("Hello.", then_listen=False, part=3))

    ((name, fields),) = api.commands
    state = ClientState(role=Role.SPEECH, speech_id=SpeechId("s-1"), part=3)
    assert name == "speak"
    assert fields.pop("command_id").startswith("speak-")
    assert fields == {
        "payload": "Hello.",
        "payload_type": "text",
        "voice": "AWS.Polly.Joanna",
        "language": "en-US",
        "stop": "all",
        "client_state": state.encoded,
    }


async def test_whoever_is_to_be_heard_afterwards_is_heard_from_the_beginning(
    carrier: TelnyxCarrier, api: "Api"
) -> None:
    await carrier.speak(LEG, text_of("Hello."))
    await carrier.speak(LEG, text_of("And now?"))
    await carrier.speak(LEG, text_of("Goodbye.", then_listen=False))

    names = [name for name, _ in api.commands]
    assert names == ["transcription_start", "speak", "speak", "transcription_stop", "speak"]
    (_, started) = api.commands[0]
    assert started.pop("command_id").startswith("listen-")
    assert started == {
        "transcription_engine": "Google",
        "transcription_engine_config": {
            "transcription_engine": "Google",
            "language": "en",
            "interim_results": True,
        },
        "transcription_tracks": "inbound",
    }


async def test_a_long_text_is_read_in_pieces_and_only_the_last_one_is_its_end(
    carrier: TelnyxCarrier, api: "Api"
) -> None:
    sentence = "This is a sentence of some length that is said again and again. "

    await carrier.speak(LEG, text_of(sentence * 100, then_listen=False))

    commands = [fields for _, fields in api.commands]
    read = [fields["payload"] for fields in commands]
    assert len(read) == 3
    assert " ".join(read) == (sentence * 100).strip()
    assert all(len(text) <= LONGEST_TEXT and text.endswith(".") for text in read)
    assert ["stop" in fields for fields in commands] == [True, False, False]
    named = [ClientState.decoded(fields["client_state"]).speech_id for fields in commands]
    assert named == [None, None, "s-1"]
    assert len({fields["command_id"] for fields in commands}) == 3


async def test_a_blank_text_is_refused_before_anything_is_asked(carrier: TelnyxCarrier, api: "Api") -> None:
    with pytest.raises(CarrierError, match="the text is blank"):
        await carrier.speak(LEG, text_of(" \n"))

    assert api.requests == []


async def test_listening_that_goes_on_already_is_done(carrier: TelnyxCarrier, api: "Api") -> None:
    api.answers = [api.refuse("90054")]

    await carrier.listen(LEG, locale="en-US")
    await carrier.listen(LEG, locale="en-GB")

    assert [name for name, _ in api.commands] == ["transcription_start"]


async def test_another_language_is_listened_to_anew(carrier: TelnyxCarrier, api: "Api") -> None:
    await carrier.listen(LEG, locale="en-US")
    await carrier.listen(LEG, locale="zh-CN")

    names = [name for name, _ in api.commands]
    assert names == ["transcription_start", "transcription_stop", "transcription_start"]
    assert api.commands[-1][1]["transcription_engine_config"]["language"] == "zh"


async def test_listening_that_was_refused_is_tried_again(carrier: TelnyxCarrier, api: "Api") -> None:
    api.answers = [api.refuse("10015")]

    with pytest.raises(CarrierError, match="code 10015"):
        await carrier.listen(LEG, locale="en-US")
    await carrier.listen(LEG, locale="en-US")

    assert [name for name, _ in api.commands] == ["transcription_start"] * 2


async def test_stopping_twice_asks_once(carrier: TelnyxCarrier, api: "Api") -> None:
    await carrier.listen(LEG, locale="en-US")
    await carrier.stop_listening(LEG)
    await carrier.stop_listening(LEG)

    assert [name for name, _ in api.commands] == ["transcription_start", "transcription_stop"]


@pytest.mark.parametrize("code", ["90018", "90034"])
async def test_a_call_that_is_over_or_not_up_is_silent(carrier: TelnyxCarrier, api: "Api", code: str) -> None:
    api.answers = [api.refuse(code)]

    await carrier.silence(LEG)

    assert api.commands[0][1]["stop"] == "all"


async def test_a_voice_that_cannot_be_silenced_is_told(carrier: TelnyxCarrier, api: "Api") -> None:
    api.answers = [api.refuse("10015")]

    with pytest.raises(CarrierError):
        await carrier.silence(LEG)


async def test_a_configured_voice_reads_its_own_language_and_chinese_is_read_by_a_chinese_one(
    make_carrier: Callable[..., TelnyxCarrier], api: "Api"
) -> None:
    carrier = make_carrier(voice="echo")

    await carrier.speak(LEG, text_of("Hello.", then_listen=False))
    await carrier.speak(LEG, text_of("您好。", then_listen=False))

    assert [fields["voice"] for _, fields in api.commands] == ["AWS.Polly.Matthew", "AWS.Polly.Zhiyu"]
    assert api.commands[1][1]["language"] == "cmn-CN"


@pytest.mark.parametrize(
    ("text", "locale", "configured", "voice"),
    [
        ("Hello.", "en-GB", None, "AWS.Polly.Amy"),
        ("Hello.", "en-NZ", None, "AWS.Polly.Joanna"),
        ("Hello.", "xx", None, "AWS.Polly.Joanna"),
        ("Guten Tag.", "de-AT", "nova", "AWS.Polly.Marlene"),
        ("Guten Tag.", "de", "AWS.Polly.Vicki", "AWS.Polly.Marlene"),
        ("Hello.", "en-US", "AWS.Polly.Danielle-Neural", "AWS.Polly.Danielle-Neural"),
        ("Hello.", "en-US", "Telnyx.KokoroTTS.af", "Telnyx.KokoroTTS.af"),
        ("Hello.", "en-US", "Azure.en-US-AvaNeural", "Azure.en-US-AvaNeural"),
        ("Hello.", "en-US", "<x>", "AWS.Polly.Joanna"),
        ("你好", "en-US", "Telnyx.KokoroTTS.af", "AWS.Polly.Zhiyu"),
        ("你好", "zh-CN", "Azure.zh-CN-XiaoxiaoNeural", "Azure.zh-CN-XiaoxiaoNeural"),
        ("你好", "zh-HK", None, "AWS.Polly.Hiujin-Neural"),
        ("你好", "zh-TW", None, "Azure.zh-TW-HsiaoChenNeural"),
        ("こんにちは", "en-US", None, "AWS.Polly.Mizuki"),
        ("日本語", "ja-JP", None, "AWS.Polly.Mizuki"),
        ("안녕", "en-US", None, "AWS.Polly.Seoyeon"),
        ("Xin chào", "vi-VN", None, "Azure.vi-VN-HoaiMyNeural"),
    ],
)
def test_the_script_of_a_text_then_the_language_of_the_call_then_the_settings_choose_the_voice(
    text: str, locale: str, configured: str | None, voice: str
) -> None:
    assert voice_for(text, locale=locale, configured=configured).name == voice


def test_a_language_is_named_only_if_telnyx_lists_it() -> None:
    unnamed = {locale for locale, voice in VOICES.items() if voice.language not in NAMED_LANGUAGES}

    assert {"yue", "ca", "fi", "vi", "zh-TW"} <= unnamed
    assert not {"en", "zh", "de", "ja", "ar"} & unnamed


@pytest.mark.parametrize("text", ["a" * 7_000, "a " * 4_000, "好，" * 2_500, "x" * 2_999 + ". y"])
def test_no_piece_is_too_long_and_nothing_is_lost(text: str) -> None:
    parts = list(pieces(text))

    assert all(0 < len(part) <= LONGEST_TEXT for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("en-US", "en"),
        ("zh-CN", "zh"),
        ("zh_TW", "zh"),
        ("zh-HK", "yue"),
        ("zh-Hant-HK", "yue"),
        ("cmn-Hans-CN", "zh"),
        ("nb-NO", "no"),
        ("he", "iw"),
        ("tlh", "en"),
        ("", "en"),
    ],
)
def test_a_locale_is_listened_to_under_its_short_code(locale: str, code: str) -> None:
    assert heard_language(locale) == code
    assert code in HEARD_LANGUAGES
