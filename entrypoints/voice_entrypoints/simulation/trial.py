"""One seed tried: carried out, judged, and if it fails made smaller, with the command that shows it again."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from voice_contracts.twins.staged import stage_of
from voice_entrypoints.simulation.carrier_side import CARRIER
from voice_entrypoints.simulation.faults import FaultKind
from voice_entrypoints.simulation.oracles.case import Breach
from voice_entrypoints.simulation.oracles.judge import judge
from voice_entrypoints.simulation.plan import Plan, make_plan
from voice_entrypoints.simulation.seen import Seen
from voice_entrypoints.simulation.shrinking import shrunk
from voice_entrypoints.simulation.tally import Tally, tally_of
from voice_entrypoints.simulation.world import carry_out, unaltered
from voice_entrypoints.wiring_simulation import Alter, Answering

__all__ = ("Failure", "Trial", "Wish", "try_seed")


@attrs.frozen(kw_only=True)
class Wish:
    """What is to be simulated."""

    calls: int
    carrier: str = CARRIER
    kinds: tuple[FaultKind, ...]
    keep_calls: frozenset[int] | None = None
    """Only these calls of the plan; None for all."""
    keep_faults: frozenset[int] | None = None
    """Only these faults of it; None for all."""
    responder: Answering | None = None
    responder_name: str = ""
    shrink: bool = True
    alter: Alter = unaltered
    """Changes the container of each life of the gateway."""

    def plan(self, seed: int) -> Plan:
        """Return the plan of *seed*."""
        plan = make_plan(seed, self.calls, self.kinds).fitted(stage_of(self.carrier).facts)
        return plan.keeping(self.keep_calls, self.keep_faults)

    def run(self, plan: Plan) -> tuple[Seen, ...]:
        """Carry a plan's halves out, in silence: what the gateway logs while all goes wrong would fill the screen."""
        with _silence():
            return tuple(
                carry_out(
                    half, carrier=self.carrier, streamed=streamed, responder=self.responder, alter=self.alter
                )
                for streamed, half in plan.halves()
            )

    def command(self, plan: Plan) -> str:
        """Return the command that carries *plan*, which was made here, out again."""
        kinds = "all" if self.kinds == tuple(FaultKind) else ",".join(self.kinds) or "none"
        words = [f"voicecall simulate --seed {plan.seed} --calls {self.calls} --faults {kinds}"]
        if self.carrier != CARRIER:
            words.append(f"--carrier {self.carrier}")
        if self.responder_name:
            words.append(f"--responder {self.responder_name}")
        words.append(f"--keep-calls {_listed(call.number for call in plan.calls)}")
        words.append(f"--keep-faults {_listed(fault.number for fault in plan.faults)}")
        return " ".join(words)


@attrs.frozen
class Failure:
    """What went wrong with a seed that was not planned."""

    breaches: Sequence[Breach]
    smaller: Plan
    """The smallest plan found that fails in the same way."""
    command: str


@attrs.frozen
class Trial:
    """One seed, tried."""

    seed: int
    tally: Tally
    failure: Failure | None


def try_seed(wish: Wish, seed: int, tell: Callable[[str], None]) -> Trial:
    """Try one seed; *tell* gets a sentence before what takes longer."""
    plan = wish.plan(seed)
    runs = wish.run(plan)
    breaches, tally = _judged(runs), tally_of(runs)
    if not breaches:
        return Trial(seed, tally, None)
    if wish.shrink:
        tell(f"seed {seed} fails ({breaches[0].oracle}); looking for a smaller plan")
        wanted = {breach.oracle for breach in breaches}
        plan = shrunk(plan, lambda some: bool(wanted & {one.oracle for one in _judged(wish.run(some))}))
    return Trial(seed, tally, Failure(breaches, plan, wish.command(plan)))


def _judged(runs: Sequence[Seen]) -> tuple[Breach, ...]:
    return tuple(breach for seen in runs for breach in judge(seen))


def _listed(numbers: Iterator[int]) -> str:
    return ",".join(map(str, numbers)) or "none"


@contextmanager
def _silence() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
