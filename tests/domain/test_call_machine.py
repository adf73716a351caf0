"""Every interleaving, repetition, loss and delay leaves a call in a legal state, and releases everything."""

from support.call_machine import play_calls
from support.table_visits import recorded_visits

from voice_domain.states import FLOOR_TABLE, GATE_TABLE, LINE_TABLE, Line, LineFact

STEPS = 100_000
# Once a call is over the gate lets nothing near the line; test_evolve.py shows these cells directly.
STOPPED_AT_THE_GATE = {(Line.ENDED, fact) for fact in LineFact if fact is not LineFact.DIALLED}


def test_any_order_of_inputs_keeps_every_promise_and_visits_every_cell() -> None:
    with recorded_visits() as visits:
        steps = play_calls(1_000)

    assert steps >= STEPS
    assert visits.line | STOPPED_AT_THE_GATE == {
        (line, fact) for line, row in LINE_TABLE.items() for fact in row
    }
    assert visits.floor == {(floor, fact) for floor, row in FLOOR_TABLE.items() for fact in row}
    assert visits.gate == {(kind, line) for kind, row in GATE_TABLE.items() for line in row}
