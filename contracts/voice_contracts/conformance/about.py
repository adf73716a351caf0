"""What a check is about: the part of a carrier's work that it proves, and the ability that it supposes."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, TypeVar

import attrs

__all__ = ("ABILITY_AREAS", "About", "Area", "about", "subject_of")

_F = TypeVar("_F", bound=Callable[..., Any])
_KEY: Final = "voicecall_about"


class Area(StrEnum):
    """A part of a carrier's work, in the order of the capability matrix."""

    PLACING = "placing"
    ANSWERING = "answering"
    REJECTING = "rejecting"
    SPEECH = "speech"
    LISTENING = "listening"
    DIGITS = "digits"
    TRANSFER = "transfer"
    HANG_UP = "hang-up"
    WEBHOOKS = "webhooks"
    DIALECT = "media dialect"
    AUDIO = "audio"
    STATUS = "status"
    ERRORS = "errors"
    IDEMPOTENCY = "idempotency"


ABILITY_AREAS: Final = {
    Area.ANSWERING: "inbound",
    Area.REJECTING: "reject",
    Area.SPEECH: "native_speech",
    Area.LISTENING: "native_listening",
    Area.DIGITS: "digits",
    Area.TRANSFER: "transfer",
    Area.DIALECT: "media_stream",
    Area.AUDIO: "media_stream",
}
"""Areas that not every carrier has, with the capability that claims each."""


@attrs.frozen
class About:
    """What one check is about."""

    area: Area
    supposes: str = ""
    """The capability without which there is nothing to check; empty for none."""
    shows: str = ""
    """What the stage must be able to do to show it; empty for what every stage can."""
    role: str = ""
    """The method of an optional role without which there is nothing to check; empty for none."""


def about(area: Area, *, supposes: str = "", shows: str = "", role: str = "") -> Callable[[_F], _F]:
    """Mark a check with its area, the capability or the role's method that it supposes, and its need of the stage."""

    def mark(check: _F) -> _F:
        setattr(check, _KEY, About(area, supposes, shows, role))
        return check

    return mark


def subject_of(check: Callable[..., Any]) -> About:
    """Return what a check is about."""
    found: About = getattr(check, _KEY)
    return found
