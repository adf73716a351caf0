"""Who reads a text, and which language is listened to."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.twilio.heard_languages import HEARD_LANGUAGES, heard_language
from voice_adapters.carriers.twilio.voices import OPENAI_VOICES, VOICES, TwilioVoice, said, voice_for

NODES = json.loads(
    (Path(__file__).parents[3] / "vectors" / "twilio" / "grammar.json").read_text(encoding="utf-8")
)["nodes"]
SAY, GATHER = NODES["Say"]["attributes"], NODES["Gather"]["attributes"]


def read_by(text: str, locale: str = "en-US", configured: str | None = None) -> str | None:
    return voice_for(text, locale=locale, configured=configured).name


@pytest.mark.parametrize(
    ("configured", "voice"),
    [
        ("alloy", "Polly.Joanna"),
        ("echo", "Polly.Matthew"),
        ("Fable", "Polly.Amy"),
        ("onyx", "Polly.Brian"),
        ("NOVA", "Polly.Salli"),
        ("shimmer", "Polly.Kimberly"),
        ("marin", "Polly.Joanna"),
        ("", "Polly.Joanna"),
        (None, "Polly.Joanna"),
        ("Polly.Ruth-Neural", "Polly.Ruth-Neural"),
        ("Google.en-US-Chirp3-HD-Aoede", "Google.en-US-Chirp3-HD-Aoede"),
        ('Polly.Joanna"/>', "Polly.Joanna"),
    ],
)
def test_a_configured_voice_reads_english(configured: str | None, voice: str) -> None:
    assert read_by("Hello.", configured=configured) == voice


@pytest.mark.parametrize("configured", [*OPENAI_VOICES, None, "Polly.Joanna", "Google.en-US-Wavenet-A"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "de-DE", "fr-FR", "", "x"])
def test_a_chinese_text_is_read_by_a_chinese_voice_whatever_is_configured(
    configured: str | None, locale: str
) -> None:
    assert voice_for("你好, John", locale=locale, configured=configured) == TwilioVoice(
        "Polly.Zhiyu", "cmn-CN"
    )


@pytest.mark.parametrize(
    ("text", "locale", "voice", "language"),
    [
        ("Hello", "zh-CN", "Polly.Zhiyu", "cmn-CN"),
        ("你好", "zh-TW", "Polly.Zhiyu", "cmn-CN"),
        ("你好", "zh-HK", "Polly.Hiujin-Neural", "yue-HK"),
        ("你好", "yue-Hant-HK", "Polly.Hiujin-Neural", "yue-HK"),
        ("東京", "ja-JP", "Polly.Mizuki", "ja-JP"),
        ("こんにちは、東京", "en-US", "Polly.Mizuki", "ja-JP"),
        ("안녕하세요", "en-US", "Polly.Seoyeon", "ko-KR"),
        ("Guten Tag", "de-AT", "Polly.Marlene", "de-DE"),
        ("Olá", "pt-BR", "Polly.Vitoria", "pt-BR"),
        ("Olá", "pt_PT", "Polly.Ines", "pt-PT"),
        ("Hi", "en-GB", "Polly.Amy", "en-GB"),
        ("Hi", "EN", "Polly.Joanna", "en-US"),
        ("Xin chào", "vi-VN", None, "vi-VN"),
        ("Saluton", "eo", "Polly.Joanna", "en-US"),
        ("مرحبا", "ar-EG", "Polly.Zeina", "arb"),
    ],
)
def test_every_language_has_its_voice(text: str, locale: str, voice: str | None, language: str) -> None:
    assert voice_for(text, locale=locale) == TwilioVoice(voice, language)


@pytest.mark.parametrize(
    ("configured", "locale", "voice"),
    [
        ("Polly.Vicki", "de-DE", "Polly.Vicki"),
        ("Polly.Vicki-Neural", "de-CH", "Polly.Vicki-Neural"),
        ("Polly.Vicki", "en-US", "Polly.Joanna"),
        ("Polly.Zhiyu-Neural", "zh-CN", "Polly.Zhiyu-Neural"),
        ("Google.cmn-CN-Wavenet-A", "zh-CN", "Google.cmn-CN-Wavenet-A"),
        ("alloy", "fr-FR", "Polly.Celine"),
        ("onyx", "en-US", "Polly.Brian"),
    ],
)
def test_a_configured_voice_reads_its_own_language_only(configured: str, locale: str, voice: str) -> None:
    assert read_by("123", locale, configured) == voice


def test_every_voice_and_language_is_one_that_the_grammar_knows() -> None:
    for voice in (*VOICES.values(), *OPENAI_VOICES.values()):
        assert voice.language in SAY["language"]["enum"]
        assert voice.name is None or re.fullmatch(SAY["voice"]["pattern"], voice.name)
    assert set(GATHER["language"]["enum"]) >= HEARD_LANGUAGES


@pytest.mark.parametrize(
    ("locale", "heard"),
    [
        ("zh-CN", "cmn-Hans-CN"),
        ("zh", "cmn-Hans-CN"),
        ("zh-Hans-CN", "cmn-Hans-CN"),
        ("zh-TW", "cmn-Hant-TW"),
        ("zh-Hant-TW", "cmn-Hant-TW"),
        ("zh-HK", "yue-Hant-HK"),
        ("zh-Hant-HK", "yue-Hant-HK"),
        ("yue-HK", "yue-Hant-HK"),
        ("en-US", "en-US"),
        ("en_gb", "en-GB"),
        ("en-JM", "en-US"),
        ("de-AT", "de-DE"),
        ("no-NO", "nb-NO"),
        ("pa-IN", "pa-guru-IN"),
        ("fr", "fr-FR"),
        ("", "en-US"),
        ("tlh", "en-US"),
    ],
)
def test_every_locale_is_listened_to_in_a_language_that_twilio_knows(locale: str, heard: str) -> None:
    assert heard_language(locale) == heard


@given(st.text(max_size=12))
def test_any_locale_leads_to_something_that_twilio_knows(locale: str) -> None:
    voice = voice_for("Hello", locale=locale)

    assert heard_language(locale) in GATHER["language"]["enum"]
    assert voice.language in SAY["language"]["enum"]


def test_a_long_text_is_cut_between_sentences() -> None:
    sentences = [f"This is sentence number {number}." for number in range(300)]

    pieces = [say.text for say in said(" ".join(sentences), locale="en-US")]

    assert len(pieces) == 3
    assert all(len(piece) <= 3000 and piece.endswith(".") for piece in pieces)
    assert " ".join(pieces) == " ".join(sentences)


def test_a_long_chinese_text_is_cut_between_sentences_too() -> None:
    text = "这是一个很长的句子，没有空格。" * 400

    pieces = [say.text for say in said(text, locale="zh-CN")]

    assert "".join(pieces) == text
    assert all(len(piece) <= 3000 and piece.endswith("。") for piece in pieces)


@given(st.text(st.sampled_from("ab .,。，"), max_size=9000))
def test_no_piece_is_longer_than_the_voice_reads_and_no_word_is_lost(text: str) -> None:
    pieces = [say.text for say in said(text, locale="en-US")]

    assert all(0 < len(piece) <= 3000 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_google_voices_read_longer_texts_and_blank_ones_are_nothing_to_say() -> None:
    text = "a" * 5000

    assert len(said(text, locale="en-US", configured="Google.en-US-Wavenet-A")) == 1
    assert len(said(text, locale="en-US")) == 2
    assert len(said(text, locale="vi-VN")) == 2
    assert said(" \n ", locale="en-US") == ()
