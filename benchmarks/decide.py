"""What the rules of a call cost, and what it costs to load them: ``python benchmarks/decide.py [--json]``.

Run it on a quiet machine: deciding is measured in microseconds, the best of several rounds.
"""

import json
import statistics
import subprocess
import sys

from voice_entrypoints.bench.decide import measure

IMPORTS = ("voice_domain", "voice_domain.decide")
RUNS = 7


def import_rows() -> list[dict[str, object]]:
    return [
        {"what": f"import {module}", "value": import_ms(module), "unit": "ms", "aim": 60.0, "better": "less"}
        for module in IMPORTS
    ]


def import_ms(module: str) -> float:
    """The median in fresh processes, interpreter start left out."""
    program = (
        f"import time; a = time.perf_counter(); import {module}; print((time.perf_counter() - a) * 1000)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        for _ in range(RUNS)
    ]
    return round(statistics.median(float(run.stdout) for run in runs), 1)


def main(arguments: list[str]) -> None:
    rows = [*measure()["rows"], *import_rows()]
    if "--json" in arguments:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        aim = f"   aim {row['aim']:g}" if "aim" in row else ""
        print(f"{row['what']:<34}{row['value']:>9} {row['unit']}{aim}")


if __name__ == "__main__":
    main(sys.argv[1:])
