"""Dial policy: a verdict with every reason."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.dial_policy import DialPolicy, judge
from voice_domain.dial_verdict import DialCode, DialRefusedError, DialVerdict, HourlyCapReachedError
from voice_domain.e164 import InvalidNumberError, PhoneNumber
from voice_domain.emergency import EMERGENCY_NUMBERS
from voice_domain.policy_errors import InvalidPolicyError
from voice_domain.quiet_hours import QuietHours

NOON_IN_NEW_YORK = datetime(2026, 1, 15, 17, 0, tzinfo=UTC)
NIGHT = QuietHours("21:00", "08:00")
C = DialCode


def _judge(
    policy: DialPolicy,
    raw: str,
    *,
    region: str | None = None,
    now: datetime = NOON_IN_NEW_YORK,
    dialled: int = 0,
) -> DialVerdict:
    return judge(policy, raw, region=region, now=now, dialled_last_hour=dialled)


def _codes(verdict: DialVerdict) -> list[DialCode]:
    return [reason.code for reason in verdict.reasons]


@pytest.mark.parametrize(
    "raw", ["+15550001111", "+15550005678", "+8613800138000", "00442079460958", "+18002345678"]
)
def test_an_ordinary_number_is_allowed_by_the_default_policy(raw: str) -> None:
    verdict = _judge(DialPolicy(), raw)

    assert verdict.allowed
    assert verdict.number is not None
    assert verdict.reasons == ()
    assert verdict.refusal is None


@pytest.mark.parametrize(
    ("raw", "region", "codes"),
    [
        ("911", "US", [C.EMERGENCY]),
        ("+86110", None, [C.EMERGENCY]),
        ("+19002345678", None, [C.PREMIUM_RATE]),
        ("09067 000000", "GB", [C.PREMIUM_RATE]),
        ("400 123 4567", "CN", [C.SHARED_COST]),
        ("+881612345678", None, [C.SATELLITE]),
        ("+4911833", None, [C.SHORT_CODE]),
        ("22000", "US", [C.INVALID_NUMBER, C.SHORT_CODE]),
        ("118712", "FR", [C.INVALID_NUMBER, C.SHORT_CODE]),
        ("22000", None, [C.INVALID_NUMBER]),
        ("nonsense", "US", [C.INVALID_NUMBER]),
        ("", None, [C.INVALID_NUMBER]),
    ],
)
def test_what_the_default_policy_refuses_has_its_reason(
    raw: str, region: str | None, codes: list[DialCode]
) -> None:
    verdict = _judge(DialPolicy(), raw, region=region)

    assert not verdict.allowed
    assert _codes(verdict) == codes


def test_every_reason_that_applies_is_listed_in_order() -> None:
    policy = DialPolicy(
        allow_countries=frozenset({"CN"}), deny_numbers=("+1900",), quiet_hours=NIGHT, max_calls_per_hour=2
    )

    verdict = _judge(policy, "+19002345678", now=datetime(2026, 1, 15, 6, tzinfo=UTC), dialled=2)

    assert _codes(verdict) == [C.PREMIUM_RATE, C.COUNTRY_NOT_ALLOWED, C.DENIED, C.QUIET_HOURS, C.HOURLY_CAP]
    settings = ("allowNumbers", "allowCountries", "denyNumbers", "quietHours", "maxCallsPerHour")
    for reason, setting in zip(verdict.reasons, settings, strict=True):
        assert f"outbound.{setting}" in reason.sentence
        assert "2345" not in reason.sentence


def test_countries_are_regions_and_not_country_codes() -> None:
    policy = DialPolicy(allow_countries=frozenset({"us", "CN"}))

    assert _judge(policy, "+14155552671").allowed
    assert _judge(policy, "+15550001234").allowed
    assert _codes(_judge(policy, "+18765551234")) == [C.COUNTRY_NOT_ALLOWED]
    assert _codes(_judge(policy, "+18760001111")) == [C.COUNTRY_NOT_ALLOWED]
    assert _codes(_judge(policy, "+14165550100")) == [C.COUNTRY_NOT_ALLOWED]
    assert _codes(_judge(policy, "+80012345678")) == [C.COUNTRY_NOT_ALLOWED]
    assert not _judge(DialPolicy(allow_countries=frozenset()), "+14155552671").allowed


def test_the_hourly_cap_counts_the_calls_before_this_one() -> None:
    policy = DialPolicy(max_calls_per_hour=2)

    assert _judge(policy, "+15550001234", dialled=1).allowed
    assert _codes(_judge(policy, "+15550001234", dialled=2)) == [C.HOURLY_CAP]


def test_the_three_ways_of_refusing_are_three_errors() -> None:
    capped = DialPolicy(max_calls_per_hour=1, deny_numbers=("+4420",))

    invalid = _judge(capped, "555", region="US", dialled=1).refusal
    limited = _judge(capped, "+15550001234", dialled=1).refusal
    refused = _judge(capped, "+442079460958", dialled=1).refusal
    emergency = _judge(capped, "911", region="US").refusal

    assert isinstance(invalid, InvalidNumberError)
    assert isinstance(limited, HourlyCapReachedError)
    assert isinstance(refused, DialRefusedError)
    assert isinstance(emergency, DialRefusedError)
    kinds = [error.kind for error in (invalid, limited, refused, emergency)]
    assert kinds == ["invalid_number", "limit_reached", "policy_refused", "policy_refused"]
    assert "outbound.denyNumbers" in str(refused)
    assert "outbound.maxCallsPerHour" in str(refused)


@pytest.mark.parametrize("entry", ["+19002345678", "+1900*", "+1*", "+*"])
def test_an_allow_list_lifts_every_block_and_says_so(entry: str) -> None:
    policy = DialPolicy(
        allow_countries=frozenset({"CN"}),
        deny_numbers=("+1",),
        allow_numbers=(entry,),
        quiet_hours=QuietHours("11:00", "13:00"),
        max_calls_per_hour=1,
    )

    verdict = _judge(policy, "+1 900 234 5678", dialled=5)

    assert verdict.allowed
    assert verdict.number == PhoneNumber("+19002345678")
    assert _codes(verdict) == [C.ALLOWED_BY_LIST]
    assert "premium_rate, country_not_allowed, denied, quiet_hours, hourly_cap" in verdict.reasons[0].sentence


def test_an_allow_list_without_a_star_matches_the_whole_number_only() -> None:
    policy = DialPolicy(deny_numbers=("+44*",), allow_numbers=("+442079460958",))

    assert _judge(policy, "+442079460958").allowed
    assert not _judge(policy, "+442079460959").allowed
    assert not DialPolicy(allow_numbers=("+4420794609",)).lists(PhoneNumber("+442079460958"))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"allow_countries": {"US", "XX"}}, "outbound.allowCountries: 'XX'"),
        ({"allow_countries": {"1"}}, "outbound.allowCountries: '1'"),
        ({"deny_numbers": ("1900",)}, "outbound.denyNumbers: '1900'"),
        ({"deny_numbers": ("+1 900",)}, "outbound.denyNumbers: '+1 900'"),
        ({"deny_numbers": ("",)}, "outbound.denyNumbers: ''"),
        ({"deny_numbers": ("*",)}, "outbound.denyNumbers: '*'"),
        ({"allow_numbers": ("911",)}, "outbound.allowNumbers: '911'"),
        ({"allow_numbers": ("*",)}, "outbound.allowNumbers: '*'"),
        ({"allow_numbers": ("+1*2",)}, "outbound.allowNumbers: '+1*2'"),
        ({"max_calls_per_hour": 0}, "outbound.maxCallsPerHour: 0"),
    ],
)
def test_a_setting_in_the_wrong_shape_is_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidPolicyError) as refusal:
        DialPolicy(**settings)

    assert str(refusal.value).startswith(named)
    assert refusal.value.setting == named.partition(":")[0]


STRICT = DialPolicy(
    allow_countries=frozenset({"US"}), deny_numbers=("+1555",), quiet_hours=NIGHT, max_calls_per_hour=1
)
texts = st.text(max_size=40) | st.text(st.sampled_from("0123456789+ -()*#;,xtel:９"), max_size=20)


@given(texts, st.none() | st.sampled_from(["US", "CN", "XX", ""]), st.integers(-1, 3))
def test_any_text_gets_a_verdict_with_a_reason_for_every_refusal(
    raw: str, region: str | None, dialled: int
) -> None:
    verdict = _judge(STRICT, raw, region=region, dialled=dialled)

    assert verdict.allowed is (verdict.refusal is None)
    assert verdict.allowed or verdict.reasons
    assert not verdict.allowed or verdict.number is not None


@given(
    st.sampled_from(sorted(EMERGENCY_NUMBERS)),
    st.sampled_from(["{}", "+1{}", "0086{}", "tel:+44{}", "011 1 {}"]),
    st.sampled_from(["US", "CN", None]),
)
def test_an_allow_list_never_lifts_emergency(digits: str, form: str, region: str | None) -> None:
    verdict = _judge(DialPolicy(allow_numbers=("+*",)), form.format(digits), region=region)

    assert not verdict.allowed
    assert _codes(verdict) == [C.EMERGENCY]


ordinary = st.from_regex(r"\+1(212|415|602|555)[0-9]{7}", fullmatch=True)


@given(ordinary, st.integers(2, 12))
def test_a_denied_beginning_always_denies_unless_it_is_allowed(e164: str, length: int) -> None:
    denied = DialPolicy(deny_numbers=(e164[:length],))
    lifted = DialPolicy(deny_numbers=(e164[:length],), allow_numbers=(e164,))

    refused = _judge(denied, e164)
    allowed = _judge(lifted, e164)

    assert not refused.allowed
    assert C.DENIED in _codes(refused)
    assert _codes(allowed) == [C.ALLOWED_BY_LIST]
    assert allowed.allowed


@given(ordinary)
def test_no_reason_shows_the_middle_of_a_number(e164: str) -> None:
    verdict = _judge(STRICT, e164, dialled=1, now=datetime(2026, 1, 15, 6, tzinfo=UTC))

    assert verdict.reasons
    assert all(e164[4:9] not in reason.sentence for reason in verdict.reasons)
