"""What goes where: answers to stdout, everything else to stderr."""

import json
import select
import sys
from typing import Any

from voice_entrypoints.words.language import translated

__all__ = ("nobody_reads", "note", "show", "show_json", "show_json_line")


def show(text: str) -> None:
    """Print an answer for a person on stdout, at once."""
    print(text, flush=True)


def show_json(value: Any) -> None:
    """Print an answer for a program on stdout: indented JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2), flush=True)


def show_json_line(value: Any) -> None:
    """Print one of many answers for a program on stdout: JSON on one line."""
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")), flush=True)


def note(text: str) -> None:
    """Tell a person about progress, or warn them, in their language on stderr."""
    print(f"voicecall: {translated(text)}", file=sys.stderr, flush=True)


def nobody_reads() -> bool:
    """Whether the reader of stdout has gone: a pipe shows that at once, writing would find it with the next line."""
    if not hasattr(select, "poll"):  # Windows
        return False
    try:
        waiting = select.poll()
        waiting.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):  # it is no file of the system's
        return False
    return any(happened & (select.POLLERR | select.POLLHUP) for _, happened in waiting.poll(0))
