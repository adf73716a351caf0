"""Who may call in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.e164 import PhoneNumber
from voice_domain.inbound_policy import (
    Admitted,
    InboundPolicy,
    PairingNeeded,
    Refused,
    RefusedBecause,
    caller_number,
    judge_caller,
)

FRIEND = PhoneNumber("+15550001234")
PAIRED = PhoneNumber("+15550005678")
STRANGER = PhoneNumber("+15550009999")

NOBODY = Refused(RefusedBecause.INBOUND_DISABLED)
WITHHELD = Refused(RefusedBecause.ANONYMOUS)
UNLISTED = Refused(RefusedBecause.NOT_LISTED)


@pytest.mark.parametrize(
    ("policy", "friend", "paired", "stranger", "withheld"),
    [
        (InboundPolicy.DISABLED, NOBODY, NOBODY, NOBODY, NOBODY),
        (InboundPolicy.ALLOWLIST, Admitted(), UNLISTED, UNLISTED, WITHHELD),
        (InboundPolicy.PAIRING, Admitted(), Admitted(), PairingNeeded(STRANGER), WITHHELD),
        (InboundPolicy.OPEN, Admitted(), Admitted(), Admitted(), Admitted()),
    ],
)
def test_each_policy_has_its_answer_for_each_caller(
    policy: InboundPolicy, friend: object, paired: object, stranger: object, withheld: object
) -> None:
    answers = [
        judge_caller(policy, caller, allow_from={FRIEND}, paired={PAIRED})
        for caller in (FRIEND, PAIRED, STRANGER, None)
    ]

    assert answers == [friend, paired, stranger, withheld]


numbers = st.from_regex(r"\+[1-9][0-9]{3,14}", fullmatch=True)


@given(st.lists(numbers, max_size=4), numbers)
def test_an_allowlist_admits_exactly_what_it_holds(listed: list[str], caller: str) -> None:
    allow_from = [PhoneNumber(each) for each in listed]

    answer = judge_caller(InboundPolicy.ALLOWLIST, PhoneNumber(caller), allow_from=allow_from, paired=())

    assert (answer == Admitted()) is (caller in listed)


@given(numbers, st.integers(1, 3))
def test_a_beginning_or_an_end_of_a_listed_number_is_not_that_number(listed: str, cut: int) -> None:
    allow_from = {PhoneNumber(listed)}

    for caller in (listed[:-cut], f"{listed[:15]}0", f"+9{listed[1:14]}"):
        alike = caller if len(caller) > 2 and caller != listed else "+12"
        answer = judge_caller(InboundPolicy.ALLOWLIST, PhoneNumber(alike), allow_from=allow_from, paired=())
        assert answer == UNLISTED


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "anonymous",
        "Unknown",
        "RESTRICTED",
        "unavailable",
        "private",
        "+266696687",
        "266696687",
        "+7378742833",
        "+2562533",
        "+7748283",
        "+8656696",
        "+86282452253",
        "sip:+15550001234@example.com",
        "client:alice",
        "+15550001234@example.com",
        "+1",
        "15550001234",
    ],
)
def test_a_withheld_caller_has_no_number(raw: str | None) -> None:
    assert caller_number(raw) is None


@pytest.mark.parametrize(
    ("raw", "region"),
    [("+15550001234", None), ("+1 (555) 000-1234", "CN"), ("tel:+15550001234", None), ("5550001234", "US")],
)
def test_a_caller_with_a_number_has_it_in_e164(raw: str, region: str | None) -> None:
    assert caller_number(raw, region=region) == FRIEND


def test_a_caller_is_taken_as_told_even_if_nobody_could_dial_them() -> None:
    assert caller_number("+1555") == PhoneNumber("+1555")


@given(st.text(max_size=40))
def test_any_text_about_a_caller_is_a_number_or_none(raw: str) -> None:
    caller = caller_number(raw)

    assert caller is None or caller.e164.startswith("+")
