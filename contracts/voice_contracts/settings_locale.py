"""The language and the region that settings imply."""

from typing import Final

from voice_contracts.settings import MOCK_NUMBER, Settings
from voice_domain.e164 import PhoneNumber

__all__ = ("locale_for", "region_of_settings")

_CHINESE: Final = "zh-CN"
_ENGLISH: Final = "en-US"
_DEFAULT_REGION: Final = "US"


def locale_for(settings: Settings, callee: PhoneNumber | None) -> str:
    """Return the language tag for a call: the one that is set, else that of the callee's country.

    *callee* is whoever is on the other side; None if the number is withheld.
    """
    if settings.locale is not None:
        return settings.locale
    return _CHINESE if callee is not None and callee.region == "CN" else _ENGLISH


def region_of_settings(settings: Settings) -> str:
    """Return the ISO 3166 region in which local numbers are meant: that of `fromNumber`, else of `locale`.

    The number that `mock` has by default says nothing about where the user is.
    """
    if settings.from_number not in (None, MOCK_NUMBER):
        assert settings.from_number is not None
        region = PhoneNumber(settings.from_number).region
        if region is not None:
            return region
    return _region_of_locale(settings.locale or _ENGLISH)


def _region_of_locale(locale: str) -> str:
    language, *subtags = locale.split("-")
    region = next((tag for tag in subtags if len(tag) == 2 and tag.isalpha()), None)
    if region is not None:
        return region.upper()
    return "CN" if language.lower() == "zh" else _DEFAULT_REGION
