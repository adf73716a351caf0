"""Which numbers may be dialled, and when: judged before any carrier hears of the call.

Emergency numbers are never dialled. Premium-rate, shared-cost and satellite numbers and short codes are
refused unless the allow list names them, which lifts every other block as well. The rest is up to the user.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from voice_domain.dial_verdict import DialCode, DialReason, DialVerdict
from voice_domain.dialled_text import read_dialled_text
from voice_domain.e164 import InvalidNumberError, NumberKind, PhoneNumber, parse_number
from voice_domain.emergency import is_emergency
from voice_domain.numbering_plan import country_code_of, is_region, is_short_number
from voice_domain.policy_errors import InvalidPolicyError
from voice_domain.quiet_hours import QuietHours, why_quiet

__all__ = ("DialPolicy", "judge")

_COUNTRIES = "outbound.allowCountries"
_DENY = "outbound.denyNumbers"
_ALLOW = "outbound.allowNumbers"
_CAP = "outbound.maxCallsPerHour"
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}\*?")
_NUMBER_OR_PREFIX = re.compile(r"\+[1-9][0-9]{1,14}|\+([1-9][0-9]{0,14})?\*")

_DEAR_KINDS = {
    NumberKind.PREMIUM_RATE: (DialCode.PREMIUM_RATE, "a premium-rate number"),
    NumberKind.SHARED_COST: (DialCode.SHARED_COST, "a shared-cost number"),
    NumberKind.SATELLITE: (DialCode.SATELLITE, "a satellite or other global network number"),
}


def _regions(regions: Iterable[str] | None) -> frozenset[str] | None:
    return None if regions is None else frozenset(region.upper() for region in regions)


def _patterns(patterns: Iterable[str]) -> tuple[str, ...]:
    return tuple(patterns)


def _check_regions(_policy: object, _field: object, regions: frozenset[str] | None) -> None:
    for region in sorted(regions or ()):
        if not is_region(region):
            raise InvalidPolicyError(
                _COUNTRIES, f"{region!r} is not a region; use ISO codes such as US or CN"
            )


def _check_deny(_policy: object, _field: object, prefixes: tuple[str, ...]) -> None:
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise InvalidPolicyError(_DENY, f"{prefix!r} is not the beginning of an E.164 number, e.g. +1900")


def _check_allow(_policy: object, _field: object, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        if not _NUMBER_OR_PREFIX.fullmatch(pattern):
            problem = f"{pattern!r} is neither an E.164 number nor a beginning with a star, e.g. +4930*"
            raise InvalidPolicyError(_ALLOW, problem)


def _check_cap(_policy: object, _field: object, cap: int | None) -> None:
    if cap is not None and cap < 1:
        raise InvalidPolicyError(_CAP, f"{cap} is less than 1; drop the key if there is no limit")


@attrs.frozen(kw_only=True)
class DialPolicy:
    """The user's choice of what may be dialled.

    Raises:
        InvalidPolicyError: if a region is unknown, a number pattern has another shape, or the cap is below 1.
    """

    allow_countries: frozenset[str] | None = attrs.field(
        default=None, converter=_regions, validator=_check_regions
    )
    """ISO regions, not country codes: US does not contain Jamaica. None is all; an empty set is none."""
    deny_numbers: tuple[str, ...] = attrs.field(default=(), converter=_patterns, validator=_check_deny)
    """Beginnings of E.164 numbers; a star at the end changes nothing."""
    allow_numbers: tuple[str, ...] = attrs.field(default=(), converter=_patterns, validator=_check_allow)
    """Whole E.164 numbers, or beginnings that end in a star; they lift every block but emergency."""
    quiet_hours: QuietHours | None = None
    max_calls_per_hour: int | None = attrs.field(default=None, validator=_check_cap)

    def lists(self, number: PhoneNumber) -> bool:
        """Whether the allow list names *number*, whole or by its beginning."""
        return any(
            number.e164.startswith(pattern[:-1]) if pattern.endswith("*") else number.e164 == pattern
            for pattern in self.allow_numbers
        )


def judge(
    policy: DialPolicy, raw: str, *, region: str | None, now: datetime, dialled_last_hour: int
) -> DialVerdict:
    """Decide whether *raw*, as somebody typed it, may be dialled at *now* (with time zone); never raises.

    *region* is where a number without country code is (None: nowhere). *dialled_last_hour* counts the
    calls dialled in the hour before *now*, this one not among them.
    """
    if is_emergency(raw, region):
        sentence = "this could ring an emergency service, which is never dialled; use a telephone"
        return _refused(None, DialReason(DialCode.EMERGENCY, sentence))
    try:
        number = parse_number(raw, region=region)
    except InvalidNumberError as error:
        return _refused(None, DialReason(DialCode.INVALID_NUMBER, error.reason), *_short_code(raw, region))
    blocks = (
        *_destination_blocks(policy, number),
        *_moment_blocks(policy, number, now=now, dialled_last_hour=dialled_last_hour),
    )
    if blocks and policy.lists(number):
        lifted = ", ".join(block.code for block in blocks)
        sentence = f"{_ALLOW} lists {number.masked}, which lifts: {lifted}"
        return DialVerdict(
            allowed=True, number=number, reasons=(DialReason(DialCode.ALLOWED_BY_LIST, sentence),)
        )
    return _refused(number, *blocks) if blocks else DialVerdict(allowed=True, number=number)


def _refused(number: PhoneNumber | None, *reasons: DialReason) -> DialVerdict:
    return DialVerdict(allowed=False, number=number, reasons=reasons)


def _short_code(raw: str, region: str | None) -> Iterator[DialReason]:
    """A short code that the region has is a real destination, only none that can be written as E.164."""
    text = read_dialled_text(raw)
    plain = bool(text.digits) and not (text.strange or text.international or text.extension)
    where = region.upper() if region and is_region(region.upper()) else None
    if plain and where and is_short_number(f"+{country_code_of(where)}{text.digits}"):
        sentence = f"it is a short code of {where}, which cannot be dialled; use the whole number behind it"
        yield DialReason(DialCode.SHORT_CODE, sentence)


def _destination_blocks(policy: DialPolicy, number: PhoneNumber) -> Iterator[DialReason]:
    if number.kind in _DEAR_KINDS:
        code, what = _DEAR_KINDS[number.kind]
        yield DialReason(code, f"{number.masked} is {what}; list it in {_ALLOW} to call it")
    if is_short_number(number.e164):
        sentence = f"{number.masked} is a short code of its country; list it in {_ALLOW} to call it"
        yield DialReason(DialCode.SHORT_CODE, sentence)
    if policy.allow_countries is not None and number.region not in policy.allow_countries:
        place = number.region or "no country"
        remedy = f"add it there, or the number to {_ALLOW}"
        sentence = f"{number.masked} belongs to {place}, which {_COUNTRIES} does not list; {remedy}"
        yield DialReason(DialCode.COUNTRY_NOT_ALLOWED, sentence)
    denied = next(
        (prefix for prefix in policy.deny_numbers if number.e164.startswith(prefix.rstrip("*"))), None
    )
    if denied is not None:
        sentence = f"{_DENY} denies {number.masked}; change that list, or add the number to {_ALLOW}"
        yield DialReason(DialCode.DENIED, sentence)


def _moment_blocks(
    policy: DialPolicy, number: PhoneNumber, *, now: datetime, dialled_last_hour: int
) -> Iterator[DialReason]:
    quiet = why_quiet(policy.quiet_hours, number, now=now) if policy.quiet_hours else None
    if quiet is not None:
        yield DialReason(DialCode.QUIET_HOURS, quiet)
    cap = policy.max_calls_per_hour
    if cap is not None and dialled_last_hour >= cap:
        sentence = (
            f"{dialled_last_hour} calls were dialled within the hour; wait, or raise {_CAP} above {cap}"
        )
        yield DialReason(DialCode.HOURLY_CAP, sentence)
