"""Which language Telnyx's transcription is told (developers.telnyx.com/api/call-control, Google engine)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ("HEARD_LANGUAGES", "heard_language")

_CODES: Final = """
    af sq am ar hy az eu bn bs bg my ca yue zh hr cs da nl en et fil fi fr gl ka de el gu iw hi hu is id it ja jv
    kn kk km ko lo lv lt mk ms ml mr mn ne no fa pl pt pa ro ru rw sr si sk sl ss st es su sw sv ta te th tn tr ts
    uk ur uz ve vi xh zu
"""
HEARD_LANGUAGES: Final = frozenset(_CODES.split())
"""The short codes that it takes; a locale such as en-US is refused."""

_DEFAULT: Final = "en"
_ALIASES: Mapping[str, str] = MappingProxyType(
    {"cmn": "zh", "he": "iw", "nb": "no", "nn": "no", "tl": "fil", "arb": "ar", "in": "id"}
)
_CANTONESE: Final = frozenset({"hk", "mo"})


def heard_language(locale: str) -> str:
    """Return the short code for *locale* (BCP 47): Cantonese for Chinese of Hong Kong; English for the unknown."""
    tags = locale.replace("_", "-").lower().split("-")
    language = _ALIASES.get(tags[0], tags[0])
    if language == "zh" and _CANTONESE & set(tags):
        return "yue"
    return language if language in HEARD_LANGUAGES else _DEFAULT
