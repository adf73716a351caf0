"""Numbers: one form inside, every form outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.e164 import InvalidNumberError, NumberKind, PhoneNumber, mask_number, parse_number
from voice_domain.numbering_plan import regions_of_country_code


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("13800138000", "CN", "+8613800138000"),
        ("138 0013 8000", "cn", "+8613800138000"),
        ("+86 138-0013-8000", None, "+8613800138000"),
        ("(+86)138.0013.8000", "US", "+8613800138000"),
        ("008613800138000", "CN", "+8613800138000"),
        ("008613800138000", "US", "+8613800138000"),
        ("008613800138000", None, "+8613800138000"),
        ("0118613800138000", "US", "+8613800138000"),
        ("0118613800138000", "CN", "+8613800138000"),
        ("0011 86 13800138000", "AU", "+8613800138000"),
        ("004534412345", "AU", "+4534412345"),
        ("8~10 86 13800138000", "RU", "+8613800138000"),
        ("8613800138000", "CN", "+8613800138000"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("＋８６（１３８）００１３－８０００", None, "+8613800138000"),
        ("٠٠٨٦١٣٨٠٠١٣٨٠٠٠", None, "+8613800138000"),
        ("\u202a+86 138\u00a00013\u20118000\u202c", None, "+8613800138000"),
        ("tel:+86-138-0013-8000", None, "+8613800138000"),
        ("TEL:13800138000", "CN", "+8613800138000"),
        ("tel:13800138000;phone-context=+86", "US", "+8613800138000"),
        ("tel:13800138000;phone-context=example.com", "CN", "+8613800138000"),
        ("tel:+8613800138000;phone-context=+1", None, "+8613800138000"),
        ("tel:+8613800138000;isub=12", None, "+8613800138000"),
        ("0571 8888 8888", "CN", "+8657188888888"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("0114 276 1234", "GB", "+441142761234"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+15550001111", None, "+15550001111"),
        ("+1 (555) 000-5678", "CN", "+15550005678"),
    ],
)
def test_every_written_form_becomes_e164(raw: str, region: str | None, e164: str) -> None:
    assert parse_number(raw, region=region) == PhoneNumber(e164)


@pytest.mark.parametrize(
    ("raw", "region", "reason"),
    [
        ("", "US", "no digits"),
        (" - ", "US", "no digits"),
        ("1-800-FLOWERS", "US", "'f' is not part of a number"),
        ("call me", "US", "'c' is not part of a number"),
        ("+1+5550001234", None, "'+' is not part of a number"),
        ("*67 415 555 2671", "US", "'*' is not part of a number"),
        ("+49 30 123456¹", None, "'¹' is not part of a number"),
        ("+15550001234" + " " * 200, None, "'…' is not part of a number"),
        ("4155552671", None, "no country code"),
        ("4155552671", "XX", "'XX' is not a region"),
        ("5552671", "US", "+1 and 7 digits, which lack the area code"),
        ("+1555000", None, "+1 and 6 digits, too few"),
        ("+1", None, "fewer digits than any number"),
        ("00", "CN", "fewer digits than any number"),
        ("+155500012345", None, "+1 and 11 digits, too many"),
        ("8613800138000", "US", "+1 and 13 digits, too many"),
        ("+4930123456789012", None, "+49 and 14 digits, more than the 15 of E.164"),
        ("1" * 40, "US", "more digits than any number"),
        ("+999123456", None, "no country has the code"),
        ("+0155500012", None, "no country has the code"),
        ("+6400030703413", None, "a 0 that does not belong there"),
        ("+15550001234 x12", None, "extension"),
        ("+15550001234 ext.", None, "extension"),
        ("+15550001234,,12", None, "extension"),
        ("tel:+15550001234;ext=12", None, "extension"),
        ("0571 8888 8888转801", "CN", "extension"),
    ],
)
def test_an_impossible_number_is_refused_with_what_was_understood_and_the_remedy(
    raw: str, region: str | None, reason: str
) -> None:
    with pytest.raises(InvalidNumberError) as refusal:
        parse_number(raw, region=region)

    assert reason in str(refusal.value)
    assert "; " in str(refusal.value)
    assert refusal.value.kind == "invalid_number"


@pytest.mark.parametrize(
    "text",
    [
        "15550001234",
        "+05550001234",
        "+1",
        "+1234567890123456",
        "+1 5550",
        "+A5550001234",
        "+1555000123A",
        "+１２３",
        "",
    ],
)
def test_a_text_that_is_not_e164_makes_no_number(text: str) -> None:
    with pytest.raises(InvalidNumberError, match=r"E\.164"):
        PhoneNumber(text)


def test_the_shape_of_e164_is_told_by_what_it_lacks() -> None:
    with pytest.raises(InvalidNumberError, match=r"it has no leading \+;"):
        PhoneNumber("15550001234")
    with pytest.raises(InvalidNumberError, match="after \\+ come 2 to 15 digits"):
        PhoneNumber("+1")


def test_a_refusal_says_what_was_understood_in_one_sentence() -> None:
    remedy = "write it in E.164 form, e.g. +15550001234"

    with pytest.raises(InvalidNumberError) as refusal:
        parse_number("+1555000", region=None)

    understood = "understood as +1 and 6 digits, too few for that country"
    assert str(refusal.value) == f"Invalid phone number: {understood}; {remedy}"
    assert refusal.value.reason == f"{understood}; {remedy}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+15550001234", "+1555***1234"),
        ("15550001234", "1555***1234"),
        ("+1555000", "+15***00"),
        ("+15", "+***"),
        ("", "***"),
    ],
)
def test_the_middle_of_a_number_is_hidden_with_or_without_a_plus_sign(text: str, masked: str) -> None:
    assert mask_number(text) == masked


def test_a_number_is_whole_as_text_and_masked_as_representation() -> None:
    number = PhoneNumber("+15550001234")

    assert str(number) == "+15550001234"
    assert repr(number) == "PhoneNumber('+1555***1234')"
    assert repr([number]) == "[PhoneNumber('+1555***1234')]"


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        ("+14155552671", "US"),
        ("+15550001234", "US"),
        ("+14165550100", "CA"),
        ("+14160001111", "CA"),
        ("+18765551234", "JM"),
        ("+18760001111", "JM"),
        ("+8613800138000", "CN"),
        ("+441534000000", "JE"),
        ("+441121234567", "GB"),
        ("+77010000000", "KZ"),
        ("+881612345678", None),
        ("+80012345678", None),
        ("+999123456", None),
    ],
)
def test_the_region_is_a_country_and_not_a_country_code(e164: str, region: str | None) -> None:
    assert PhoneNumber(e164).region == region


@pytest.mark.parametrize(
    ("digits", "regions"), [("86", ("CN",)), ("086", ()), ("0", ()), ("", ()), ("x", ()), ("999", ())]
)
def test_regions_belong_to_country_codes_alone(digits: str, regions: tuple[str, ...]) -> None:
    assert regions_of_country_code(digits) == regions


@pytest.mark.parametrize(
    ("e164", "digits"),
    [
        ("+8613800138000", "13800138000"),
        ("+8657188888888", "057188888888"),
        ("+865710000000", "05710000000"),
        ("+861012345678", "01012345678"),
        ("+8615012345678", "15012345678"),
        ("+864001234567", "4001234567"),
        ("+868001234567", "8001234567"),
        ("+8695588", "95588"),
        ("+8696110", "96110"),
        ("+442079460958", "02079460958"),
        ("+15550001234", "5550001234"),
        ("+999123456", "999123456"),
    ],
)
def test_the_national_digits_are_what_is_dialled_at_home(e164: str, digits: str) -> None:
    assert PhoneNumber(e164).national_digits == digits


@pytest.mark.parametrize(
    ("e164", "kind"),
    [
        ("+8613800138000", NumberKind.MOBILE),
        ("+8657188888888", NumberKind.FIXED),
        ("+14155552671", NumberKind.FIXED_OR_MOBILE),
        ("+18002345678", NumberKind.TOLL_FREE),
        ("+19002345678", NumberKind.PREMIUM_RATE),
        ("+19000000000", NumberKind.PREMIUM_RATE),
        ("+449067000000", NumberKind.PREMIUM_RATE),
        ("+979123456789", NumberKind.PREMIUM_RATE),
        ("+864001234567", NumberKind.SHARED_COST),
        ("+881612345678", NumberKind.SATELLITE),
        ("+870773123456", NumberKind.SATELLITE),
        ("+88312345678", NumberKind.SATELLITE),
        ("+15550001234", NumberKind.UNKNOWN),
        ("+999123456", NumberKind.UNKNOWN),
    ],
)
def test_the_kind_tells_what_a_number_costs(e164: str, kind: NumberKind) -> None:
    assert PhoneNumber(e164).kind is kind


def test_an_example_number_is_possible_but_not_valid() -> None:
    assert not parse_number("+15550001234", region=None).is_valid
    assert parse_number("+14155552671", region=None).is_valid
    assert not PhoneNumber("+999123456").is_valid


@given(st.from_regex(r"\+[1-9][0-9]{1,14}", fullmatch=True))
def test_a_mask_hides_at_least_three_digits_and_never_the_middle_one(e164: str) -> None:
    shown = mask_number(e164).removeprefix("+")
    first, last = shown.split("***")
    digits = len(e164) - 1

    assert digits - len(first) - len(last) >= min(3, digits)
    assert len(first) == len(last) <= 4
    assert len(first) <= (digits - 1) // 2
    assert e164.startswith("+" + first)
    assert e164.endswith(last)


written = st.text(st.sampled_from("0123456789+ -().x;tel:=９８"), max_size=24)


@given(
    written | st.from_regex(r"\+?0{0,3}[1-9][0-9]{5,13}", fullmatch=True),
    st.sampled_from([None, "CN", "US", "GB", "IT", "AR", "NG", "AU"]),
)
def test_what_was_understood_once_is_understood_the_same_again(raw: str, region: str | None) -> None:
    try:
        number = parse_number(raw, region=region)
    except InvalidNumberError:
        return

    assert parse_number(number.e164, region=region) == number
    assert parse_number(number.e164, region=None) == number
    assert parse_number(f"tel:{number.e164}", region="CN") == number


@given(st.text(max_size=300), st.none() | st.text(max_size=3))
def test_any_text_is_a_number_or_an_invalid_number(raw: str, region: str | None) -> None:
    try:
        number = parse_number(raw, region=region)
    except InvalidNumberError:
        return

    assert PhoneNumber(number.e164) == number
