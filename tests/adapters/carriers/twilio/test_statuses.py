"""What Twilio's words for the state of a call say of it."""

import pytest

from voice_adapters.carriers.twilio.statuses import line_status
from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import EndReason

AT = "Tue, 24 Nov 2026 22:00:05 +0000"
AT_MS = 1_795_557_605_000


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", " Ringing "])
def test_a_call_that_nobody_has_answered_is_alive_and_has_no_answer(status: str) -> None:
    told = LineStatus(alive=True, cause=status.strip().lower(), answered=False)

    assert line_status({"status": status, "start_time": AT}) == told


@pytest.mark.parametrize(
    ("start", "at_ms"), [(AT, AT_MS), (None, None), ("soon", None)], ids=["told", "not told", "odd"]
)
def test_a_call_that_goes_on_has_been_answered_since_it_started(start: str | None, at_ms: int | None) -> None:
    told = LineStatus(alive=True, cause="in-progress", answered=True, answered_at_ms=at_ms)

    assert line_status({"status": " In-Progress ", "start_time": start}) == told


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("busy", EndReason.BUSY),
        ("no-answer", EndReason.NO_ANSWER),
        ("failed", EndReason.FAILED),
        ("canceled", EndReason.HANGUP_BOT),
    ],
)
def test_a_call_that_is_over_says_why(status: str, reason: EndReason) -> None:
    told = LineStatus(alive=False, reason=reason, cause=status, answered=False)

    assert line_status({"status": status, "start_time": AT}) == told


def test_a_call_that_was_talked_in_says_when_it_was_answered() -> None:
    status = line_status({"status": "completed", "start_time": AT})

    assert (status.alive, status.reason) == (False, EndReason.COMPLETED)
    assert (status.answered, status.answered_at_ms) == (True, AT_MS)


@pytest.mark.parametrize("status", ["pondering", None, 5])
def test_an_unknown_word_says_nothing(status: object) -> None:
    cause = status if isinstance(status, str) else ""

    assert line_status({"status": status}) == LineStatus(alive=None, cause=cause)


def test_a_call_that_twilio_does_not_know_is_over() -> None:
    assert line_status(None) == LineStatus(alive=False, cause="unknown to Twilio")
