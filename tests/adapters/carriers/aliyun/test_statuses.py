"""What Aliyun keeps of a call that is over, in either spelling of its fields."""

import pytest

from voice_adapters.carriers.aliyun.statuses import ANSWERED_CODES, line_status
from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import EndReason


@pytest.mark.parametrize("state", ["state", "status_code", "statusCode"])
@pytest.mark.parametrize("direction", ["hangupDirection", "hangup_direction"])
def test_the_code_and_who_hung_up_are_read_in_every_spelling(state: str, direction: str) -> None:
    kept = line_status({state: 200001, direction: "用户"})

    assert kept == LineStatus(alive=False, reason=EndReason.HANGUP_USER, cause="200001")


def test_nothing_kept_says_nothing_and_a_heard_out_call_was_answered() -> None:
    assert line_status({}) == LineStatus(alive=None, cause="")
    assert frozenset({"200000", "200001", "200008"}) == ANSWERED_CODES
