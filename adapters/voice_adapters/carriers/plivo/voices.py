"""Which voice reads a text at Plivo (www.plivo.com/docs/voice/concepts/ssml): Amazon's, by the name `Polly.…`.

What the text is written in decides, then the call's language, then what is configured.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from voice_adapters.carriers.plivo.markup import Speak, readable_text

__all__ = ("DEFAULT_VOICE", "LONGEST_TEXT", "OPENAI_VOICES", "VOICES", "PlivoVoice", "said", "voice_for")

LONGEST_TEXT: Final = 3000
"""Characters that one element reads."""


@attrs.frozen
class PlivoVoice:
    """A voice, and the language that it speaks, in Amazon's words."""

    name: str
    language: str


DEFAULT_VOICE: Final = PlivoVoice("Polly.Joanna", "en-US")

OPENAI_VOICES: Mapping[str, PlivoVoice] = MappingProxyType(
    {
        "alloy": DEFAULT_VOICE,
        "echo": PlivoVoice("Polly.Matthew", "en-US"),
        "fable": PlivoVoice("Polly.Amy", "en-GB"),
        "onyx": PlivoVoice("Polly.Brian", "en-GB"),
        "nova": PlivoVoice("Polly.Salli", "en-US"),
        "shimmer": PlivoVoice("Polly.Kimberly", "en-US"),
    }
)
"""What stands in for a configured voice of OpenAI's."""

# Plivo's page names 27 languages; they are those that Amazon's standard voices speak.
_FIRST = (
    "ar Zeina arb,cy Gwyneth cy-GB,da Naja da-DK,de Marlene de-DE,en Joanna en-US,en-AU Nicole en-AU,en-GB Amy en-GB,"
    "en-IN Raveena en-IN,es Conchita es-ES,es-MX Mia es-MX,es-US Penelope es-US,fr Celine fr-FR,fr-CA Chantal fr-CA,"
    "hi Aditi hi-IN,is Dora is-IS,it Carla it-IT,ja Mizuki ja-JP,ko Seoyeon ko-KR,nb Liv nb-NO,nl Lotte nl-NL,"
    "pl Ewa pl-PL,pt Ines pt-PT,pt-BR Vitoria pt-BR,ro Carmen ro-RO,ru Tatyana ru-RU,sv Astrid sv-SE,tr Filiz tr-TR,"
    "zh Zhiyu cmn-CN"
)
_OTHERS = (
    "da Mads,de Vicki Hans,es Lucia Enrique,es-US Miguel Lupe,fr Lea Mathieu,is Karl,it Bianca Giorgio,ja Takumi,"
    "nl Ruben,pl Jacek Jan Maja,pt Cristiano,pt-BR Camila Ricardo,ru Maxim"
)

VOICES: Mapping[str, PlivoVoice] = MappingProxyType(
    {
        locale: PlivoVoice(f"Polly.{name}", language)
        for locale, name, language in (row.split() for row in _FIRST.split(","))
    }
)
"""By language, or language and region where the region has a voice of its own."""

# There is no Cantonese voice; Mandarin is nearer to whoever reads Chinese than anything else.
_ALIASES: Mapping[str, str] = MappingProxyType(
    {"cmn": "zh", "yue": "zh", "arb": "ar", "no": "nb", "nn": "nb", "fil": "en"}
)
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL: Final = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_CONFIGURED: Final = re.compile(r"Polly\.[A-Za-z]+(-Neural)?")
_LANGUAGE_OF_NAME: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"Polly.{name}": VOICES[locale].language
            for locale, *names in (row.split() for row in _OTHERS.split(","))
            for name in names
        },
        **{voice.name: voice.language for voice in (*VOICES.values(), *OPENAI_VOICES.values())},
    }
)
_CUTS: Final = tuple(re.compile(ends) for ends in (r"[.!?…]\s|[。！？]", r"[,;:]\s|[，；：、]", r"\s"))
"""Where a long text may be cut: better at a sentence's end than at a comma, better there than at a blank."""


def voice_for(text: str, *, locale: str, configured: str | None = None) -> PlivoVoice:
    """Return the voice for *text* in a call whose language is *locale* (BCP 47).

    *configured* is a voice of Amazon's (`Polly.…`) or of OpenAI's; any other counts as none. It reads the texts of its
    own language only: a Chinese text is always read by a Chinese voice.
    """
    wanted = _fitting(_written_in(text, locale))
    chosen = _named(configured)
    if chosen is None or _language(chosen.language) != _language(wanted.language):
        return wanted
    return chosen


def said(text: str, *, locale: str, configured: str | None = None) -> tuple[Speak, ...]:
    """Return *text* as elements, cut where the voice could not read it in one; nothing for a blank text."""
    voice = voice_for(text, locale=locale, configured=configured)
    return tuple(Speak(piece, voice.name, voice.language) for piece in _pieces(readable_text(text)))


def _written_in(text: str, locale: str) -> str:
    """Return the locale whose script *text* is written in: *locale* unless it cannot be."""
    if _KANA.search(text):
        return "ja-JP"
    if _HANGUL.search(text):
        return "ko-KR"
    if _HAN.search(text) and _language(locale) not in ("zh", "ja"):
        return "zh-CN"
    return locale


def _fitting(locale: str) -> PlivoVoice:
    language, region = _language(locale), locale.replace("_", "-").split("-")[-1].upper()
    return VOICES.get(f"{language}-{region}") or VOICES.get(language) or DEFAULT_VOICE


def _named(configured: str | None) -> PlivoVoice | None:
    name = (configured or "").strip()
    if name.lower() in OPENAI_VOICES:
        return OPENAI_VOICES[name.lower()]
    if not _CONFIGURED.fullmatch(name):
        return None
    # English has more voices than anybody lists; the names of other languages are all in the table.
    language = _LANGUAGE_OF_NAME.get(name.removesuffix("-Neural"), DEFAULT_VOICE.language)
    return PlivoVoice(name, language)


def _language(locale: str) -> str:
    language = locale.replace("_", "-").lower().split("-")[0]
    return _ALIASES.get(language, language)


def _pieces(text: str) -> Iterator[str]:
    while len(text) > LONGEST_TEXT:
        cut = _cut(text)
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def _cut(text: str) -> int:
    for ends in _CUTS:
        places = [found.end() for found in ends.finditer(text, 0, LONGEST_TEXT)]
        if places:
            return places[-1]
    return LONGEST_TEXT
