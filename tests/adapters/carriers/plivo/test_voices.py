"""Who reads a text, and which language is listened to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plivo_grammar import faults_of

from voice_adapters.carriers.plivo.heard_languages import HEARD_LANGUAGES, heard_language
from voice_adapters.carriers.plivo.markup import Hangup, Response, Speak
from voice_adapters.carriers.plivo.voices import (
    DEFAULT_VOICE,
    LONGEST_TEXT,
    OPENAI_VOICES,
    VOICES,
    PlivoVoice,
    said,
    voice_for,
)

ZHIYU = PlivoVoice("Polly.Zhiyu", "cmn-CN")


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
        ("Polly.Joey", "Polly.Joey"),
        ("Polly.Ruth-Neural", "Polly.Ruth-Neural"),
        ("Google.en-US-Wavenet-A", "Polly.Joanna"),
        ('Polly.Joanna"/>', "Polly.Joanna"),
    ],
)
def test_a_configured_voice_reads_english(configured: str | None, voice: str) -> None:
    assert voice_for("Hello.", locale="en-US", configured=configured).name == voice


@pytest.mark.parametrize("configured", [*OPENAI_VOICES, None, "Polly.Joanna", "Polly.Vicki"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "zh-TW", "zh-HK", "yue-HK", "de-DE", "", "x"])
def test_a_chinese_text_is_read_by_a_chinese_voice_whatever_is_configured(
    configured: str | None, locale: str
) -> None:
    assert voice_for("你好, John", locale=locale, configured=configured) == ZHIYU


@pytest.mark.parametrize(
    ("text", "locale", "voice", "language"),
    [
        ("Hello", "zh-CN", "Polly.Zhiyu", "cmn-CN"),
        ("東京", "ja-JP", "Polly.Mizuki", "ja-JP"),
        ("こんにちは、東京", "en-US", "Polly.Mizuki", "ja-JP"),
        ("안녕하세요", "en-US", "Polly.Seoyeon", "ko-KR"),
        ("Guten Tag", "de-AT", "Polly.Marlene", "de-DE"),
        ("Olá", "pt-BR", "Polly.Vitoria", "pt-BR"),
        ("Olá", "pt_PT", "Polly.Ines", "pt-PT"),
        ("Hi", "en-GB", "Polly.Amy", "en-GB"),
        ("Hei", "nn-NO", "Polly.Liv", "nb-NO"),
        ("مرحبا", "ar-EG", "Polly.Zeina", "arb"),
        ("Saluton", "eo", "Polly.Joanna", "en-US"),
    ],
)
def test_every_language_has_its_voice(text: str, locale: str, voice: str, language: str) -> None:
    assert voice_for(text, locale=locale) == PlivoVoice(voice, language)


@pytest.mark.parametrize(
    ("configured", "locale", "voice"),
    [
        ("Polly.Vicki", "de-DE", "Polly.Vicki"),
        ("Polly.Vicki-Neural", "de-CH", "Polly.Vicki-Neural"),
        ("Polly.Vicki", "en-US", "Polly.Joanna"),
        ("Polly.Zhiyu-Neural", "zh-CN", "Polly.Zhiyu-Neural"),
        ("alloy", "fr-FR", "Polly.Celine"),
        ("onyx", "en-US", "Polly.Brian"),
    ],
)
def test_a_configured_voice_reads_its_own_language_only(configured: str, locale: str, voice: str) -> None:
    assert voice_for("123", locale=locale, configured=configured).name == voice


def test_every_voice_is_one_that_the_grammar_knows() -> None:
    for voice in (*VOICES.values(), *OPENAI_VOICES.values(), DEFAULT_VOICE):
        assert faults_of(Response((Speak("Hi", voice.name, voice.language),), Hangup()).xml) == []


@pytest.mark.parametrize(
    ("locale", "heard"),
    [
        ("zh-CN", "cmn-Hans-CN"),
        ("zh", "cmn-Hans-CN"),
        ("zh-Hans-CN", "cmn-Hans-CN"),
        ("zh-TW", "cmn-Hant-TW"),
        ("zh-Hant-TW", "cmn-Hant-TW"),
        ("zh-HK", "yue-Hant-HK"),
        ("yue-HK", "yue-Hant-HK"),
        ("en-US", "en-US"),
        ("en_gb", "en-GB"),
        ("en-JM", "en-US"),
        ("de-AT", "de-DE"),
        ("no-NO", "nb-NO"),
        ("es", "es-ES"),
        ("", "en-US"),
        ("tlh", "en-US"),
    ],
)
def test_every_locale_is_listened_to_in_a_language_that_is_known(locale: str, heard: str) -> None:
    assert heard_language(locale) == heard


@given(st.text(max_size=12))
def test_any_locale_leads_to_something_that_is_known(locale: str) -> None:
    assert heard_language(locale) in HEARD_LANGUAGES
    assert voice_for("Hello", locale=locale) in VOICES.values()


def test_a_long_text_is_cut_between_sentences() -> None:
    sentences = [f"This is sentence number {number}." for number in range(300)]

    pieces = [speak.text for speak in said(" ".join(sentences), locale="en-US")]

    assert len(pieces) == 3
    assert all(piece.endswith(".") for piece in pieces)
    assert " ".join(pieces) == " ".join(sentences)


def test_a_long_chinese_text_is_cut_between_sentences_too() -> None:
    text = "这是一个很长的句子，没有空格。" * 400

    pieces = [speak.text for speak in said(text, locale="zh-CN")]

    assert "".join(pieces) == text
    assert all(piece.endswith("。") for piece in pieces)


@given(st.text(st.sampled_from("ab .,。，"), max_size=9000))
def test_no_piece_is_longer_than_the_voice_reads_and_no_word_is_lost(text: str) -> None:
    pieces = [speak.text for speak in said(text, locale="en-US")]

    assert all(0 < len(piece) <= LONGEST_TEXT for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_without_blanks_is_cut_where_it_must_and_a_blank_one_is_nothing_to_say() -> None:
    assert [len(speak.text) for speak in said("a" * 5000, locale="en-US")] == [3000, 2000]
    assert said(" \n ", locale="en-US") == ()
