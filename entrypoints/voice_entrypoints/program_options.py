"""What programs that only talk to other programs are started with: `--help` and `--config`, in the user's language."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from voice_entrypoints.words.language import speaking_to, translated

__all__ = ("named_settings_file",)

_WRONG_USAGE = 2
_HEADING = "options"


def named_settings_file(program: str, description: str, words: Sequence[str]) -> Path | None:
    """Return the settings file that *words*, the command line of *program*, names; None if they name none.

    Raises:
        SystemExit: 0 after the page of help, 2 where the words are wrong; both are in the user's language.
    """
    with speaking_to(words, os.environ):
        parser = _Parser(
            prog=program, description=translated(description), formatter_class=_Help, add_help=False
        )
        options = parser.add_argument_group(_HEADING)
        options.add_argument("-h", "--help", action="help", help=translated("show this help and exit"))
        options.add_argument(
            "--config",
            type=Path,
            metavar="FILE",
            help=translated("settings file; without it the usual places are searched"),
        )
        found: Path | None = parser.parse_args(words).config
        return found


class _Parser(argparse.ArgumentParser):
    def format_help(self) -> str:
        # argparse ends every heading in its own colon, which is not that of every language
        return super().format_help().replace(f"\n{_HEADING}:\n", f"\n{translated('options:')}\n", 1)

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(_WRONG_USAGE, translated(f"error: {message}") + "\n")


class _Help(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],  # the name that typeshed gives it
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, translated("usage: ") if prefix is None else prefix)
