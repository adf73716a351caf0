"""Which voice reads a text at Telnyx (developers.telnyx.com/api/call-control, speak).

What the text is written in decides, then the call's language, then what is configured.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = (
    "DEFAULT_VOICE",
    "LONGEST_TEXT",
    "NAMED_LANGUAGES",
    "OPENAI_VOICES",
    "VOICES",
    "TelnyxVoice",
    "pieces",
    "voice_for",
)

LONGEST_TEXT: Final = 3000
"""Characters that one command reads."""


@attrs.frozen
class TelnyxVoice:
    """A voice, and the language that it speaks (BCP 47, or as Amazon Polly spells it)."""

    name: str
    language: str


DEFAULT_VOICE: Final = TelnyxVoice("AWS.Polly.Joanna", "en-US")

_NAMED: Final = """
    arb cmn-CN cy-GB da-DK de-DE en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN is-IS
    it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sv-SE tr-TR
"""
NAMED_LANGUAGES: Final = frozenset(_NAMED.split())
"""What a command may name as its language; other voices go without."""

OPENAI_VOICES: Mapping[str, TelnyxVoice] = MappingProxyType(
    {
        "alloy": DEFAULT_VOICE,
        "echo": TelnyxVoice("AWS.Polly.Matthew", "en-US"),
        "fable": TelnyxVoice("AWS.Polly.Amy", "en-GB"),
        "onyx": TelnyxVoice("AWS.Polly.Brian", "en-GB"),
        "nova": TelnyxVoice("AWS.Polly.Salli", "en-US"),
        "shimmer": TelnyxVoice("AWS.Polly.Kimberly", "en-US"),
    }
)
"""What stands in for a configured voice of OpenAI's."""

# docs.aws.amazon.com/polly/latest/dg/available-voices.html
_POLLY = (
    "ar Zeina arb,ca Arlet-Neural ca-ES,cy Gwyneth cy-GB,da Naja da-DK,de Marlene de-DE,en Joanna en-US,"
    "en-AU Nicole en-AU,en-GB Amy en-GB,en-IN Raveena en-IN,es Conchita es-ES,es-MX Mia es-MX,es-US Penelope es-US,"
    "fi Suvi-Neural fi-FI,fr Celine fr-FR,fr-CA Chantal fr-CA,hi Aditi hi-IN,is Dora is-IS,it Carla it-IT,"
    "ja Mizuki ja-JP,ko Seoyeon ko-KR,nb Liv nb-NO,nl Lotte nl-NL,pl Ewa pl-PL,pt Ines pt-PT,pt-BR Vitoria pt-BR,"
    "ro Carmen ro-RO,ru Tatyana ru-RU,sv Astrid sv-SE,tr Filiz tr-TR,yue Hiujin-Neural yue-HK,zh Zhiyu cmn-CN"
)
# learn.microsoft.com/azure/ai-services/speech-service/language-support: languages that Polly does not speak.
_AZURE = (
    "bg bg-BG Kalina,cs cs-CZ Vlasta,el el-GR Athina,he he-IL Hila,hr hr-HR Gabrijela,hu hu-HU Noemi,"
    "id id-ID Gadis,ms ms-MY Yasmin,sk sk-SK Viktoria,th th-TH Premwadee,uk uk-UA Polina,vi vi-VN HoaiMy,"
    "zh-TW zh-TW HsiaoChen"
)

VOICES: Mapping[str, TelnyxVoice] = MappingProxyType(
    {
        **{
            locale: TelnyxVoice(f"AWS.Polly.{name}", language)
            for locale, name, language in (row.split() for row in _POLLY.split(","))
        },
        **{
            locale: TelnyxVoice(f"Azure.{language}-{name}Neural", language)
            for locale, language, name in (row.split() for row in _AZURE.split(","))
        },
    }
)
"""By language, or language and region where the region has a voice of its own."""

_ALIASES: Mapping[str, str] = MappingProxyType(
    {"cmn": "zh", "arb": "ar", "no": "nb", "nn": "nb", "iw": "he", "in": "id", "zh-hk": "yue", "zh-mo": "yue"}
)
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL: Final = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_AZURE_NAME: Final = re.compile(r"Azure\.([a-z]{2,3}-[A-Z]{2})-[A-Za-z:]+")
_OTHER_NAME: Final = re.compile(r"(AWS\.Polly|Telnyx|Minimax|Rime|Resemble)\.[A-Za-z0-9._-]+")
_LANGUAGE_OF_NAME: Mapping[str, str] = MappingProxyType(
    {voice.name: voice.language for voice in (*VOICES.values(), *OPENAI_VOICES.values())}
)
_CUTS: Final = tuple(re.compile(ends) for ends in (r"[.!?…]\s|[。！？]", r"[,;:]\s|[，；：、]", r"\s"))
"""Where a long text may be cut: better at a sentence's end than at a comma, better there than at a blank."""


def voice_for(text: str, *, locale: str, configured: str | None = None) -> TelnyxVoice:
    """Return the voice for *text* in a call whose language is *locale* (BCP 47).

    *configured* is a voice of Telnyx's or of OpenAI's; any other counts as none. It reads the texts of its own
    language only: a Chinese text is always read by a Chinese voice.
    """
    wanted = _fitting(_written_in(text, locale))
    chosen = _named(configured)
    if chosen is None or _language(chosen.language) != _language(wanted.language):
        return wanted
    return chosen


def pieces(text: str) -> Iterator[str]:
    """Yield *text* in parts that one command can read; nothing for a blank text."""
    rest = text.strip()
    while len(rest) > LONGEST_TEXT:
        cut = _cut(rest)
        yield rest[:cut].strip()
        rest = rest[cut:].strip()
    if rest:
        yield rest


def _written_in(text: str, locale: str) -> str:
    """Return the locale whose script *text* is written in: *locale* unless it cannot be."""
    if _KANA.search(text):
        return "ja-JP"
    if _HANGUL.search(text):
        return "ko-KR"
    if _HAN.search(text) and _language(locale) not in ("zh", "yue", "ja"):
        return "zh-CN"
    return locale


def _fitting(locale: str) -> TelnyxVoice:
    language, region = _language(locale), _region(locale)
    return VOICES.get(f"{language}-{region}") or VOICES.get(language) or DEFAULT_VOICE


def _named(configured: str | None) -> TelnyxVoice | None:
    name = (configured or "").strip()
    if name.lower() in OPENAI_VOICES:
        return OPENAI_VOICES[name.lower()]
    azure = _AZURE_NAME.fullmatch(name)
    if azure is not None:
        return TelnyxVoice(name, azure.group(1))
    if not _OTHER_NAME.fullmatch(name):
        return None
    # English has more voices than anybody lists; the names of other languages are in the table.
    plain = name.removesuffix("-Neural")
    language = _LANGUAGE_OF_NAME.get(name) or _LANGUAGE_OF_NAME.get(plain) or DEFAULT_VOICE.language
    return TelnyxVoice(name, language)


def _language(locale: str) -> str:
    tags = locale.replace("_", "-").lower().split("-")
    dialect = f"{tags[0]}-{tags[-1]}"
    return _ALIASES.get(dialect) or _ALIASES.get(tags[0]) or tags[0]


def _region(locale: str) -> str:
    return locale.replace("_", "-").split("-")[-1].upper()


def _cut(text: str) -> int:
    for ends in _CUTS:
        places = [found.end() for found in ends.finditer(text, 0, LONGEST_TEXT)]
        if places:
            return places[-1]
    return LONGEST_TEXT
