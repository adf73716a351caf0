"""The first page of help, written straight from the table: it must appear before a parser could be loaded."""

from collections.abc import Sequence
from typing import Final

from voice_entrypoints.cli.table import COMMANDS, Command

__all__ = ("front_page", "group_page")

_SHARED: Final = (
    ("--json", "Print JSON on stdout and nothing else there."),
    ("--config FILE", "Read the settings from FILE; before or after the command."),
    ("-h, --help", "Show this page; after a command, its own."),
    ("--version", "Print the version."),
)

_EXIT_CODES: Final = "0 done, 1 failed, 2 wrong usage, 3 no gateway, 4 refused by policy"


def front_page() -> str:
    """Return what `voicecall --help` prints."""
    return "\n".join(
        (
            "Usage: voicecall COMMAND [OPTIONS]",
            "",
            "Place and take real phone calls. Begin with: voicecall demo",
            "",
            "Commands:",
            *_commands(COMMANDS),
            "",
            "Options:",
            *(_row(name, text) for name, text in _SHARED),
            "",
            f"Exit codes: {_EXIT_CODES}.",
        )
    )


def group_page(group: Command) -> str:
    """Return what `voicecall GROUP --help` prints."""
    return "\n".join(
        (
            f"Usage: voicecall {group.name} COMMAND [OPTIONS]",
            "",
            group.summary,
            "",
            "Commands:",
            *_commands(group.members),
            "",
            f"`voicecall {group.name} COMMAND --help` tells more of each.",
        )
    )


def _commands(commands: Sequence[Command]) -> list[str]:
    return [_row(command.name, command.summary) for command in commands]


def _row(name: str, text: str) -> str:
    return f"  {name:<14} {text}"
