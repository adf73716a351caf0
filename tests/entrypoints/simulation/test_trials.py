"""A run can be had again, is made smaller when it fails, and is what the command line shows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import attrs
import pytest
from dependency_injector import providers
from support.sources import ROOT

from voice_adapters.runtime.exchange import CallExchange
from voice_domain.call import Call
from voice_domain.inputs import WordsHeard
from voice_domain.ports.carrier import CarrierSignal
from voice_entrypoints.cli.main import run
from voice_entrypoints.container import Container
from voice_entrypoints.simulation.carrier_side import CARRIER
from voice_entrypoints.simulation.faults import FaultKind
from voice_entrypoints.simulation.oracles.case import cases_of
from voice_entrypoints.simulation.plan import make_plan
from voice_entrypoints.simulation.seen import Seen
from voice_entrypoints.simulation.shrinking import shrunk
from voice_entrypoints.simulation.trial import Wish, try_seed
from voice_entrypoints.simulation.virtual_loop import StandstillError, run_virtually
from voice_entrypoints.simulation.world import carry_out

ALL = tuple(FaultKind)
LANGUAGES = ("md", "zh-CN.md")


def page(name: str, language: str) -> str:
    return (ROOT / "docs" / f"{name}.{language}").read_text(encoding="utf-8")


class Deaf(CallExchange):
    """Says yes to what the counterpart said, and throws it away."""

    async def receive(self, signal: CarrierSignal) -> Call | None:
        if isinstance(signal.news, WordsHeard):
            return self._find(signal)
        return await super().receive(signal)


def with_a_bug(_container: Container) -> None:
    raise LookupError("there is no such row")


def breaking(container: Container) -> None:
    parts = (container.calls(), container.store(), container.admit(), container.adopt())
    container.exchange.override(providers.Object(Deaf(*parts)))


def test_the_same_seed_gives_the_same_trace_whatever_order_hashes_have() -> None:
    program = (
        "from voice_entrypoints.simulation.trial import Wish\n"
        "from voice_entrypoints.simulation.faults import FaultKind\n"
        "wish = Wish(calls=16, kinds=tuple(FaultKind)); print([seen.trace.digest for seen in wish.run(wish.plan(8))])"
    )
    here = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    wish = Wish(calls=16, kinds=ALL)

    there = subprocess.run(
        [sys.executable, "-c", program], env=here, capture_output=True, text=True, check=True
    )

    runs = wish.run(wish.plan(8))
    assert [seen.streamed for seen in runs] == [False, True]
    assert there.stdout.strip() == str([seen.trace.digest for seen in runs])


def test_another_seed_gives_another_trace() -> None:
    digests = {carry_out(make_plan(seed, 3, ())).trace.digest for seed in (1, 2)}

    assert len(digests) == 2


def test_calls_do_not_depend_on_what_goes_wrong() -> None:
    assert make_plan(4, 20, ()).calls == make_plan(4, 20, ALL).calls


def fates(seen: Seen) -> dict[str, list[tuple[str, int]]]:
    """Return what happened in each call and when, by its counterpart."""
    return {
        case.planned.phone: [(type(event).__name__, event.at_ms) for event in case.histories[0]]
        for case in cases_of(seen)
        if case.histories
    }


def test_a_call_fares_alone_as_it_fares_among_others() -> None:
    plan = make_plan(3, 12, ALL)
    among_others = fates(carry_out(plan))

    alone = [fates(carry_out(plan.keeping(frozenset({call.number}), None))) for call in plan.calls]

    assert {phone: fate for one in alone for phone, fate in one.items()} == among_others


def test_a_call_with_a_media_stream_fares_alone_as_it_fares_among_others() -> None:
    """Of calls to us this holds but for the greeting, which the first one makes ready for all."""
    plan = dict(make_plan(3, 60, ALL).halves())[True]
    plan = plan.keeping(frozenset(call.number for call in plan.calls if not call.inbound), None)
    among_others = fates(carry_out(plan, streamed=True))

    alone = [
        fates(carry_out(plan.keeping(frozenset({call.number}), None), streamed=True)) for call in plan.calls
    ]

    assert {phone: fate for one in alone for phone, fate in one.items()} == among_others


def test_a_plan_that_fails_is_made_as_small_as_it_can_be() -> None:
    plan = make_plan(4, 40, ALL)
    culprits = {plan.calls[7].number, plan.calls[31].number}

    smaller = shrunk(plan, lambda some: culprits <= {call.number for call in some.calls}, most_runs=200)

    assert {call.number for call in smaller.calls} == culprits
    assert smaller.faults == ()


def test_a_failure_names_the_command_that_shows_it_again() -> None:
    wish = Wish(calls=10, kinds=(), alter=breaking)

    trial = try_seed(wish, 5, lambda _: None)

    assert trial.failure is not None
    assert len(trial.failure.smaller.calls) == 1
    number = trial.failure.smaller.calls[0].number
    assert trial.failure.command == (
        f"voicecall simulate --seed 5 --calls 10 --faults none --keep-calls {number} --keep-faults none"
    )
    again = try_seed(attrs.evolve(wish, keep_calls=frozenset({number}), shrink=False), 5, lambda _: None)
    assert again.failure is not None


def test_the_command_reports_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["simulate", "--seed", "3", "--calls", "6", "--faults", "api,webhook-late", "--json"])

    out, err = capsys.readouterr()
    result = json.loads(out)
    assert code == 0
    assert result["ok"] is True
    assert result["carrier"] == CARRIER
    assert result["failures"] == []
    keys = ", ".join(f'"{key}"' for key in result)
    assert all(f"`{{{keys}}}`" in page("command-line", language) for language in LANGUAGES)
    assert {kind.partition("-")[0] for kind in result["faults"]} <= {"api", "webhook"}
    assert "all promises kept" in err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_every_fault(language: str) -> None:
    assert [kind for kind in FaultKind if f"`{kind}`" not in page("reliability", language)] == []


def test_a_host_tries_its_own_responder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "async def reply(utterance, call):\n    raise ValueError(utterance)\n"
    (tmp_path / "host_responder.py").write_text(program)
    monkeypatch.chdir(tmp_path)

    run(["simulate", "--calls", "12", "--faults", "none", "--responder", "host_responder:reply", "--json"])

    assert json.loads(capsys.readouterr().out)["replies"]["broken"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--faults", "weather"), "there is no fault 'weather'"),
        (("--responder", "nowhere:reply"), "there is no responder"),
        (("--keep-calls", "one"), "--keep-calls takes numbers"),
        (("--calls", "0"), "1 or more"),
        (("--carrier", "mock"), "there is no carrier 'mock' to simulate; choose from"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", *words]) == 2

    assert said in capsys.readouterr().err


def test_tasks_that_wake_each_other_for_ever_end_the_run() -> None:
    async def spin() -> None:
        while True:
            await anyio.lowlevel.checkpoint()

    with pytest.raises(StandstillError, match="time stands still at 0"):
        run_virtually(spin)


def test_a_run_that_breaks_off_is_a_seed_that_fails_and_the_next_one_is_tried_all_the_same() -> None:
    wish = Wish(calls=2, kinds=(), alter=with_a_bug)

    first, second = (try_seed(wish, seed, lambda _: None) for seed in (1, 2))

    assert first.failure is not None
    assert second.failure is not None
    (breach,) = first.failure.breaches
    assert breach.oracle == "crash"
    assert breach.text.startswith("LookupError: there is no such row (in with_a_bug, test_trials.py:")
