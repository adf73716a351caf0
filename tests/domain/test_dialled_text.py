"""What somebody typed, read character by character."""

import pytest

from voice_domain.dialled_text import read_dialled_text

NUMBER = "+15550001234"


@pytest.mark.parametrize("sign", [*" -.()[]/~·_‐‑‒–—―−", "\t", "\u00a0"])
def test_what_parts_the_digits_of_a_number_is_passed_over(sign: str) -> None:
    text = read_dialled_text(f"({sign}+1{sign}5550001234{sign}")

    assert (text.digits, text.international, text.strange) == (NUMBER[1:], True, "")


@pytest.mark.parametrize("sign", [*"!*+:&⒈"])
def test_anything_else_is_strange(sign: str) -> None:
    assert read_dialled_text(f"+1{sign}5550001234").strange == sign


@pytest.mark.parametrize(
    "marker",
    [
        *("ext ", "ext.", "ext:", "ext=", "ext .: = ", "EXT ", "extn ", "extension "),
        *("分机", "转", "x", "w", ",", ",,", "ww", "#"),
    ],
)
def test_an_extension_follows_any_of_its_markers(marker: str) -> None:
    text = read_dialled_text(f"{NUMBER} {marker}12")

    assert (text.digits, text.extension, text.strange) == (NUMBER[1:], "12", "")


@pytest.mark.parametrize("end", [" ", "office", " (office)", ")"])
def test_what_is_no_digit_may_follow_an_extension(end: str) -> None:
    assert read_dialled_text(f"{NUMBER} x12{end}").extension == "12"


@pytest.mark.parametrize("raw", ["+15550001234 x12 34", "+x12", "x12", "#31#15550001234", "+1555 next 12"])
def test_what_is_not_at_the_end_or_comes_first_is_no_extension(raw: str) -> None:
    text = read_dialled_text(raw)

    assert text.extension is None
    assert text.strange in ("x", "#", "n")


@pytest.mark.parametrize(
    ("raw", "digits", "international"),
    [
        (" tel:+15550001234 ", "15550001234", True),
        ("tel:5550001234; phone-context=+1", "15550001234", True),
        ("tel:5550001234;isub=+1", "5550001234", False),
        ("tel:+15550001234;phone-context=+86", "15550001234", True),
    ],
)
def test_parameters_of_an_address_are_told_apart(raw: str, digits: str, *, international: bool) -> None:
    text = read_dialled_text(raw)

    assert (text.digits, text.international, text.extension) == (digits, international, None)


def test_two_hundred_characters_are_read_and_no_more() -> None:
    assert read_dialled_text(NUMBER.ljust(200)).strange == ""
    assert read_dialled_text(NUMBER.ljust(201)).strange == "…"
