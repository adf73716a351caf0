"""Write the schemas of everything that crosses the boundary, or check (`--check`) that they are up to date."""

import json
import sys
from pathlib import Path
from typing import Any

from voice_contracts.event_shapes import events_schema
from voice_contracts.openrpc import openrpc_document
from voice_contracts.report import REPORT_SCHEMA
from voice_contracts.status import RECORD_SCHEMA
from voice_contracts.tool import tool_document

__all__ = ("documents", "main")

FOLDER = Path(__file__).resolve().parent.parent / "contracts" / "voice_contracts" / "schemas"
_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def documents() -> dict[str, dict[str, Any]]:
    """Return every schema by its file name."""
    return {
        "openrpc.json": openrpc_document(),
        "tool.json": tool_document(),
        "status.json": {**_DRAFT, **RECORD_SCHEMA},
        "events.json": events_schema(),
        "report.json": {**_DRAFT, **REPORT_SCHEMA},
    }


def main(arguments: list[str]) -> int:
    """Write what differs, or with `--check` only name it. Returns 1 if a check found a difference."""
    checking = "--check" in arguments
    stale = 0
    for name, document in documents().items():
        path = FOLDER / name
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'stale' if checking else 'written'}: {path.name}")
        if not checking:
            path.write_text(text, encoding="utf-8")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
