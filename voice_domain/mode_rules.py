"""What the two modes of a call change, as data.

notify: say one message, which cannot be interrupted, wait a moment, hang up.
conversation: take turns until somebody hangs up or time is up; everything can be interrupted.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import attrs

__all__ = ("MODE_RULES", "Mode", "ModeRules")


class Mode(StrEnum):
    """Say one thing and hang up, or take turns."""

    NOTIFY = "notify"
    CONVERSATION = "conversation"


@attrs.frozen
class ModeRules:
    """The differences that the call's rules look up instead of comparing modes."""

    interruptible: bool
    """Whether the counterpart's voice stops what we say."""
    listens: bool
    """Whether the counterpart gets the floor, and is transcribed, after we spoke."""
    replies: bool
    """Whether an utterance that no waiter took is put to the responder."""
    hangs_up_after_speech: bool
    """Whether the call ends, after the notify delay, once everything was said."""


MODE_RULES: Mapping[Mode, ModeRules] = MappingProxyType(
    {
        Mode.NOTIFY: ModeRules(interruptible=False, listens=False, replies=False, hangs_up_after_speech=True),
        Mode.CONVERSATION: ModeRules(
            interruptible=True, listens=True, replies=True, hangs_up_after_speech=False
        ),
    }
)
