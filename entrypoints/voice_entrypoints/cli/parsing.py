"""From the words of a command line to a function and its arguments."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from voice_entrypoints.cli.failures import UsageError
from voice_entrypoints.cli.table import COMMANDS, Command, find_command, nearest
from voice_entrypoints.words.language import translated

__all__ = ("Request", "Words", "command_app", "paragraphs_of", "read_arguments", "read_words")

_HELP: Final = ("-h", "--help")
_SHARED_FLAG: Final = "--json"
_SHARED_VALUE: Final = "--config"


@attrs.frozen
class Words:
    """A command line, cut into its command and its arguments."""

    command: Command | None
    """None when only the options before a command were given."""
    path: tuple[str, ...] = ()
    """The words that name the command."""
    arguments: tuple[str, ...] = ()
    """All others; those that stood before the command come last."""

    @property
    def wants_help(self) -> bool:
        """Whether a page of help is asked for."""
        return any(word in _HELP for word in _before_dashes(self.arguments))


@attrs.frozen
class Request:
    """A function to call."""

    run: Callable[..., Any]
    bound: inspect.BoundArguments

    def __call__(self) -> Any:
        """Call it."""
        return self.run(*self.bound.args, **self.bound.kwargs)


def read_words(words: Sequence[str]) -> Words:
    """Find the command among *words*.

    Raises:
        UsageError: if there is no such command; it names the nearest one.
    """
    shared, rest = _split_shared(words)
    if not rest or rest[0].startswith("-"):
        return Words(None, (), (*rest, *shared))
    command = find_command(rest)
    if command is None:
        raise _unknown(rest[0], COMMANDS)
    path: tuple[str, ...] = (rest[0],)
    rest = rest[1:]
    if command.members:
        inner, rest = _split_shared(rest)
        shared = (*shared, *inner)
        if rest and not rest[0].startswith("-"):
            member = find_command(rest, command.members)
            if member is None:
                raise _unknown(rest[0], command.members, group=command.name)
            command, path, rest = member, (*path, rest[0]), rest[1:]
    return Words(command, path, _appended(rest, shared))


def read_arguments(words: Words) -> Request:
    """Understand the arguments of a command.

    Raises:
        UsageError: if they make no sense.
    """
    from cyclopts import CycloptsError

    assert words.command is not None  # pages of help are written elsewhere
    app = command_app(words.command, words.path)
    try:
        run, bound, _ = app.parse_args(list(words.arguments), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        sentence = " ".join(str(error).split()).rstrip(".")
        raise UsageError(f"{sentence}; see: voicecall {' '.join(words.path)} --help") from error
    return Request(run, bound)


def command_app(command: Command, path: Sequence[str]) -> Any:
    """Return the parser of one command; its module is imported now."""
    import importlib

    from cyclopts import App, Parameter

    from voice_entrypoints.cli.command_help import CommandHelp

    module, _, function = command.import_path.partition(":")
    app = App(
        name=" ".join(("voicecall", *path)),
        help_flags=list(_HELP),
        version_flags=[],
        help_format="plaintext",
        help_formatter=CommandHelp(),
        default_parameter=Parameter(negative=""),
    )
    app["--help"].show = False
    run = getattr(importlib.import_module(module), function)
    app.default(run)
    app.help = "\n\n".join(translated(paragraph) for paragraph in paragraphs_of(run))
    return app


def paragraphs_of(run: Callable[..., Any]) -> list[str]:
    """Return what a command says of itself, its docstring, a line for each paragraph."""
    return [" ".join(paragraph.split()) for paragraph in (inspect.getdoc(run) or "").split("\n\n")]


def _unknown(word: str, among: Sequence[Command], *, group: str = "") -> UsageError:
    close = nearest(word, among)
    hint = f"did you mean {close}?" if close else "see: voicecall --help"
    shown = word if len(word) <= 40 else word[:40] + "…"
    if group:
        return UsageError(f"{group} has no command {shown!r}; {hint}")
    return UsageError(f"there is no command {shown!r}; {hint}")


def _split_shared(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the shared options at the beginning of *words*, and the rest."""
    at = 0
    while at < len(words):
        if words[at] == _SHARED_FLAG or words[at].startswith(f"{_SHARED_VALUE}="):
            at += 1
        elif words[at] == _SHARED_VALUE:
            at += 2
        else:
            break
    return tuple(words[:at]), tuple(words[at:])


def _appended(arguments: Sequence[str], shared: Sequence[str]) -> tuple[str, ...]:
    plain = _before_dashes(arguments)
    return (*plain, *shared, *arguments[len(plain) :])


def _before_dashes(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments before a lone `--`; what follows one is never an option."""
    words = tuple(arguments)
    return words[: words.index("--")] if "--" in words else words
