"""`voicecall export` and `voicecall import`: calls as lines of JSON."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TextIO

from cyclopts import Parameter

from voice_contracts.status import record_of
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.ports.event_store import CallHistory
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.cli.archive import open_archive
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.cli.surroundings import state_folder, surroundings, tolerant_surroundings
from voice_entrypoints.words.language import translated

__all__ = ("FileProblemError", "export", "import_")

_PLAIN = Shared()
_PAGE = 200
_ALL = 1_000_000


class FileProblemError(VoiceError):
    """A file cannot be read or written."""

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(f"{file}: {error.strerror or error}; name another file")
        self.file = file


async def export(
    *,
    call_id: Annotated[str | None, Parameter(help="One call, by our id or the carrier's; else all.")] = None,
    out: Annotated[
        Path | None, Parameter(help="Write to this new file, for its owner only; else to stdout.")
    ] = None,
    shared: Shared = _PLAIN,
) -> int:
    """Write calls that are over as JSON, a line each, newest first: the record, all events, all decisions."""
    from voice_entrypoints.wiring_archive import export_line

    count = live = 0
    with ExitStack() as stack:
        target = sys.stdout if out is None else stack.enter_context(_new_file(out))
        async with open_archive(tolerant_surroundings(shared)) as history:
            async for call in _calls(history, call_id):
                if not call.is_over:
                    live += 1
                    continue
                rows = await history.journal(after=0, limit=_ALL, call_id=call.call_id)
                rulings = await history.rulings(call.call_id)
                print(export_line(record_of(call), [row.event for row in rows], rulings), file=target)
                count += 1
        target.flush()
    if out is not None and shared.json:
        show_json({"exported": count, "live": live, "file": str(out)})
    else:
        note(f"{count} calls exported" + (f"; {live} that are live were left out" if live else ""))
    return 0


async def import_(
    file: Annotated[
        Path, Parameter(name="file", help="What `voicecall export` wrote, or an old calls.jsonl.")
    ],
    /,
    *,
    shared: Shared = _PLAIN,
) -> int:
    """Take in calls from a file; those that are here already stay as they are. Exits with 1 if a line is wrong."""
    from voice_entrypoints.wiring_archive import open_store, read_lines, take_in

    around = surroundings(shared)
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise FileProblemError(file, error) from error
    calls, problems = read_lines(lines)
    added = 0
    if calls:
        async with open_store(around.settings, state_folder(make=True)) as store:
            added = await take_in(store, calls)
    if shared.json:
        show_json({"imported": added, "known": len(calls) - added, "problems": list(problems)})
    else:
        show(translated(f"{added} calls imported, {len(calls) - added} were here already"))
    for problem in problems:
        note(f"{file.name}, {problem}")
    return 1 if problems else 0


async def _calls(history: CallHistory, key: str | None) -> AsyncIterator[Call]:
    if key is not None:
        found = await history.find(key)
        if found is None:
            raise CallNotFoundError(key)
        yield found
        return
    before: int | None = None
    seen: set[str] = set()
    while page := await history.page(limit=_PAGE, before_ms=before):
        fresh = [call for call in page if call.call_id not in seen]
        for call in fresh:
            seen.add(call.call_id)
            yield call
        # Calls of one millisecond may lie on both sides of a page's end.
        before = page[-1].started_at_ms + 1 if fresh else page[-1].started_at_ms


def _new_file(path: Path) -> TextIO:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise FileProblemError(path, error) from error
