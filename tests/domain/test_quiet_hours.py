"""Quiet hours by the callee's clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.area_zones import AREA_ZONES
from voice_domain.e164 import PhoneNumber
from voice_domain.policy_errors import InvalidPolicyError
from voice_domain.quiet_hours import QuietHours, time_zones_of, why_quiet
from voice_domain.region_zones import REGION_ZONES

NIGHT = QuietHours("21:00", "08:00")
CHINA = PhoneNumber("+8613800138000")
NEW_YORK = PhoneNumber("+12125550100")


def _utc(clock: str, day: str = "2026-01-15") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+00:00")


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_a_window_over_midnight_includes_its_start_and_not_its_end(clock: str, *, quiet: bool) -> None:
    assert NIGHT.holds_at(time.fromisoformat(clock)) is quiet


@pytest.mark.parametrize(
    ("clock", "quiet"), [("11:59", False), ("12:00", True), ("13:59", True), ("14:00", False)]
)
def test_a_window_within_a_day_includes_its_start_and_not_its_end(clock: str, *, quiet: bool) -> None:
    assert QuietHours("12:00", "14:00").holds_at(time.fromisoformat(clock)) is quiet


def test_the_callees_own_clock_counts() -> None:
    now = _utc("13:30")

    assert "21:30 in Asia/Shanghai, quiet until 08:00" in (why_quiet(NIGHT, CHINA, now=now) or "")
    assert why_quiet(NIGHT, NEW_YORK, now=now) is None


def test_a_given_time_zone_counts_for_everybody() -> None:
    hours = QuietHours("21:00", "08:00", "America/New_York")

    assert why_quiet(hours, CHINA, now=_utc("13:30")) is None
    assert why_quiet(hours, CHINA, now=_utc("02:30"))
    assert why_quiet(hours, PhoneNumber("+881612345678"), now=_utc("13:30")) is None


def test_summer_time_moves_the_window() -> None:
    assert why_quiet(NIGHT, NEW_YORK, now=_utc("12:30", "2026-01-15"))
    assert why_quiet(NIGHT, NEW_YORK, now=_utc("12:30", "2026-07-15")) is None


def test_a_number_of_several_zones_is_quiet_while_it_is_quiet_in_any() -> None:
    anywhere_in_the_states = PhoneNumber("+15550001234")

    assert why_quiet(NIGHT, anywhere_in_the_states, now=_utc("15:00"))  # 10:00 in New York, 05:00 in Honolulu
    assert why_quiet(NIGHT, anywhere_in_the_states, now=_utc("20:00")) is None
    assert why_quiet(NIGHT, anywhere_in_the_states, now=_utc("02:30"))  # 21:30 in New York


@pytest.mark.parametrize(
    ("e164", "zones"),
    [
        ("+12125550100", ("America/New_York",)),
        ("+16025550100", ("America/Phoenix",)),
        ("+18085550100", ("Pacific/Honolulu",)),
        ("+16045550100", ("America/Vancouver",)),
        ("+18765551234", ("America/Jamaica",)),
        ("+5511961234567", ("America/Sao_Paulo",)),
        ("+5568961234567", ("America/Rio_Branco",)),
        ("+61312345678", ("Australia/Melbourne",)),
        ("+61891641234", ("Indian/Christmas",)),
        ("+34928123456", ("Atlantic/Canary",)),
        ("+74951234567", ("Europe/Moscow",)),
        ("+8613800138000", ("Asia/Shanghai",)),
    ],
)
def test_the_area_decides_where_a_country_has_several_clocks(e164: str, zones: tuple[str, ...]) -> None:
    assert time_zones_of(PhoneNumber(e164)) == zones


@pytest.mark.parametrize("e164", ["+79161234567", "+61412345678", "+18002345678", "+34612345678"])
def test_a_number_without_an_area_may_be_anywhere_in_its_country(e164: str) -> None:
    assert len(time_zones_of(PhoneNumber(e164))) > 1


def test_an_unknown_place_is_refused_with_the_remedy() -> None:
    answer = why_quiet(NIGHT, PhoneNumber("+881612345678"), now=_utc("12:00"))

    assert answer is not None
    assert "set outbound.quietHours.timezone" in answer
    assert "612345" not in answer


@pytest.mark.parametrize("zone", ["Asia/Shangai", "America", "../passwd", "/etc/passwd", "\0", "x" * 300])
def test_a_time_zone_that_this_machine_does_not_know_is_refused_with_the_remedy(zone: str) -> None:
    answer = why_quiet(QuietHours("21:00", "08:00", zone), CHINA, now=_utc("04:00"))

    assert answer is not None
    assert "correct outbound.quietHours.timezone" in answer


def test_a_time_without_a_zone_counts_as_quiet() -> None:
    noon = datetime(2026, 1, 15, 12, 0, tzinfo=UTC).replace(tzinfo=None)

    assert "no time zone" in (why_quiet(NIGHT, CHINA, now=noon) or "")


@pytest.mark.parametrize(
    "text", ["", "9", "9:00", "24:00", "21:60", "21.00", "21:00:00", "21:00 ", "２１:００"]
)
def test_a_time_of_day_in_another_shape_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidPolicyError, match=r"outbound\.quietHours: .*e\.g\. 21:00"):
        QuietHours(text, "08:00")


def test_equal_times_and_a_blank_zone_are_refused() -> None:
    with pytest.raises(InvalidPolicyError, match="same time"):
        QuietHours("08:00", "08:00")
    with pytest.raises(InvalidPolicyError, match="timezone"):
        QuietHours("21:00", "08:00", " ")


def test_every_region_and_area_has_zones_that_exist() -> None:
    assert set(REGION_ZONES) >= set(phonenumbers.SUPPORTED_REGIONS)
    for zones in (*REGION_ZONES.values(), *AREA_ZONES.values()):
        assert zones
        assert all(ZoneInfo(zone).key == zone for zone in zones)


@given(st.times(), st.times(), st.times())
def test_a_window_and_its_opposite_divide_the_day(start: time, end: time, clock: time) -> None:
    one, other = start.strftime("%H:%M"), end.strftime("%H:%M")
    if one == other:
        return

    assert QuietHours(one, other).holds_at(clock) is not QuietHours(other, one).holds_at(clock)


@given(st.integers(0, 24 * 60 - 1), st.sampled_from(["+15550001234", "+79161234567", "+61412345678"]))
def test_rung_means_that_it_is_day_in_every_zone_the_callee_may_be_in(minute: int, e164: str) -> None:
    now = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minute)
    number = PhoneNumber(e164)

    rung = why_quiet(NIGHT, number, now=now) is None

    day_everywhere = all(8 <= now.astimezone(ZoneInfo(zone)).hour < 21 for zone in time_zones_of(number))
    assert rung is day_everywhere
