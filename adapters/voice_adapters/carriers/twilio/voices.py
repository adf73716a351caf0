"""Which of Twilio's voices reads a text (www.twilio.com/docs/voice/twiml/say).

What the text is written in decides, then the call's language, then what is configured.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from voice_adapters.carriers.twilio.twiml import Say, readable_text

__all__ = ("DEFAULT_VOICE", "OPENAI_VOICES", "VOICES", "TwilioVoice", "said", "voice_for")


@attrs.frozen
class TwilioVoice:
    """A voice and the language that it speaks, in Twilio's words; no name for Twilio's own choice."""

    name: str | None
    language: str


DEFAULT_VOICE: Final = TwilioVoice("Polly.Joanna", "en-US")

OPENAI_VOICES: Mapping[str, TwilioVoice] = MappingProxyType(
    {
        "alloy": DEFAULT_VOICE,
        "echo": TwilioVoice("Polly.Matthew", "en-US"),
        "fable": TwilioVoice("Polly.Amy", "en-GB"),
        "onyx": TwilioVoice("Polly.Brian", "en-GB"),
        "nova": TwilioVoice("Polly.Salli", "en-US"),
        "shimmer": TwilioVoice("Polly.Kimberly", "en-US"),
    }
)
"""What stands in for a configured voice of OpenAI's."""

_POLLY = (
    "ar Zeina arb,da Naja da-DK,de Marlene de-DE,en Joanna en-US,en-AU Nicole en-AU,en-GB Amy en-GB,"
    "en-IN Raveena en-IN,es Conchita es-ES,es-MX Mia es-MX,es-US Penelope es-US,fr Celine fr-FR,"
    "fr-CA Chantal fr-CA,hi Aditi hi-IN,is Dora is-IS,it Carla it-IT,ja Mizuki ja-JP,ko Seoyeon ko-KR,"
    "nb Liv nb-NO,nl Lotte nl-NL,pl Ewa pl-PL,pt Ines pt-PT,pt-BR Vitoria pt-BR,ro Carmen ro-RO,"
    "ru Tatyana ru-RU,sv Astrid sv-SE,tr Filiz tr-TR,cy Gwyneth cy-GB,zh Zhiyu cmn-CN,"
    "yue Hiujin-Neural yue-HK,ca Arlet-Neural ca-ES,fi Suvi-Neural fi-FI"
)
_OTHERS = (
    "ar Hala Zayd,da Mads Sofie,de Vicki Hans Daniel Hannah,es Lucia Enrique Sergio,es-MX Andres,"
    "es-US Lupe Miguel Pedro,fr Lea Mathieu Remi,fr-CA Gabrielle Liam,hi Kajal,is Karl,it Bianca Giorgio Adriano,"
    "ja Takumi Kazuha Tomoko,ko Jihye,nb Ida,nl Ruben Laura,pl Jacek Jan Maja Ola,pt Cristiano,"
    "pt-BR Camila Ricardo Thiago,ru Maxim,sv Elin,tr Burcu"
)
_UNNAMED = (
    "af af-ZA,bg bg-BG,bn bn-IN,cs cs-CZ,el el-GR,fil fil-PH,gu gu-IN,he he-IL,hu hu-HU,id id-ID,kn kn-IN,lv lv-LV,"
    "ml ml-IN,mr mr-IN,ms ms-MY,pa pa-IN,sk sk-SK,sr sr-RS,ta ta-IN,te te-IN,th th-TH,uk uk-UA,vi vi-VN"
)

VOICES: Mapping[str, TwilioVoice] = MappingProxyType(
    {
        **{
            locale: TwilioVoice(f"Polly.{name}", language)
            for locale, name, language in (row.split() for row in _POLLY.split(","))
        },
        **{
            locale: TwilioVoice(None, language)
            for locale, language in (row.split() for row in _UNNAMED.split(","))
        },
    }
)
"""By language, or language and region where the region has a voice of its own."""

