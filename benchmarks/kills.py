"""The gateway killed again and again: ``python benchmarks/kills.py [--kills 300] [--seed 1] [--streamed]
[--carrier NAME ...]``.

The gateway is a process of its own with a real store and real sockets; the carrier's twin outlives it. Kills are
shared among the carriers. Points are drawn from the seed: while it starts, at any moment, when the carrier has done
what it was asked and the answer is not out yet, and when a webhook was just taken. With ``--streamed`` calls have media
streams. Exits with 1 if anything was lost, dialled twice, left up, or untrue.
"""

import argparse
import statistics
import sys
from functools import partial

import anyio

from voice_entrypoints.endurance.kills import Killed, kill_again_and_again
from voice_entrypoints.endurance.stage import CARRIERS


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--carrier", nargs="+", default=list(CARRIERS))
    parser.add_argument("--streamed", action="store_true")
    options = parser.parse_args()
    results = [
        anyio.run(
            partial(
                kill_again_and_again,
                carrier,
                kills=-(-options.kills // len(options.carrier)),
                seed=options.seed + place,
                streamed=options.streamed,
                note=lambda text: print(text, file=sys.stderr, flush=True),
            )
        )
        for place, carrier in enumerate(options.carrier)
    ]
    for result in results:
        tell(result)
    return 1 if any(result.findings or result.exit_code for result in results) else 0


def tell(result: Killed) -> None:
    kinds = [finding.kind for finding in result.findings]
    print(f"{result.carrier}: {result.kills.total()} kills ({dict(result.kills)})")
    print(
        f"  calls kept {result.calls}, legs at the carrier {result.legs}; talked on after a kill {result.went_on}"
    )
    print(f"  acknowledged {result.acknowledged}, not answered {result.unanswered}")
    for kind in ("lost", "double-dial", "leg-alive", "untrue"):
        print(f"  {kind}: {kinds.count(kind)}")
    print(
        f"  from the last start until no call lived: {result.over_seconds:.1f} s; exit code {result.exit_code}"
    )
    print(f"  start until ready: median {statistics.median(result.start_seconds):.2f} s")
    print(f"  tracebacks in the log: {result.tracebacks}")
    for finding in result.findings[:40]:
        print(f"    {finding.kind} {finding.phone}: {finding.text}")


if __name__ == "__main__":
    sys.exit(main())
