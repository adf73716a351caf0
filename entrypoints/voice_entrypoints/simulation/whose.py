"""Whose call it is that something is done for: known to every task that descends from the call's first one."""

from contextvars import ContextVar
from typing import Final

__all__ = ("WHOSE",)

WHOSE: Final[ContextVar[str]] = ContextVar("whose", default="")
"""The counterpart's number; empty for what no call began, such as a new process that takes over an old one's calls."""
