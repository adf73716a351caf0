"""`voicecall simulate`: the whole gateway among twins, in virtual time, while everything around it fails."""

import importlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Parameter

from voice_entrypoints.cli.failures import UsageError
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.words.language import translated

if TYPE_CHECKING:  # the whole runtime hangs on it, and a page of help needs none of that
    from voice_entrypoints.simulation.faults import FaultKind
    from voice_entrypoints.simulation.trial import Trial, Wish
    from voice_entrypoints.wiring_simulation import Answering

__all__ = ("simulate",)

_PLAIN = Shared()
_SHOWN = 5


def simulate(  # noqa: PLR0913 - one parameter for each option
    *,
    seed: Annotated[int, Parameter(help="Which plan; the same seed gives the same run.")] = 1,
    calls: Annotated[int, Parameter(help="How many calls each plan has.")] = 100,
    faults: Annotated[
        str, Parameter(help="What goes wrong: all, none, or kinds and their beginnings, with commas between.")
    ] = "all",
    seeds: Annotated[int, Parameter(help="How many seeds, from --seed on.")] = 1,
    carrier: Annotated[
        str, Parameter(help="Which carrier takes part, by its word in the settings.", show_default=False)
    ] = "",
    responder: Annotated[
        str, Parameter(help="Your own responder, module:function, instead of an echo.", show_default=False)
    ] = "",
    keep_calls: Annotated[
        str, Parameter(help="Only these calls of the plan, by number.", show_default=False)
    ] = "",
    keep_faults: Annotated[
        str, Parameter(help="Only these faults of it, by number, or none.", show_default=False)
    ] = "",
    no_shrink: Annotated[
        bool, Parameter(help="Do not look for a smaller plan when one fails.", show_default=False)
    ] = False,
    shared: Shared = _PLAIN,
) -> int:
    """Play random calls through the whole gateway, with everything around it failing, and check what comes of it.

    Nothing leaves this process, and no time passes but virtual one. Exits with 0 only if every promise was kept.
    """
    from voice_entrypoints.simulation.carrier_side import CARRIER
    from voice_entrypoints.simulation.trial import Wish, try_seed

    if calls < 1 or seeds < 1:
        raise UsageError("--calls and --seeds are 1 or more")
    wish = Wish(
        calls=calls,
        carrier=_carrier(carrier or CARRIER),
        kinds=_kinds(faults),
        keep_calls=_numbers("--keep-calls", keep_calls),
        keep_faults=_numbers("--keep-faults", keep_faults),
        responder=_responder(responder),
        responder_name=responder,
        shrink=not no_shrink,
    )
    trials = []
    for each in range(seed, seed + seeds):
        trials.append(try_seed(wish, each, note))
        note(_progress(trials[-1]))
    result = _result(wish, trials)
    if shared.json:
        show_json(result)
    else:
        show(_text(result))
    return 0 if result["ok"] else 1


def _carrier(name: str) -> str:
    from voice_contracts.twins.staged import STAGED

    if name not in STAGED:
        raise UsageError(f"there is no carrier {name!r} to simulate; choose from {', '.join(STAGED)}")
    return name


def _kinds(words: str) -> "tuple[FaultKind, ...]":
    from voice_entrypoints.simulation.faults import FaultKind

    if words in ("all", "none"):
        return tuple(FaultKind) if words == "all" else ()
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    for word in wanted:
        if not any(kind.startswith(word) for kind in FaultKind):
            raise UsageError(f"there is no fault {word!r}; choose all, none, or from {', '.join(FaultKind)}")
    return tuple(kind for kind in FaultKind if kind.startswith(tuple(wanted)))


def _numbers(option: str, words: str) -> frozenset[int] | None:
    if not words:
        return None
    try:
        return frozenset() if words == "none" else frozenset(map(int, words.split(",")))
    except ValueError as error:
        raise UsageError(f"{option} takes numbers with commas between, or none") from error


def _responder(name: str) -> "Answering | None":
    if not name:
        return None
    module, colon, function = name.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # where a host's own module is mostly tried from
    try:
        found = getattr(importlib.import_module(module), function) if colon else None
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"there is no responder {name!r}: {error}") from error
    if not callable(found) and not hasattr(found, "reply"):
        raise UsageError(f"--responder {name!r} is no function; write module:function")
    return cast("Answering", found)


def _progress(trial: "Trial") -> str:
    tally = trial.tally
    verdict = f"{len(trial.failure.breaches)} promises broken" if trial.failure else "all promises kept"
    return (
        f"seed {trial.seed}: {tally.records} records, {tally.injected.total()} faults, {tally.lives} lives, "
        f"{tally.seconds:.0f} s of virtual time: {verdict}"
    )


def _result(wish: "Wish", trials: "Sequence[Trial]") -> dict[str, Any]:
    tallies = [trial.tally for trial in trials]
    injected = sum((tally.injected for tally in tallies), Counter[str]())
    replies = sum((tally.replies for tally in tallies), Counter[str]())
    failures = [
        {
            "seed": trial.seed,
            "command": trial.failure.command,
            "calls": len(trial.failure.smaller.calls),
            "faults": len(trial.failure.smaller.faults),
            "breaches": [
                {"oracle": one.oracle, "call": one.call, "text": one.text} for one in trial.failure.breaches
            ],
        }
        for trial in trials
        if trial.failure is not None
    ]
    return {
        "ok": not failures,
        "carrier": wish.carrier,
        "seeds": len(trials),
        "calls": len(trials) * wish.calls,
        "streamedCalls": sum(tally.streamed_calls for tally in tallies),
        "records": sum(tally.records for tally in tallies),
        "legs": sum(tally.legs for tally in tallies),
        "mediaStreams": sum(tally.streams for tally in tallies),
        "lives": sum(tally.lives for tally in tallies),
        "virtualSeconds": round(sum(tally.seconds for tally in tallies)),
        "faults": dict(sorted(injected.items())),
        "replies": dict(sorted(replies.items())),
        "digests": {str(trial.seed): trial.tally.digest for trial in trials},
        "failures": failures,
    }


def _text(result: dict[str, Any]) -> str:
    faults = ", ".join(f"{kind} {count}" for kind, count in result["faults"].items()) or "none"
    time = f"{result['virtualSeconds']} s of virtual time"
    summary = [
        f"{result['calls']} calls in {result['seeds']} runs, {time}, {result['lives']} lives of the gateway",
        f"faults: {faults}",
        f"answers: {', '.join(f'{how} {count}' for how, count in result['replies'].items()) or 'none'}",
    ]
    lines = [translated(line) for line in summary]
    for failure in result["failures"]:
        lines.append(translated(f"seed {failure['seed']} broke {len(failure['breaches'])} promises:"))
        for one in failure["breaches"][:_SHOWN]:
            where = "the gateway" if one["call"] is None else f"call {one['call']}"
            lines.append(f"  {one['oracle']}: {translated(where)}: {one['text']}")
        lines.append(f"  {translated('again:')} {failure['command']}")
    lines.append(translated("all promises kept" if result["ok"] else "promises were broken"))
    return "\n".join(lines)
