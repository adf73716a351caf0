"""Calls as text for people."""

from voice_entrypoints.cli.columns import columns, width_of
from voice_entrypoints.cli.record_text import history_text, record_text

RECORD = {
    "callId": "29253be9",
    "provider": "mock",
    "direction": "outbound",
    "state": "hangup-user",
    "from": "+15550000000",
    "to": "+15550005678",
    "mode": "conversation",
    "startedAt": 1_000_000,
    "answeredAt": 1_000_900,
    "endedAt": 1_011_400,
    "endReason": "hangup-user",
    "transcript": [
        {"timestamp": 1_001_000, "speaker": "bot", "text": "您好", "isFinal": True},
        {
            "timestamp": 1_003_000,
            "speaker": "bot",
            "text": "Hello",
            "isFinal": True,
            "intended": "Hello there",
            "interrupted": True,
        },
        {"timestamp": 1_004_000, "speaker": "user", "text": "Yes", "isFinal": True},
    ],
    "metadata": {},
}


def test_wide_characters_take_two_cells() -> None:
    assert width_of("您好, ok") == 8


def test_columns_line_up_beside_wide_characters() -> None:
    first, second = columns([("您好", "|"), ("ab", "|")]).splitlines()

    assert width_of(first) == width_of(second)


def test_a_table_without_rows_is_empty() -> None:
    assert columns([]) == ""


def test_a_record_is_told_with_its_times_and_its_transcript() -> None:
    text = record_text(RECORD)

    assert "answered after 0.9 s, lasted 10.5 s" in text
    assert "2.1  we    Hello — interrupted" in text
    assert "3.1  they  Yes" in text


def test_a_record_for_people_holds_no_whole_number() -> None:
    assert "+15550005678" not in record_text(RECORD) + history_text([RECORD])


def test_a_withheld_caller_is_called_unknown() -> None:
    assert "from unknown" in record_text({**RECORD, "direction": "inbound", "from": "unknown"})


def test_a_live_call_has_no_duration_yet() -> None:
    live = {name: value for name, value in RECORD.items() if name not in {"endedAt", "endReason"}}

    assert history_text([live]).splitlines()[1].endswith("live")


def test_no_calls_are_told_in_words() -> None:
    assert history_text([]) == "no calls"
