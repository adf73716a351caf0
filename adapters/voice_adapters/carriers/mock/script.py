"""What the callee of a mock call does: whether the call is answered, and then step by step."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import attrs

from voice_domain.e164 import PhoneNumber

__all__ = ("HangUp", "Interrupt", "MockOutcome", "MockScript", "Press", "Say", "Step")


class MockOutcome(StrEnum):
    """What becomes of a dial; the values are the words of the settings file."""

    ANSWER = "answer"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    VOICEMAIL = "voicemail"

    @property
    def picks_up(self) -> bool:
        """Whether somebody or something takes the call."""
        return self in {MockOutcome.ANSWER, MockOutcome.VOICEMAIL}


@attrs.frozen
class Say:
    """Say *text*, `after_ms` after we were heard out."""

    text: str
    after_ms: int = 0


@attrs.frozen
class Press:
    """Press *digits*, `after_ms` after we were heard out."""

    digits: str
    after_ms: int = 0


@attrs.frozen
class Interrupt:
    """Say *text* over us, `after_ms` after our speech begins to be heard."""

    text: str
    after_ms: int = 0


@attrs.frozen
class HangUp:
    """End the call, `after_ms` after we were heard out."""

    after_ms: int = 0


Step: TypeAlias = Say | Press | Interrupt | HangUp


@attrs.frozen(kw_only=True)
class MockScript:
    """How the other side of every mock call behaves. Without steps the callee answers and stays silent."""

    ring_ms: int = 200
    """From the dial until it rings, or until a busy or failed line is told."""
    answer_ms: int = 600
    """From the dial until the answer."""
    outcome: MockOutcome = MockOutcome.ANSWER
    outcomes: Mapping[str, MockOutcome] = attrs.field(factory=dict)
    """By the callee's number, or by how it begins (`+1555*`); wins over `outcome`, the longest pattern first."""
    steps: tuple[Step, ...] = ()
    realtime: bool = True
    """Whether audio takes the time that it lasts; else it is played and spoken at once."""
    patience_ms: int = 20_000
    """How long a callee who is owed an answer waits for one to begin before it goes on with its steps; whoever wants
    to interrupt us and is owed nothing waits a quarter of it."""

    def outcome_for(self, callee: PhoneNumber) -> MockOutcome:
        """Return what becomes of a dial to *callee*."""
        number = str(callee)
        if number in self.outcomes:
            return self.outcomes[number]
        beginnings = [pattern for pattern in self.outcomes if pattern.endswith("*")]
        for pattern in sorted(beginnings, key=len, reverse=True):
            if number.startswith(pattern.removesuffix("*")):
                return self.outcomes[pattern]
        return self.outcome