_ALIASES: Mapping[str, str] = MappingProxyType(
    {"cmn": "zh", "no": "nb", "nn": "nb", "iw": "he", "tl": "fil", "in": "id", "zh-hk": "yue", "zh-mo": "yue"}
)
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL: Final = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_CONFIGURED: Final = re.compile(r"(Polly\.[A-Za-z]+(-Neural|-Generative)?|Google\.[A-Za-z0-9-]+)")
_LIMITS: Final = {"Polly": 3000, "Google": 5000}
_BASIC_LIMIT: Final = 4096
_LANGUAGE_OF_NAME: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"Polly.{name}": VOICES[locale].language
            for locale, *names in (row.split() for row in _OTHERS.split(","))
            for name in names
        },
        **{voice.name: voice.language for voice in VOICES.values() if voice.name},
        **{voice.name: voice.language for voice in OPENAI_VOICES.values() if voice.name},
    }
)
_CUTS: Final = tuple(re.compile(ends) for ends in (r"[.!?…]\s|[。！？]", r"[,;:]\s|[，；：、]", r"\s"))
"""Where a long text may be cut: better at a sentence's end than at a comma, better there than at a blank."""


def voice_for(text: str, *, locale: str, configured: str | None = None) -> TwilioVoice:
    """Return the voice for *text* in a call whose language is *locale* (BCP 47).

    *configured* is a voice of Twilio's (`Polly.…`, `Google.…`) or of OpenAI's; any other counts as none. It reads
    the texts of its own language only: a Chinese text is always read by a Chinese voice.
    """
    wanted = _fitting(_written_in(text, locale))
    chosen = _named(configured)
    if chosen is None or _language(chosen.language) != _language(wanted.language):
        return wanted
    return chosen


def said(text: str, *, locale: str, configured: str | None = None) -> tuple[Say, ...]:
    """Return *text* as verbs, cut where the voice could not read it in one; nothing for a blank text."""
    voice = voice_for(text, locale=locale, configured=configured)
    limit = _LIMITS.get((voice.name or "").partition(".")[0], _BASIC_LIMIT)
    return tuple(Say(piece, voice.name, voice.language) for piece in _pieces(readable_text(text), limit))


def _written_in(text: str, locale: str) -> str:
    """Return the locale whose script *text* is written in: *locale* unless it cannot be."""
    language = _language(locale)
    if _KANA.search(text):
        return "ja-JP"
    if _HANGUL.search(text):
        return "ko-KR"
    if _HAN.search(text) and language not in ("zh", "yue", "ja"):
        return "zh-CN"
    return locale


def _fitting(locale: str) -> TwilioVoice:
    language, region = _language(locale), _region(locale)
    return VOICES.get(f"{language}-{region}") or VOICES.get(language) or DEFAULT_VOICE


def _named(configured: str | None) -> TwilioVoice | None:
    name = (configured or "").strip()
    if name.lower() in OPENAI_VOICES:
        return OPENAI_VOICES[name.lower()]
    if not _CONFIGURED.fullmatch(name):
        return None
    if name.startswith("Google."):
        return TwilioVoice(name, "-".join(name.removeprefix("Google.").split("-")[:2]))
    plain = name.removesuffix("-Neural").removesuffix("-Generative")
    language = _LANGUAGE_OF_NAME.get(name) or _LANGUAGE_OF_NAME.get(plain)
    # English has more voices than anybody lists; the names of other languages are all in the table.
    return TwilioVoice(name, language or DEFAULT_VOICE.language)


def _language(locale: str) -> str:
    tags = locale.replace("_", "-").lower().split("-")
    dialect = "-".join((tags[0], tags[-1]))
    return _ALIASES.get(dialect) or _ALIASES.get(tags[0]) or ("ar" if tags[0] == "arb" else tags[0])


def _region(locale: str) -> str:
    return locale.replace("_", "-").split("-")[-1].upper()


def _pieces(text: str, limit: int) -> Iterator[str]:
    while len(text) > limit:
        cut = _cut(text, limit)
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def _cut(text: str, limit: int) -> int:
    for ends in _CUTS:
        places = [found.end() for found in ends.finditer(text, 0, limit)]
        if places:
            return places[-1]
    return limit
