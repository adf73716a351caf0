"""Who shows a call to a person while it happens."""

import sys
import time
from types import TracebackType
from typing import Any, Protocol, Self

from voice_entrypoints.cli.live.sentences import line_of
from voice_entrypoints.cli.live.story import Story
from voice_entrypoints.cli.printing import show

__all__ = ("LineViewer", "ScreenViewer", "SilentViewer", "Viewer", "viewer_for")

REDRAW_SECONDS = 0.1
"""Ten pictures a second are enough for speech, and cost three hundredths of a core."""


class Viewer(Protocol):
    """Is told every event of a call while its context is open."""

    @property
    def redraws(self) -> bool:
        """Whether `redraw` does anything, so that somebody should call it every `REDRAW_SECONDS`."""
        ...

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event."""
        ...

    def redraw(self) -> None:
        """Show the present."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def viewer_for(*, as_json: bool, keep: bool = True) -> Viewer:
    """Return the viewer that fits: none beside JSON, a picture on a terminal, lines anywhere else.

    *keep* says whether the last picture stays on the terminal.
    """
    if as_json:
        return SilentViewer()
    return ScreenViewer(keep=keep) if sys.stdout.isatty() else LineViewer()


class SilentViewer:
    """Shows nothing."""

    redraws = False

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event."""

    def redraw(self) -> None:
        """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing."""


class LineViewer(SilentViewer):
    """Prints a line for every event, at once."""

    def take(self, event: dict[str, Any]) -> None:
        """Print it."""
        show(line_of(event))


class ScreenViewer:
    """Keeps a picture of the call on the terminal. Without colours when NO_COLOR is set."""

    redraws = True

    def __init__(self, *, keep: bool = True) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=not keep)
        self._story = Story()

    def take(self, event: dict[str, Any]) -> None:
        """Remember it for the next picture."""
        self._story = self._story.after(event)

    def redraw(self) -> None:
        """Draw the picture of now."""
        from voice_entrypoints.cli.live.picture import picture_of

        now_ms = time.time_ns() // 1_000_000
        picture = picture_of(self._story, now_ms=now_ms, console=self._console)
        self._live.update(picture, refresh=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw the last picture, or remove it, and give the terminal back."""
        if self._story.call:
            self.redraw()
        self._live.stop()
