"""Which digits reach, or could reach, an emergency service somewhere. Such a call is never placed.

The question is put to the digits as typed, before they become E.164: `911` in the United States would
otherwise be "+1 and three digits", an impossible number, and nobody would learn what was really asked.
"""

from voice_domain.dialled_text import DialledText, read_dialled_text
from voice_domain.e164 import InvalidNumberError, parse_number
from voice_domain.numbering_plan import country_code_of, is_region, regions_of_country_code

__all__ = ("EMERGENCY_NUMBERS", "is_emergency")

_LONGEST_LISTED = 5
_OUTSIDE_LINE_DIGITS = ("0", "1", "9")
_LISTED = """
    01 02 03 08 13 14 15 16 17 18 19 90 91 92 93 94
    000 001 002 003 011 019 022 033 050 060 061 062 065 066 068 080 085 088 092 094
    100 101 102 103 104 105 106 107 108 110 111 112 113 114 115 116 117 118 119
    120 121 122 124 125 126 127 128 129 130 131 132 133 140 141 144 145 147
    150 151 152 153 154 155 156 157 158 159 160 165 166 170 171 172 175 177 180 185 188
    190 191 192 193 194 195 196 197 198 199
    901 902 903 911 912 913 917 919 922 933 939 955 977 988 990 991 992 993 994 995 996 997 998 999
    1122 1199 1220 1298 1300 1444 1669 1717 2611 9999 10111 10177 12110 12119 12120 12122
"""

EMERGENCY_NUMBERS: frozenset[str] = frozenset(_LISTED.split())
"""Police, fire, ambulance, rescue and crisis lines of the world (ITU-T E.129 and national regulators),
applied whatever the region. One missing here is still refused where it is one, elsewhere as impossible."""


def is_emergency(raw: str, region: str | None) -> bool:
    """Whether *raw*, dialled from *region* or from anywhere, could ring an emergency service; never fails.

    `+1911`, `+86110`, `0086110`, `tel:911`, `９１１` and `9 911` from behind a switchboard are caught as
    well, and so is what merely begins like such a number, unless it is a whole number assigned to somebody.
    """
    text = read_dialled_text(raw)
    if _is_listed(text.digits):
        return True
    if _is_assigned_number(raw, region):
        return False
    where = region.upper() if region and is_region(region.upper()) else None
    if where and not text.international and _begins_emergency_in(where, text.digits):
        return True
    return any(map(_is_emergency_abroad, _international_digits(text)))


def _is_listed(digits: str) -> bool:
    """Look the digits up as they are, and behind one more digit for an outside line or a trunk."""
    if len(digits) > _LONGEST_LISTED:
        return False
    behind = digits[1:] if digits.startswith(_OUTSIDE_LINE_DIGITS) else digits
    return digits in EMERGENCY_NUMBERS or behind in EMERGENCY_NUMBERS


def _is_assigned_number(raw: str, region: str | None) -> bool:
    """Delhi's 11 2345 6789 begins like 112; carriers get it as +91, and it rings at its owner's."""
    try:
        return parse_number(raw, region=region).is_valid
    except InvalidNumberError:
        return False


def _international_digits(text: DialledText) -> list[str]:
    if text.international:
        return [text.digits]
    return [text.digits.removeprefix(prefix) for prefix in ("00", "011") if text.digits.startswith(prefix)]


def _begins_emergency_in(region: str, digits: str) -> bool:
    """`1911` and `86110` are typed without a plus, too."""
    code = str(country_code_of(region))
    behind = digits.removeprefix(code) if digits.startswith(code) else ""
    return _connects(digits, region) or _is_listed(behind) or _connects(behind, region)


def _is_emergency_abroad(digits: str) -> bool:
    """Take *digits* as a country code, of one to three digits (ITU-T E.164), and the rest."""
    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        for region in regions_of_country_code(code):
            if _is_listed(rest) or _connects(rest, region):
                return True
    return False


def _connects(digits: str, region: str) -> bool:
    """Apply the prefix rule: most exchanges ring at the last digit of the short number, whatever follows."""
    from phonenumbers import shortnumberinfo

    return bool(digits) and shortnumberinfo.connects_to_emergency_number(digits, region)
