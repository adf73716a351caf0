"""Emergency numbers are recognised however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.emergency import EMERGENCY_NUMBERS, is_emergency


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("911", "US"),
        ("911", None),
        ("911", "CN"),
        ("1 1 2", "CN"),
        ("122", "CN"),
        ("000", "AU"),
        ("08", "FR"),
        ("+1911", None),
        ("1911", "US"),
        ("+86110", "US"),
        ("86110", "CN"),
        ("86122", "CN"),
        ("1911555", "US"),
        ("0086110", "US"),
        ("0086110", None),
        ("011 1 911", "US"),
        ("9 911", "US"),
        ("tel:911", "US"),
        ("tel:911;phone-context=+1", None),
        ("９１１", "US"),
        ("٩١١", "US"),
        ("call 112 now", "DE"),
        ("9991", "GB"),
        ("999123", "GB"),
        ("+44 999 123", None),
        ("+1 911 555 0001", None),
        ("112;ext=5", None),
        ("933", "TO"),
    ],
)
def test_an_emergency_number_is_recognised_in_any_disguise(raw: str, region: str | None) -> None:
    assert is_emergency(raw, region)


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("+15550001234", None),
        ("+15550005678", "CN"),
        ("13800138000", "CN"),
        ("11 2345 6789", "IN"),
        ("+91 11 2345 6789", None),
        ("011 111 2345", "ET"),
        ("030 110110", "DE"),
        ("+33 1 12 34 56 78", None),
        ("12345", "US"),
        ("", None),
        ("nobody", "US"),
    ],
)
def test_a_whole_number_that_begins_alike_is_no_emergency_number(raw: str, region: str | None) -> None:
    assert not is_emergency(raw, region)


@given(
    st.sampled_from(sorted(EMERGENCY_NUMBERS)),
    st.sampled_from(["{}", "tel:{}", " ({}) ", "+{}", "0{}", "tel:{};ext=9"]),
    st.sampled_from([None, "US", "CN", "XX", "IN"]),
)
def test_every_listed_number_is_one_in_every_region(digits: str, form: str, region: str | None) -> None:
    raw = form.format(digits)

    assert is_emergency(raw, region) or len(digits) == 5


@given(st.text(max_size=300), st.none() | st.text(max_size=3))
def test_any_text_can_be_asked_about(raw: str, region: str | None) -> None:
    assert is_emergency(raw, region) in (True, False)
