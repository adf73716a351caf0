"""How long counterparts waited."""

import pytest

from voice_domain.events import (
    CallEvent,
    LatencyParts,
    SpeechOver,
    TurnMeasured,
    WaiterOutcome,
    WaiterReleased,
    WaiterSet,
)
from voice_domain.identity import SpeechId, WaiterId
from voice_entrypoints.cli.commands.latency import latency_text
from voice_entrypoints.cli.statistics import Spread, latency_of


def turn(number: int, **parts: int) -> TurnMeasured:
    return TurnMeasured(0, number, LatencyParts(**parts))


def waited(until_ms: int, outcome: WaiterOutcome = WaiterOutcome.HEARD) -> list[CallEvent]:
    name = WaiterId("w")
    return [WaiterSet(0, name, SpeechId("s")), SpeechOver(1_000), WaiterReleased(until_ms, name, outcome)]


def test_percentiles_are_values_that_were_measured() -> None:
    spread = Spread.of(list(range(1, 101)))

    assert (spread.count, spread.min_ms, spread.p50_ms, spread.p95_ms, spread.max_ms) == (100, 1, 50, 95, 100)


def test_a_single_value_is_every_percentile() -> None:
    spread = Spread.of([7])

    assert {spread.min_ms, spread.avg_ms, spread.p50_ms, spread.p95_ms, spread.max_ms} == {7}


def test_parts_that_are_unknown_are_not_counted() -> None:
    latency = latency_of([[turn(1, responder_ms=5, synthesis_ms=10)], [turn(1, responder_ms=7)]])

    assert latency.calls == 2
    assert latency.turns == Spread.of([15, 7])
    assert latency.parts["responder"].count == 2
    assert latency.parts["synthesis"].count == 1
    assert latency.parts["endpointing"].count == 0


def test_a_wait_is_counted_from_the_end_of_our_question() -> None:
    assert latency_of([waited(3_500)]).listening == Spread.of([2_500])


@pytest.mark.parametrize("outcome", [each for each in WaiterOutcome if each is not WaiterOutcome.HEARD])
def test_a_wait_without_an_answer_is_not_counted(outcome: WaiterOutcome) -> None:
    assert latency_of([waited(3_500, outcome)]).listening.count == 0


def test_programs_are_told_only_what_is_known() -> None:
    told = latency_of([]).to_json()

    assert told["turnLatency"] == {"count": 0}
    assert set(told) == {"recordsScanned", "turnLatency", "parts", "listenWait"}


def test_people_see_a_row_for_each_part_that_was_measured() -> None:
    table = latency_text(latency_of([[turn(1, responder_ms=5, synthesis_ms=10)]])).splitlines()

    assert [row.split()[0] for row in table] == ["MILLISECONDS", "responder", "synthesis", "total"]
    assert table[-1].split()[1:] == ["1", "15", "15", "15", "15"]
