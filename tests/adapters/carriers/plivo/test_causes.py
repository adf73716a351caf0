"""Why a call is over: every code, source and direction, written down once more by hand."""

import json
from pathlib import Path

import pytest

from voice_adapters.carriers.plivo.causes import END_REASONS, STATUS_REASONS, end_reason, plain_status
from voice_domain.vocabulary import Direction, EndReason

OUT, IN = Direction.OUTBOUND, Direction.INBOUND
TABLE = json.loads(
    (Path(__file__).parents[3] / "vectors" / "plivo" / "events.json").read_text(encoding="utf-8")
)["hangup_causes"]["table"]
# Written as Plivo's page groups them.
GOLDEN = """
1010 error
1020 failed
2000 failed, 2010 failed, 2020 failed, 2030 failed, 2040 failed, 2050 failed, 2060 failed, 2070 failed
3000 no-answer
3010 busy, 3020 busy
3030 failed, 3040 failed, 3050 failed, 3070 failed, 3080 failed, 3090 failed
3100 busy, 3110 busy
3120 failed, 3130 failed, 3140 failed
4010 hangup-bot
4020 completed, 4030 completed
5000 error, 5010 error, 5020 error
6000 timeout
6010 no-answer
6020 error
7011 error, 7012 error, 7013 error, 7014 error
7022 error, 7023 error, 7024 error
7032 error, 7033 error, 7034 error
8011 error, 8012 error, 8013 error, 8014 error
9000 completed
9100 voicemail
9110 completed
"""
AGREED = dict(pair.split() for line in GOLDEN.strip().splitlines() for pair in line.split(","))


def reason(
    code: str,
    source: str = "Unknown",
    direction: Direction | None = OUT,
    *,
    status: str = "completed",
    was_up: bool = True,
) -> str:
    return end_reason(code, source, direction, status=status, was_up=was_up).value


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    assert {code: reason.value for code, reason in END_REASONS.items()} == AGREED


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['code']} {row['name']}")
def test_every_code_of_plivos_page_means_what_is_written_beside_it(row: dict[str, str]) -> None:
    code, wanted = str(row["code"]), row["suggested_state"]
    by_hand = {"0": "failed", "4000": "completed"}

    for source in ("Caller", "Callee", "Plivo", "Carrier", "Unknown", "") if code not in by_hand else ("",):
        told = reason(code, source, OUT, status="failed", was_up=False)
        assert told == by_hand.get(code, wanted)


@pytest.mark.parametrize(
    ("source", "placed_by_us", "to_us"),
    [
        ("Caller", "hangup-bot", "hangup-user"),
        (" caller ", "hangup-bot", "hangup-user"),
        ("Callee", "hangup-user", "hangup-bot"),
        ("Call recipient", "hangup-user", "hangup-bot"),
        ("call RECIPIENT ", "hangup-user", "hangup-bot"),
        ("API Request", "hangup-bot", "hangup-bot"),
        ("Answer XML", "hangup-bot", "hangup-bot"),
        ("Plivo", "completed", "completed"),
        ("Carrier", "completed", "completed"),
        ("Unknown", "completed", "completed"),
        ("Error", "error", "error"),
        ("Martian", "completed", "completed"),
        ("", "completed", "completed"),
    ],
)
def test_a_normal_end_is_told_by_its_source(source: str, placed_by_us: str, to_us: str) -> None:
    for code in ("4000", "", "4999"):
        assert reason(code, source, OUT) == placed_by_us
        assert reason(code, source, IN) == to_us


@pytest.mark.parametrize("source", ["Caller", "Callee", "Call recipient"])
def test_whoever_hung_up_is_nobody_where_nobody_knows_who_dialled(source: str) -> None:
    assert reason("4000", source, None) == "completed"


@pytest.mark.parametrize(
    ("source", "direction", "wanted"),
    [
        ("API Request", OUT, "hangup-bot"),
        ("Caller", OUT, "hangup-bot"),
        ("Caller", IN, "hangup-user"),
        ("API Request", IN, "hangup-bot"),
        ("Unknown", None, "hangup-bot"),
    ],
)
def test_a_call_that_was_canceled_was_canceled_by_whoever_dialled(
    source: str, direction: Direction | None, wanted: str
) -> None:
    assert reason("1000", source, direction, status="failed", was_up=False) == wanted


def test_an_end_that_plivo_cannot_explain_is_one_after_the_answer_and_a_failure_before_it() -> None:
    assert reason("0", was_up=True) == "completed"
    assert reason("0", status="failed", was_up=False) == "failed"
    assert reason("0", "Caller", was_up=True) == "completed"
    assert reason("0", status="busy", was_up=False) == "failed"


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("busy", "busy"),
        ("no-answer", "no-answer"),
        ("timeout", "no-answer"),
        ("failed", "failed"),
        ("cancel", "hangup-bot"),
        ("completed", "completed"),
        ("", "failed"),
        ("dreaming", "failed"),
    ],
)
def test_without_a_code_that_is_known_the_status_decides(status: str, wanted: str) -> None:
    for code in ("", "4999", "x"):
        assert reason(code, status=status, was_up=False) == wanted
    assert set(STATUS_REASONS) == {"busy", "no-answer", "timeout", "failed", "cancel", "completed"}


def test_what_fails_after_the_answer_is_an_error() -> None:
    assert reason("3080", was_up=True) == "error"
    assert reason("", status="failed", was_up=True) == "error"
    assert reason("", status="dreaming", was_up=True) == "completed"


@pytest.mark.parametrize("raw", ["no-answer", "NO-ANSWER", " No_Answer "])
def test_statuses_are_read_in_any_letter_case(raw: str) -> None:
    assert plain_status(raw) == "no-answer"


def test_every_reason_is_one_of_ours() -> None:
    assert {EndReason(word) for word in AGREED.values()} <= set(EndReason)
