"""Seeds that have found something, and a few that have not: nothing is lost in them any more."""

import attrs
import pytest

from voice_contracts.twins.callee import Callee, HangUp
from voice_contracts.twins.staged import STAGED, stage_of
from voice_entrypoints.simulation.carrier_side import CARRIER
from voice_entrypoints.simulation.faults import Fault, FaultKind
from voice_entrypoints.simulation.oracles.judge import judge
from voice_entrypoints.simulation.plan import Plan, make_plan
from voice_entrypoints.simulation.world import carry_out

ALL = tuple(FaultKind)

FOUND = {
    "keys that we pressed cut a text, and the record said that it was heard whole": (6, 37, 60),
    "words were thrown away while the carrier took its time with the next text": (107, 30, 80),
    "a late partial reading was taken for a second utterance": (103, 23, 80),
    "a request that nobody wanted any more was repeated, and said what had been dropped": (116, 51, 80),
}
"""What was wrong, and where: the seed, the call, and how many calls were planned."""

FOUND_BY_ALL = {
    "keys and a text of one moment overtook each other, and words were thrown away": (2, 1841, 2000, {2085}),
    "a reading that was cut counted as heard for as long as a slow disk kept the news": (
        4,
        1297,
        2000,
        {2399},
    ),
}
"""The same among faults of all kinds; then the faults that it takes."""


@pytest.mark.parametrize(("seed", "call", "calls"), FOUND.values(), ids=FOUND)
def test_what_was_found_once_stays_found(seed: int, call: int, calls: int) -> None:
    plan = make_plan(
        seed, calls, [kind for kind in FaultKind if kind.value.startswith(("webhook", "api", "reply"))]
    )

    seen = carry_out(plan.keeping(frozenset({call}), None))

    assert judge(seen) == ()


@pytest.mark.parametrize(("seed", "call", "calls", "faults"), FOUND_BY_ALL.values(), ids=FOUND_BY_ALL)
def test_what_was_found_among_all_faults_stays_found(
    seed: int, call: int, calls: int, faults: set[int]
) -> None:
    plan = make_plan(seed, calls, ALL)

    seen = carry_out(plan.keeping(frozenset({call}), frozenset(faults)))

    assert judge(seen) == ()


def test_a_text_that_our_keys_cut_is_claimed_to_them_although_no_news_of_it_came() -> None:
    """Claimed whole once, or until the call ended."""
    (call,) = make_plan(209, 2000, ()).keeping(frozenset({571}), None).calls
    back_from_the_keys = Fault(0, FaultKind.WEBHOOK_LOST, call.number, at=4, seconds=0.0)

    seen = carry_out(Plan(209, (call,), (back_from_the_keys,)))

    assert seen.trace.injected == {"webhook-lost": 1}
    assert judge(seen) == ()


def test_a_greeting_that_the_synthesizer_cut_short_once_is_whole_in_later_calls() -> None:
    """Every call after it began with the same few words once; found in seed 12 with all calls streamed."""
    early, late = (call for call in make_plan(12, 30, ()).calls if call.number in (9, 15))
    caller = Callee((HangUp(500),))
    calls = [
        attrs.evolve(call, inbound=True, actions=(), callee=caller, at_seconds=at)
        for call, at in ((early, 0.0), (late, 60.0))
    ]
    lie = Fault(0, FaultKind.SYNTHESIZER_SHORT, early.number, at=0, seconds=0.0)

    seen = carry_out(Plan(12, tuple(calls), (lie,)), streamed=True)

    assert seen.trace.injected == {"synthesizer-short": 1}
    assert judge(seen) == ()


def test_a_text_that_is_ready_after_a_silence_is_not_claimed_for_as_long_as_the_silence() -> None:
    """A second of it went out at once, and counted as heard when the counterpart interrupted it."""
    (call,) = make_plan(54, 250, ()).keeping(frozenset({192}), None).calls
    mishearing = Fault(0, FaultKind.TRANSCRIBER_WRONG, call.number, at=0, seconds=0.0)

    seen = carry_out(Plan(54, (call,), (mishearing,)), streamed=True)

    assert judge(seen) == ()


def test_nothing_is_lost_where_nothing_goes_wrong() -> None:
    seen = carry_out(make_plan(1, 25, ()))

    assert judge(seen) == ()
    assert len(seen.histories) == 25
    assert seen.trace.injected == {}


FOUND_ELSEWHERE = {
    "a media stream that was asked for again cut what the carrier's voice read": (
        "telnyx",
        (3, 127, 300, {147, 373}),
    ),
    "a call that was dialled lived on when nobody had told a new process its own name": (
        "plivo",
        (1, 93, 100, {117, 118, 119, 132}),
    ),
}
"""The same on other carriers."""


@pytest.mark.parametrize(("carrier", "found"), FOUND_ELSEWHERE.values(), ids=FOUND_ELSEWHERE)
def test_what_was_found_on_another_carrier_stays_found(
    carrier: str, found: tuple[int, int, int, set[int]]
) -> None:
    seed, call, calls, faults = found
    plan = make_plan(seed, calls, ALL).fitted(stage_of(carrier).facts)
    ((streamed, half),) = plan.keeping(frozenset({call}), frozenset(faults)).halves()

    seen = carry_out(half, carrier=carrier, streamed=streamed)

    assert faults <= seen.trace.struck
    assert judge(seen) == ()


@pytest.mark.parametrize("carrier", [carrier for carrier in STAGED if carrier != CARRIER])
def test_nothing_is_lost_on_another_carrier_where_nothing_goes_wrong(carrier: str) -> None:
    facts = stage_of(carrier).facts
    plan = make_plan(1, 30, ()).fitted(facts)

    runs = [carry_out(half, carrier=carrier, streamed=streamed) for streamed, half in plan.halves()]

    assert [breach for seen in runs for breach in judge(seen)] == []
    assert sum(len(seen.histories) for seen in runs) == 30
    assert any(seen.streams for seen in runs) is facts.streams
    assert any(leg.is_inbound for seen in runs for leg in seen.legs) is facts.takes_calls


def test_nothing_is_lost_whatever_goes_wrong() -> None:
    seen = carry_out(make_plan(8, 50, ALL))

    assert judge(seen) == ()
    assert seen.lives > 1
    assert len(seen.trace.injected) > 10
