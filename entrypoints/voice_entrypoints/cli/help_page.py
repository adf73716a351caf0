"""The first page of help, written straight from the table: it must appear before a parser could be loaded."""

from collections.abc import Sequence
from typing import Final

from voice_entrypoints.cli.table import COMMANDS, Command
from voice_entrypoints.words.language import translated

__all__ = ("front_page", "group_page")

_SHARED: Final = (
    ("--json", "Print JSON on stdout and nothing else there."),
    ("--config FILE", "Read the settings from FILE; before or after the command."),
    ("-h, --help", "Show this page; after a command, its own."),
    ("--version", "Print the version."),
)


def front_page() -> str:
    """Return what `voicecall --help` prints."""
    return "\n".join(
        (
            translated("Usage: voicecall COMMAND [OPTIONS]"),
            "",
            translated("Place and take real phone calls. Begin with: voicecall demo"),
            "",
            translated("Commands:"),
            *_commands(COMMANDS),
            "",
            translated("Options:"),
            *(_row(name, text) for name, text in _SHARED),
            "",
            translated("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no gateway, 4 refused by policy."),
        )
    )


def group_page(group: Command) -> str:
    """Return what `voicecall GROUP --help` prints."""
    return "\n".join(
        (
            translated(f"Usage: voicecall {group.name} COMMAND [OPTIONS]"),
            "",
            translated(group.summary),
            "",
            translated("Commands:"),
            *_commands(group.members),
            "",
            translated(f"`voicecall {group.name} COMMAND --help` tells more of each."),
        )
    )


def _commands(commands: Sequence[Command]) -> list[str]:
    return [_row(command.name, command.summary) for command in commands]


def _row(name: str, text: str) -> str:
    return f"  {name:<14} {translated(text)}"
