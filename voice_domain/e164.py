"""Phone numbers: the one form inside (ITU-T E.164), and how every form outside is understood.

Whether a number *can* be is decided here, whether it may be dialled in `dial_policy`. A number is accepted
when it is possible, even if nobody can own it: examples such as +15550001234 must work.
"""

import re
from typing import ClassVar

import attrs

from voice_domain.dialled_text import DialledText, read_dialled_text
from voice_domain.errors import VoiceError
from voice_domain.numbering_plan import (
    NumberKind,
    is_assigned,
    is_region,
    kind_of,
    national_digits_of,
    parsed_e164,
    region_of,
)

__all__ = ("InvalidNumberError", "NumberKind", "PhoneNumber", "mask_number", "parse_number")

# ITU-T E.164: a country code never starts with 0; 15 digits at most.
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_REMEDY = "write it in E.164 form, e.g. +15550001234"


class InvalidNumberError(VoiceError):
    """This text is not a phone number that can exist."""

    kind: ClassVar[str] = "invalid_number"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid phone number: {reason}")
        self.reason = reason


def _check_shape(_number: object, _field: object, value: str) -> None:
    if not value.startswith("+"):
        raise InvalidNumberError(f"it has no leading +; {_REMEDY}")
    if not _E164.fullmatch(value):
        raise InvalidNumberError(f"after + come 2 to 15 digits, the first from 1 to 9; {_REMEDY}")


@attrs.frozen(repr=False)
class PhoneNumber:
    """A number in E.164 form. `str` is the whole number, `repr` hides its middle.

    Raises:
        InvalidNumberError: if the text is not `+` and 2 to 15 digits, the first of them from 1 to 9.
    """

    e164: str = attrs.field(validator=_check_shape)

    def __str__(self) -> str:
        return self.e164

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked!r})"

    @property
    def masked(self) -> str:
        """The number with its middle hidden, for logs and sentences."""
        return mask_number(self.e164)

    @property
    def is_valid(self) -> bool:
        """Whether the numbering plan assigns such numbers today; a possible number may be not valid (yet)."""
        return is_assigned(self.e164)

    @property
    def region(self) -> str | None:
        """The ISO 3166 region, not the country code: +1876 is JM. None for satellites and global codes."""
        return region_of(self.e164)

    @property
    def national_digits(self) -> str:
        """The digits dialled within the country, with the trunk prefix where one is usual.

        China: a mobile number as it is (13800138000), a landline with the 0 of its area code (057112345678).
        """
        return national_digits_of(self.e164)

    @property
    def kind(self) -> NumberKind:
        """What the number is for; ranges known to be dear count even where no single number is assigned."""
        return kind_of(self.e164)


def mask_number(text: str) -> str:
    """Hide the middle of *text*, three characters at least; what stays is at most four at either end."""
    plus, rest = ("+", text[1:]) if text.startswith("+") else ("", text)
    shown = min(4, max(0, (len(rest) - 3) // 2))
    return f"{plus}{rest[:shown]}***{rest[len(rest) - shown :]}"


def parse_number(raw: str, *, region: str | None) -> PhoneNumber:
    """Understand *raw* as people write it.

    A leading `+`, `00`, `011` or the region's own prefix says that the number is international; otherwise it
    is one of *region* (ISO 3166; None if there is none). Of two readings, the one that is assigned is meant.

    Raises:
        InvalidNumberError: if no number can be meant; says what was understood and what to write instead.
    """
    text = read_dialled_text(raw)
    _check_text(text)
    readings = _readings(text, region)
    possible = [reading for reading in readings if isinstance(reading, PhoneNumber)]
    if possible:
        return next((number for number in possible if number.is_valid), possible[0])
    raise InvalidNumberError(next(map(str, readings), _no_country(region)))


def _check_text(text: DialledText) -> None:
    if text.strange:
        raise InvalidNumberError(f"{text.strange!r} is not part of a number; {_REMEDY}")
    if not text.digits:
        raise InvalidNumberError(f"it has no digits; {_REMEDY}")
    if text.extension is not None:
        raise InvalidNumberError(
            "its extension cannot be dialled; leave it out and send those digits in the call"
        )


def _no_country(region: str | None) -> str:
    if region is None:
        return f"it has no country code, and no region is known that it could be in; {_REMEDY}"
    return f"{region!r} is not a region; name a two-letter one such as US, or {_REMEDY}"


def _readings(text: DialledText, region: str | None) -> list[PhoneNumber | str]:
    """List what the digits may mean, the likeliest first: a number, or the reason why it cannot be one."""
    if text.international:
        return [_reading(f"+{text.digits}", None)]
    readings: list[PhoneNumber | str] = []
    if region is not None and is_region(region.upper()):
        readings.append(_reading(text.digits, region.upper()))
    # Most of the world dials 00 for the + of ITU-T E.123, North America 011, and people copy both anywhere.
    prefixes = (prefix for prefix in ("00", "011") if text.digits.startswith(prefix))
    return readings + [_reading(f"+{text.digits.removeprefix(prefix)}", None) for prefix in prefixes]


def _reading(digits: str, region: str | None) -> PhoneNumber | str:
    import phonenumbers
    from phonenumbers import NumberParseException, ValidationResult

    try:
        parsed = phonenumbers.parse(digits, region)
    except NumberParseException as error:
        return _unreadable(error.error_type)
    national = phonenumbers.national_significant_number(parsed)
    understood = f"understood as +{parsed.country_code} and {len(national)} digits"
    result = phonenumbers.is_possible_number_with_reason(parsed)
    if result != ValidationResult.IS_POSSIBLE:
        problem = {
            ValidationResult.TOO_SHORT: "too few for that country",
            ValidationResult.TOO_LONG: "too many for that country",
            ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "which lack the area code",
        }.get(result, "a length that country does not have")
        return f"{understood}, {problem}; {_REMEDY}"
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if not _E164.fullmatch(e164):
        return f"{understood}, more than the 15 of E.164; {_REMEDY}"
    # A zero left over from `+44 (0)…` would be taken for one more digit, and fall off at the next reading.
    if parsed_e164(e164) != parsed:
        return f"{understood}, the first of them a 0 that does not belong there; {_REMEDY}"
    return PhoneNumber(e164)


def _unreadable(error_type: int) -> str:
    from phonenumbers import NumberParseException

    if error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return f"no country has the code it begins with; {_REMEDY}"
    if error_type == NumberParseException.TOO_LONG:
        return f"it has more digits than any number; {_REMEDY}"
    return f"it has fewer digits than any number; {_REMEDY}"
