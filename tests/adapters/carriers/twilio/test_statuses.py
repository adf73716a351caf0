"""What Twilio's words for the state of a call say of it."""

import pytest

from voice_adapters.carriers.twilio.statuses import line_status
from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import EndReason


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", "in-progress", " In-Progress "])
def test_a_call_that_goes_on_is_alive(status: str) -> None:
    assert line_status(status) == LineStatus(alive=True, cause=status.strip().lower())


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("completed", EndReason.COMPLETED),
        ("busy", EndReason.BUSY),
        ("no-answer", EndReason.NO_ANSWER),
        ("failed", EndReason.FAILED),
        ("canceled", EndReason.HANGUP_BOT),
    ],
)
def test_a_call_that_is_over_says_why(status: str, reason: EndReason) -> None:
    assert line_status(status) == LineStatus(alive=False, reason=reason, cause=status)


def test_a_call_that_twilio_does_not_know_is_over_and_an_unknown_word_says_nothing() -> None:
    assert line_status(None) == LineStatus(alive=False, cause="unknown to Twilio")
    assert line_status("pondering") == LineStatus(alive=None, cause="pondering")
