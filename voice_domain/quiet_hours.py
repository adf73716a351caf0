"""Hours in which nobody is rung, by the callee's clock.

A number tells its region and often its area; where that leaves several time zones, it is quiet as long
as it is quiet in any of them. What cannot be known counts as quiet.
"""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from voice_domain.area_zones import AREA_REGIONS, AREA_ZONES, LONGEST_AREA_DIGITS
from voice_domain.e164 import PhoneNumber
from voice_domain.policy_errors import InvalidPolicyError
from voice_domain.region_zones import REGION_ZONES

__all__ = ("QuietHours", "time_zones_of", "why_quiet")

_SETTING = "outbound.quietHours"
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _clock_time(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise InvalidPolicyError(_SETTING, f"{text!r} is no time of day; write hours and minutes, e.g. 21:00")
    return time(int(found[1]), int(found[2]))


def _check_zone(_hours: object, _field: object, zone: str | None) -> None:
    if zone is not None and not zone.strip():
        raise InvalidPolicyError(
            f"{_SETTING}.timezone", "it is empty; name a zone such as Europe/Berlin, or drop it"
        )


@attrs.frozen
class QuietHours:
    """From one time of day (included) to another (excluded), over midnight if that comes first.

    Raises:
        InvalidPolicyError: if a time is not HH:MM, both are the same, or the time zone is blank.
    """

    from_: time = attrs.field(converter=_clock_time)
    to: time = attrs.field(converter=_clock_time)
    timezone: str | None = attrs.field(default=None, validator=_check_zone)
    """IANA name of the zone whose clock counts for every callee; None for the callee's own."""

    def __attrs_post_init__(self) -> None:
        if self.from_ == self.to:
            raise InvalidPolicyError(
                _SETTING, "from and to are the same time; drop the key if no hour is quiet"
            )

    def holds_at(self, clock: time) -> bool:
        """Whether it is quiet when the clock on the wall shows *clock*."""
        if self.from_ < self.to:
            return self.from_ <= clock < self.to
        return clock >= self.from_ or clock < self.to


def why_quiet(hours: QuietHours, number: PhoneNumber, *, now: datetime) -> str | None:
    """Say why *number* must not be rung at *now* (with time zone), and the remedy; None if it may."""
    names = (hours.timezone,) if hours.timezone is not None else time_zones_of(number)
    if not names:
        return f"the time zone of {number.masked} is not known; set {_SETTING}.timezone to call it"
    if now.tzinfo is None:
        return (
            f"the time of the call has no time zone, so {_SETTING} cannot be kept; pass one with a time zone"
        )
    for name in names:
        zone = _zone(name)
        if zone is None:
            return f"time zone {name!r} is unknown here; correct {_SETTING}.timezone, or update tzdata"
        local = now.astimezone(zone)
        if hours.holds_at(local.time()):
            until = hours.to.isoformat("minutes")
            return f"it is {local:%H:%M} in {name}, quiet until {until}; call later or change {_SETTING}"
    return None


def time_zones_of(number: PhoneNumber) -> tuple[str, ...]:
    """List the IANA zones the owner of *number* may live in; empty if nothing is known."""
    digits, region = number.e164.removeprefix("+"), number.region
    for length in range(LONGEST_AREA_DIGITS, 0, -1):
        # Christmas Island has numbers in Perth's area, but a region and a clock of its own.
        if region and AREA_REGIONS.get(digits[:length]) == region:
            return AREA_ZONES[digits[:length]]
    return REGION_ZONES.get(region or "", ())


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # The database is files: a missing one, a path that leaves it, a folder such as `America`.
        return None
