"""What came of reading the settings: problems and warnings, in the user's own keys."""

import json
import re
from collections.abc import Sequence
from typing import ClassVar, TypeAlias

import attrs

from voice_contracts.settings import Settings
from voice_domain.errors import VoiceError

__all__ = ("InvalidSettingsError", "Notes", "Path", "Problem", "SettingsReport", "show_path")

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and list positions, from the top of the settings."""

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_LONGEST_SHOWN_KEY = 60


@attrs.frozen
class Problem:
    """One thing that must be changed before the settings can be used."""

    path: str
    """The user's own key, or the environment variable that holds the value."""
    message: str
    """A whole sentence; it names the path, and never holds the value."""
    is_missing: bool = False
    """Whether a value is wanted where there is none."""

    def __str__(self) -> str:
        return self.message


class InvalidSettingsError(VoiceError):
    """The settings cannot be used; every problem is listed."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Invalid voice-call config: " + "; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


@attrs.frozen
class SettingsReport:
    """What was read: settings, unless there are problems; warnings in either case."""

    settings: Settings | None
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]

    def require(self) -> Settings:
        """Return the settings.

        Raises:
            InvalidSettingsError: if there are problems; it lists all of them.
        """
        if self.settings is None:
            raise InvalidSettingsError(self.problems)
        return self.settings


def show_path(path: Path, start: str = "") -> str:
    """Write *path* as one would in a program, e.g. `mock.script[0].say`, after *start*."""
    shown = start
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step) and len(step) <= _LONGEST_SHOWN_KEY:
            shown += f".{step}" if shown else step
        else:
            short = step if len(step) <= _LONGEST_SHOWN_KEY else f"{step[:_LONGEST_SHOWN_KEY]}…"
            shown += f"[{json.dumps(short)}]"
    return shown


@attrs.define
class Notes:
    """Collects problems and warnings during one reading, and knows where each value really came from."""

    start: str
    """What the user's keys begin with: empty, or the way to the voice-call part of a host's file."""
    problems: list[Problem] = attrs.field(factory=list)
    warnings: list[str] = attrs.field(factory=list)
    _origins: dict[Path, str] = attrs.field(factory=dict)
    _words: dict[tuple[Path, bool], str] = attrs.field(factory=dict)

    def explain(self, path: Path, words: str, *, missing: bool) -> None:
        """Begin the problem of *path* with *words*, which people look up: that it is missing, or that it is wrong."""
        self._words[path, missing] = words

    def came_from(self, path: Path, origin: str) -> None:
        """Remember that the value at *path* stands at *origin* in the user's eyes."""
        self._origins[path] = origin

    def shown(self, path: Path) -> str:
        """Name *path* as the user wrote it."""
        for length in range(len(path), 0, -1):
            if (origin := self._origins.get(path[:length])) is not None:
                return show_path(path[length:], origin)
        return show_path(path, self.start)

    def refuse(self, path: Path, detail: str, *, joint: str = ": ", is_missing: bool = False) -> None:
        """Add a problem: the key, *joint* and *detail*; *is_missing* if what the value stands for is not here."""
        shown = self.shown(path)
        words = self._words.get((path, False), "")
        message = words + (f"{shown}{joint}{detail}" if shown else detail)
        self._add(Problem(shown, message, is_missing=is_missing))

    def require(self, path: Path, detail: str = "") -> None:
        """Add a problem: there is no value at *path*; *detail* says when or how else one is wanted."""
        shown = self.shown(path)
        words = self._words.get((path, True), "")
        self._add(Problem(shown, f"{words}{shown} is required{detail}", is_missing=True))

    def _add(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def warn(self, sentence: str) -> None:
        """Add a warning, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def report(self, settings: Settings | None) -> SettingsReport:
        """Close the reading; *settings* count only if there are no problems."""
        usable = None if self.problems else settings
        return SettingsReport(usable, tuple(self.problems), tuple(self.warnings))
