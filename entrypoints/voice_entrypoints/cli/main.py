"""The program `voicecall`."""

import os
import sys
from collections.abc import Coroutine, Sequence
from io import TextIOWrapper
from typing import Any

from voice_entrypoints.cli.failures import UsageError, exit_code_for
from voice_entrypoints.cli.help_page import front_page, group_page
from voice_entrypoints.cli.parsing import Words, read_arguments, read_words
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.words.language import speaking_to

__all__ = ("main", "run")


def main() -> None:
    """Do what the command line says, and exit with 0, 1, 2, 3 or 4; see `voice_contracts.errors`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show must not end a call
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Do what *words*, the command line without the program's name, say; return the exit code. Never raises."""
    with speaking_to(words, os.environ):
        return _run_told(words)


def _run_told(words: Sequence[str]) -> int:
    try:
        return _run(words)
    except SystemExit as leaving:  # the parser's own way out of its pages of help
        return leaving.code if isinstance(leaving.code, int) else 0
    except BaseException as error:  # noqa: BLE001 - the last border: whatever it is becomes one sentence
        return exit_code_for(error, as_json="--json" in words)


def _run(words: Sequence[str]) -> int:
    read = read_words(words)
    if read.command is None:
        return _front(read)
    if read.command.members:
        if read.wants_help:
            show(group_page(read.command))
            return 0
        names = ", ".join(member.name for member in read.command.members)
        raise UsageError(f"{read.command.name} needs one of: {names}")
    outcome = read_arguments(read)()
    if isinstance(outcome, Coroutine):
        outcome = _in_event_loop(outcome)
    return outcome if isinstance(outcome, int) else 0


def _front(read: Words) -> int:
    as_json = "--json" in read.arguments
    if "--version" in read.arguments:
        from importlib.metadata import version

        if as_json:
            show_json({"version": version("voicecall")})
        else:
            show(version("voicecall"))
        return 0
    unknown = next((word for word in read.arguments if word.startswith("-") and not _is_known(word)), None)
    if unknown is not None:
        raise UsageError(
            f"there is no option {unknown.partition('=')[0]} before a command; see: voicecall --help"
        )
    if as_json and not read.wants_help:
        raise UsageError("name a command; see: voicecall --help")
    show(front_page())
    return 0 if read.wants_help or not read.arguments else 2


def _is_known(word: str) -> bool:
    return word in {"-h", "--help", "--json"} or word.partition("=")[0] == "--config"


def _in_event_loop(work: Coroutine[Any, Any, Any]) -> Any:
    from voice_entrypoints import event_loop

    async def finish() -> Any:
        return await work

    return event_loop.run(finish)


if __name__ == "__main__":
    main()
