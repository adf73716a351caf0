"""Why a call is over: every cause, source and direction, written down once more by hand."""

import pytest

from voice_adapters.carriers.telnyx.causes import (
    END_REASONS,
    HANGUP_CAUSES,
    HANGUP_SOURCES,
    Source,
    end_reason,
)
from voice_domain.vocabulary import Direction, EndReason

# cause: outbound by caller, callee, unknown; inbound by caller, callee, unknown
GOLDEN = """
call_rejected:     busy busy busy; busy busy busy
normal_clearing:   hangup-bot hangup-user completed; hangup-user hangup-bot completed
originator_cancel: hangup-bot hangup-bot hangup-bot; hangup-user hangup-user hangup-user
timeout:           no-answer no-answer no-answer; no-answer no-answer no-answer
time_limit:        timeout timeout timeout; timeout timeout timeout
user_busy:         busy busy busy; busy busy busy
not_found:         failed failed failed; failed failed failed
no_answer:         no-answer no-answer no-answer; no-answer no-answer no-answer
unspecified:       failed failed failed; failed failed failed
"""
ROWS = {
    name: [half.split() for half in reasons.split(";")]
    for name, reasons in (line.split(":") for line in GOLDEN.strip().splitlines())
}
WAYS = (Direction.OUTBOUND, Direction.INBOUND)


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    agreed = {
        (cause, direction, source): EndReason(ROWS[cause][WAYS.index(direction)][place])
        for cause in ROWS
        for direction in WAYS
        for place, source in enumerate(Source)
    }

    assert dict(END_REASONS) == agreed
    assert set(ROWS) == set(HANGUP_CAUSES)
    assert HANGUP_SOURCES == ("caller", "callee", "unknown")


@pytest.mark.parametrize("direction", WAYS)
@pytest.mark.parametrize("was_up", [True, False])
def test_a_cause_that_nobody_knows_is_a_failure_before_the_answer_and_an_error_after_it(
    direction: Direction, *, was_up: bool
) -> None:
    wanted = EndReason.ERROR if was_up else EndReason.FAILED

    for cause in ("", "weather", "unspecified", "not_found"):
        assert end_reason(cause, "caller", direction, was_up=was_up) is wanted


def test_a_source_that_nobody_knows_is_nobody() -> None:
    reason = end_reason("normal_clearing", "martian", Direction.OUTBOUND, was_up=True)

    assert reason is EndReason.COMPLETED
