"""Which language GetInput listens in (www.plivo.com/docs/voice/xml/get-input).

Plivo transcribes with Google's service, and takes that service's names.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ("HEARD_LANGUAGES", "heard_language")

_NAMES: Final = """
    af-ZA am-ET ar-AE ar-BH ar-DZ ar-EG ar-IL ar-IQ ar-JO ar-KW ar-LB ar-MA ar-OM ar-PS ar-QA ar-SA
    ar-TN az-AZ bg-BG bn-BD bn-IN ca-ES cs-CZ da-DK de-DE el-GR en-AU en-CA en-GB en-GH en-IE en-IN
    en-KE en-NG en-NZ en-PH en-SG en-TZ en-US en-ZA es-AR es-BO es-CL es-CO es-CR es-DO es-EC es-ES
    es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-PY es-SV es-US es-UY es-VE eu-ES fa-IR fi-FI fil-PH
    fr-CA fr-FR gl-ES gu-IN he-IL hi-IN hr-HR hu-HU hy-AM id-ID is-IS it-IT ja-JP jv-ID ka-GE km-KH
    kn-IN ko-KR lo-LA lt-LT lv-LV ml-IN mr-IN ms-MY nb-NO ne-NP nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU
    si-LK sk-SK sl-SI sr-RS su-ID sv-SE sw-KE sw-TZ ta-IN ta-LK ta-MY ta-SG te-IN th-TH tr-TR uk-UA
    ur-IN ur-PK vi-VN yue-Hant-HK cmn-Hans-CN cmn-Hans-HK cmn-Hant-TW zu-ZA
"""
HEARD_LANGUAGES: Final = frozenset(_NAMES.split())
"""What GetInput is told."""

_DEFAULT: Final = "en-US"
_MAIN: Mapping[str, str] = MappingProxyType(
    {
        **{name.split("-")[0].lower(): name for name in sorted(HEARD_LANGUAGES, reverse=True)},
        "ar": "ar-EG",
        "bn": "bn-BD",
        "cmn": "cmn-Hans-CN",
        "en": _DEFAULT,
        "es": "es-ES",
        "fr": "fr-FR",
        "no": "nb-NO",
        "pt": "pt-PT",
        "ur": "ur-PK",
        "zh": "cmn-Hans-CN",
        "zh-hant": "cmn-Hant-TW",
        "zh-hk": "yue-Hant-HK",
        "zh-mo": "yue-Hant-HK",
        "zh-tw": "cmn-Hant-TW",
    }
)
"""What stands for a language whose region is not heard on its own."""

_EXACT: Mapping[str, str] = MappingProxyType({name.lower(): name for name in HEARD_LANGUAGES})


def heard_language(locale: str) -> str:
    """Return what GetInput is told for *locale* (BCP 47): itself, else its language's main one, else US English."""
    tags = locale.replace("_", "-").lower().split("-")
    wishes = ("-".join(tags), f"{tags[0]}-{tags[-1]}", "-".join(tags[:2]), tags[0])
    return next((found for wish in wishes if (found := _EXACT.get(wish) or _MAIN.get(wish))), _DEFAULT)
