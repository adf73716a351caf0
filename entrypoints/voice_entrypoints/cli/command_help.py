"""How the page of help of one command looks: plain text, in the user's language."""

from typing import Any

from cyclopts.help import PlainFormatter

from voice_entrypoints.words.language import translated

__all__ = ("CommandHelp",)


class CommandHelp(PlainFormatter):
    """Writes the parts of a page, one after the other; the parser hands them over in English."""

    def __call__(self, console: Any, options: Any, panel: Any) -> None:
        """Write a group of arguments or options."""
        del options
        if not panel.entries:
            return
        self._print_plain(console, translated("Arguments:" if panel.title == "Arguments" else "Parameters:"))
        for entry in panel.entries:
            labels = ", ".join(entry.display_labels_with_metavar)
            self._print_plain(console, f"  {labels}: {' '.join(_told(entry))}")
        console.print()

    def render_usage(self, console: Any, options: Any, usage: Any) -> None:
        """Write how the command is called."""
        del options
        self._print_plain(console, translated(f"Usage: {str(usage).removeprefix('Usage:').strip()}"))
        console.print()


def _told(entry: Any) -> list[str]:
    """Return what is to be known of one argument: its own sentence, then what the parser knows."""
    told = [translated(str(entry.description.primary_renderable).strip())]
    if entry.choices:
        told.append(translated(f"[choices: {', '.join(entry.choices)}]"))
    if entry.default is not None:
        told.append(translated(f"[default: {entry.default}]"))
    if entry.required:
        told.append(translated("[required]"))
    return told
