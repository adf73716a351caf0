"""What the world's numbering plans say about digits in E.164 form: region, purpose, national form.

Plans change faster than what we know of them; where no single number
is known, whole ranges still speak.
"""

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from voice_domain.area_zones import AREA_REGIONS

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as ParsedNumber

__all__ = (
    "NumberKind",
    "country_code_of",
    "is_assigned",
    "is_region",
    "is_short_number",
    "kind_of",
    "national_digits_of",
    "parsed_e164",
    "region_of",
    "regions_of_country_code",
)

# ITU-T E.164 list of assigned codes: 870 Inmarsat, 881 satellite systems, 882 and 883 international networks,
# 878 personal numbers of no country. None has a region, and all cost like a satellite call.
_SATELLITE_PREFIXES = ("+870", "+878", "+881", "+882", "+883")
# Ranges whose every number is dear, so that a new one is known too: ITU-T E.169.2 (979), the 900 of
# North America, Germany, Austria and Switzerland, the United Kingdom's 09, Australia's 190.
_PREMIUM_PREFIXES = ("+979", "+1900", "+449", "+49900", "+43900", "+41900", "+61190")
_CHINA = 86
_CHINESE_WITHOUT_TRUNK = re.compile(r"0|1[3-9]|[48]00|9[56]")


class NumberKind(StrEnum):
    """What a number is for, as far as its digits tell."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    SATELLITE = "satellite"
    INTERNET = "internet"
    PERSONAL = "personal"
    PAGER = "pager"
    COMPANY = "company"
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"


# In the order of the metadata's own numbering of types, 0 to 10.
_KINDS = (
    NumberKind.FIXED,
    NumberKind.MOBILE,
    NumberKind.FIXED_OR_MOBILE,
    NumberKind.TOLL_FREE,
    NumberKind.PREMIUM_RATE,
    NumberKind.SHARED_COST,
    NumberKind.INTERNET,
    NumberKind.PERSONAL,
    NumberKind.PAGER,
    NumberKind.COMPANY,
    NumberKind.VOICEMAIL,
)


def is_region(text: str) -> bool:
    """Whether *text* is an upper-case ISO 3166 code (or AC, TA, XK) with a numbering plan."""
    import phonenumbers

    return text in phonenumbers.SUPPORTED_REGIONS


def country_code_of(region: str) -> int:
    """Give the country code of *region*, which `is_region` knows; several regions may share one."""
    import phonenumbers

    return int(phonenumbers.country_code_for_region(region))


def regions_of_country_code(digits: str) -> tuple[str, ...]:
    """Give the regions that share the country code *digits*, the main one first; empty if nobody has it."""
    import phonenumbers

    if not digits.isdecimal() or digits.startswith("0"):
        return ()
    return tuple(map(str, phonenumbers.region_codes_for_country_code(int(digits))))


def parsed_e164(e164: str) -> "ParsedNumber | None":
    """Take *e164* apart into country code and national number; None if no country has the code."""
    import phonenumbers

    try:
        return phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None


def is_assigned(e164: str) -> bool:
    """Whether the plan assigns such numbers today."""
    import phonenumbers

    parsed = parsed_e164(e164)
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def is_short_number(e164: str) -> bool:
    """Whether what follows the country code is a short code of that country and not a whole number."""
    from phonenumbers import shortnumberinfo

    parsed = parsed_e164(e164)
    return parsed is not None and not is_assigned(e164) and shortnumberinfo.is_valid_short_number(parsed)


def region_of(e164: str) -> str | None:
    """Give the ISO 3166 region, not the country code: +1876 is JM. None for satellites and global codes."""
    import phonenumbers

    parsed = parsed_e164(e164)
    if parsed is None:
        return None
    # Of a number that is not assigned, the area code tells the region, else it is the main one of its country code.
    main = next(iter(regions_of_country_code(str(parsed.country_code))), None)
    region = phonenumbers.region_code_for_number(parsed) or AREA_REGIONS.get(e164[1:5]) or main
    return None if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else region


def national_digits_of(e164: str) -> str:
    """Give the digits dialled within the country, with the trunk prefix where one is usual."""
    import phonenumbers

    parsed = parsed_e164(e164)
    if parsed is None:
        return e164.removeprefix("+")
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(char for char in shown if char.isdecimal())
    # Chinese landlines need their 0 even where the plan knows no such number; mobiles never have it.
    bare = parsed.country_code == _CHINA and not _CHINESE_WITHOUT_TRUNK.match(digits)
    return f"0{digits}" if bare else digits


def kind_of(e164: str) -> NumberKind:
    """Say what the number is for; a range known to be dear counts even where no single number is assigned."""
    import phonenumbers

    if e164.startswith(_SATELLITE_PREFIXES):
        return NumberKind.SATELLITE
    if e164.startswith(_PREMIUM_PREFIXES):
        return NumberKind.PREMIUM_RATE
    parsed = parsed_e164(e164)
    kind = phonenumbers.PhoneNumberType.UNKNOWN if parsed is None else phonenumbers.number_type(parsed)
    return _KINDS[kind] if 0 <= kind < len(_KINDS) else NumberKind.UNKNOWN
