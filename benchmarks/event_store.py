"""How fast events become durable: ``python benchmarks/event_store.py [--json] [--trio]``.

The disk decides: run it where nothing else writes, with TMPDIR on the disk that will hold the state folder.
"""

import json
import sys

import anyio

from voice_entrypoints.bench.event_store import measure


def main(arguments: list[str]) -> None:
    measured = anyio.run(measure, backend="trio" if "--trio" in arguments else "asyncio")
    if "--json" in arguments:
        print(json.dumps(measured, indent=2, ensure_ascii=False))
        return
    for row in measured["rows"]:
        aim = f"   aim {row['aim']:g}" if "aim" in row else ""
        print(f"{row['what']:<42}{row['value']:>10} {row['unit']}{aim}")


if __name__ == "__main__":
    main(sys.argv[1:])
