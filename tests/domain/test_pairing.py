"""Pairing: codes, their life, and who was approved."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.e164 import PhoneNumber
from voice_domain.pairing import (
    CODE_LIFE_MS,
    MAX_PENDING,
    DamagedPairingBookError,
    InvalidPairingCodeError,
    PairingBook,
    UnknownPairingCodeError,
)

NOW = 1_800_000_000_000
ALICE = PhoneNumber("+15550000001")
BOB = PhoneNumber("+15550000002")


def _asked(*callers: int, at_ms: int = NOW) -> PairingBook:
    book = PairingBook()
    for each in callers:
        book, _ = book.ask(PhoneNumber(f"+1555000000{each}"), code=f"00000{each}", now_ms=at_ms)
    return book


def test_an_unknown_caller_gets_the_code_and_waits() -> None:
    book, request = PairingBook().ask(ALICE, code="012345", now_ms=NOW)

    assert request is not None
    assert (request.code, request.caller) == ("012345", ALICE)
    assert request.expires_at_ms == NOW + 60 * 60 * 1000
    assert book.pending_at(NOW) == (request,)
    assert book.approved == frozenset()


def test_the_same_caller_hears_the_same_code_again_and_gains_no_time() -> None:
    book, first = PairingBook().ask(ALICE, code="012345", now_ms=NOW)

    again, second = book.ask(ALICE, code="999999", now_ms=NOW + 1000)

    assert second == first
    assert again == book


def test_a_code_lives_for_an_hour_and_not_a_millisecond_longer() -> None:
    book = _asked(1)

    assert book.approve("000001", now_ms=NOW + CODE_LIFE_MS - 1).approved == {ALICE}
    with pytest.raises(UnknownPairingCodeError):
        book.approve("000001", now_ms=NOW + CODE_LIFE_MS)
    _, renewed = book.ask(ALICE, code="777777", now_ms=NOW + CODE_LIFE_MS)
    assert renewed is not None
    assert renewed.code == "777777"


def test_a_sixth_unknown_caller_is_refused_without_a_code() -> None:
    book = _asked(1, 2, 3, 4, 5)

    full, request = book.ask(PhoneNumber("+15550000006"), code="000006", now_ms=NOW)
    _, known = book.ask(ALICE, code="000007", now_ms=NOW)

    assert request is None
    assert full == book
    assert known is not None
    assert known.code == "000001"


def test_an_expired_request_makes_room() -> None:
    book = _asked(1, 2, 3, 4, 5)

    later, request = book.ask(PhoneNumber("+15550000006"), code="000001", now_ms=NOW + CODE_LIFE_MS)

    assert request is not None
    assert later.pending == (request,)


def test_approval_admits_the_caller_and_spends_the_code() -> None:
    book = _asked(1, 2).approve("000001", now_ms=NOW)

    assert book.approved == {ALICE}
    assert [each.caller for each in book.pending_at(NOW)] == [BOB]
    with pytest.raises(UnknownPairingCodeError):
        book.approve("000001", now_ms=NOW)


def test_denial_forgets_the_caller() -> None:
    book = _asked(1, 2).deny("000001", now_ms=NOW)

    assert book.approved == frozenset()
    assert [each.caller for each in book.pending_at(NOW)] == [BOB]


@pytest.mark.parametrize("code", ["999999", "", "00001", "000001 "])
def test_an_unknown_code_is_named(code: str) -> None:
    with pytest.raises(UnknownPairingCodeError, match=f"pairing code '{code}'") as refusal:
        _asked(1).deny(code, now_ms=NOW)

    assert refusal.value.code == code


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n"])
def test_a_code_is_six_digits(code: str) -> None:
    with pytest.raises(InvalidPairingCodeError, match="six digits"):
        PairingBook().ask(ALICE, code=code, now_ms=NOW)


def test_two_callers_never_share_a_code() -> None:
    with pytest.raises(InvalidPairingCodeError, match="taken"):
        _asked(1).ask(BOB, code="000001", now_ms=NOW)


def test_neither_a_code_nor_a_whole_number_is_in_the_representation() -> None:
    text = repr(_asked(1))

    assert "000001" not in text
    assert "+1555***0001" in text


def test_a_book_survives_being_kept_as_json() -> None:
    book = _asked(1, 2, 3).approve("000002", now_ms=NOW)

    assert PairingBook.from_plain(json.loads(json.dumps(book.to_plain()))) == book


@pytest.mark.parametrize(
    ("plain", "where"),
    [
        (None, "the top"),
        ([], "the top"),
        ({}, "pending"),
        ({"pending": [], "approved": None}, "approved"),
        ({"pending": [], "approved": ["+15550001234", "5"]}, r"approved\[1\]"),
        ({"pending": [7], "approved": []}, r"pending\[0\]"),
        ({"pending": [{"code": "000001", "caller": "+12"}], "approved": []}, r"pending\[0\]"),
        (
            {"pending": [{"code": "1", "caller": "+12", "requested_at_ms": 1}], "approved": []},
            r"pending\[0\]\.code",
        ),
        (
            {"pending": [{"code": "000001", "caller": 12, "requested_at_ms": 1}], "approved": []},
            r"pending\[0\]\.caller",
        ),
    ],
)
def test_a_damaged_book_says_where(plain: object, where: str) -> None:
    with pytest.raises(DamagedPairingBookError, match=f"damaged at {where};"):
        PairingBook.from_plain(plain)


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "approve", "deny"]), st.integers(0, 9), st.integers(0, CODE_LIFE_MS)),
    max_size=30,
)


@given(steps)
def test_whatever_happens_five_wait_at_most_and_nobody_is_approved_without_a_living_code(
    script: list[tuple[str, int, int]],
) -> None:
    book, now_ms = PairingBook(), NOW
    for verb, who, passed_ms in script:
        now_ms += passed_ms // 4
        waiting = {each.code: each.caller for each in book.pending_at(now_ms)}
        code, approved = f"12345{who}", book.approved
        if verb == "ask":
            book, _ = book.ask(PhoneNumber(f"+1555000000{who}"), code=code, now_ms=now_ms)
            assert book.approved == approved
        elif code in waiting:
            book = getattr(book, verb)(code, now_ms=now_ms)
            assert book.approved == (approved | {waiting[code]} if verb == "approve" else approved)
        assert len(book.pending) <= MAX_PENDING
        assert len({each.code for each in book.pending}) == len(book.pending)
        assert PairingBook.from_plain(book.to_plain()) == book
