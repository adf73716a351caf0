"""`voicecall bench`: what this installation does on this machine, beside what it should do."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from voice_entrypoints import bench as measurements
from voice_entrypoints.cli.columns import columns
from voice_entrypoints.cli.failures import UsageError
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.words.language import translated, translated_all

__all__ = ("bench", "bench_text", "judged")

_PLAIN = Shared()


async def bench(
    *name: Annotated[str, Parameter(help="Which measurements; without a name all of them.")],
    shared: Shared = _PLAIN,
) -> int:
    """Measure everything, or only what is named, and print it beside its aim; takes a minute or two."""
    known = sorted(module.name for module in pkgutil.iter_modules(measurements.__path__))
    unknown = [each for each in name if each not in known]
    if unknown:
        raise UsageError(f"there is no measurement {unknown[0]!r}; choose from {', '.join(known)}")
    results: dict[str, Mapping[str, Any]] = {}
    for each in name or known:
        note(f"measuring {each}")
        module = importlib.import_module(f"{measurements.__name__}.{each}")
        measured = module.measure()
        results[each] = await measured if inspect.isawaitable(measured) else measured
    if shared.json:
        show_json({each: judged(result) for each, result in results.items()})
    else:
        show(bench_text(results))
    return 0


def bench_text(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table of all rows, with whether each aim was reached."""
    rows = [translated_all("MEASURED", "VALUE", "", "AIM", "")]
    rows.extend(_line(name, row) for name, result in results.items() for row in result.get("rows", ()))
    return columns(rows, right=frozenset({1, 3}))


def _line(name: str, row: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    reached = _reached(row)
    verdict = "" if reached is None else translated("reached" if reached else "MISSED")
    aim = "" if "aim" not in row else f"{'≤' if row.get('better') != 'more' else '≥'} {row['aim']:,g}"
    return (f"{name}: {row['what']}", f"{row['value']:,g}", str(row.get("unit", "")), aim, verdict)


def judged(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return *result* with `reached` in each row that has an aim."""
    rows = [
        dict(row) if (reached := _reached(row)) is None else {**row, "reached": reached}
        for row in result.get("rows", ())
    ]
    return {**result, "rows": rows}


def _reached(row: Mapping[str, Any]) -> bool | None:
    """Whether the aim was reached; None where there is none."""
    if "aim" not in row:
        return None
    return bool(row["value"] >= row["aim"] if row.get("better") == "more" else row["value"] <= row["aim"])
