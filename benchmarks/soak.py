"""Calls without end: ``python benchmarks/soak.py [--minutes 20] [--live 8] [--carrier NAME] [--json]``.

The gateway is a process of its own, calls have media streams, and the carrier and the speech service are twins on
this machine. What the process holds is looked at every five seconds; the first quarter of the run does not count.
"""

import argparse
import json
from functools import partial

import anyio

from voice_entrypoints.endurance.soak import soak
from voice_entrypoints.endurance.stage import CARRIERS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--live", type=int, default=8)
    parser.add_argument("--carrier", default=CARRIERS[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = anyio.run(partial(soak, options.carrier, seconds=options.minutes * 60, live=options.live))
    if options.json:
        print(json.dumps(measured, indent=2))
        return
    for row in measured["rows"]:
        print(f"{row['what']:<34}{row['value']:>12} {row['unit']}")


if __name__ == "__main__":
    main()
