"""What a callee does, step by step: the same script serves the twin of every carrier."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

import attrs

__all__ = ("Callee", "Cue", "HangUp", "Outcome", "Press", "Say", "Step", "callee_of", "interrupt")


class Outcome(Enum):
    """What becomes of a call to this callee."""

    ANSWERS = "answers"
    MACHINE = "machine"
    """An answering machine: it answers, says its greeting, beeps, and records in silence."""
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    """It rings until somebody gives up."""
    FAILS = "fails"
    """The network cannot reach it."""


class Cue(Enum):
    """What a step waits for before its own delay begins."""

    HEARD_OUT = "heard-out"
    """We spoke, and have been quiet since: the callee has heard us out."""
    SPEECH_BEGAN = "speech-began"
    """We have begun to speak: for an interruption."""
    BEFORE = "before"
    """The step before it is done; for the first step, the answer."""


@attrs.frozen
class Say:
    """The callee speaks."""

    text: str
    after_ms: int = 300
    cue: Cue = Cue.HEARD_OUT
    audio: bytes | None = None
    """µ-law of its own (see `wav_as_mulaw`); None: the text goes through the twin's voice."""
    confidence: float | None = 0.92
    """How sure the carrier's own recognition is, 0 to 1; None: it does not say."""


@attrs.frozen
class Press:
    """The callee presses keys, one after the other."""

    digits: str
    after_ms: int = 300
    cue: Cue = Cue.HEARD_OUT


@attrs.frozen
class HangUp:
    """The callee hangs up."""

    after_ms: int = 300
    cue: Cue = Cue.HEARD_OUT


Step: TypeAlias = Say | Press | HangUp


def interrupt(text: str, after_ms: int) -> Say:
    """Return a step that speaks into our speech, *after_ms* after it began."""
    return Say(text, after_ms, Cue.SPEECH_BEGAN)


@attrs.frozen
class Callee:
    """Somebody at the other end, or somebody who calls us. After the last step there is only silence."""

    script: tuple[Step, ...] = ()
    outcome: Outcome = Outcome.ANSWERS
    ring_after_ms: int = 200
    """From the dial to the first ring."""
    answer_after_ms: int = 1000
    """From the first ring to the answer, or to the busy tone."""
    patience_ms: int = 400
    """How long we must have been quiet to have been heard out; a longer delay of the step covers it."""
    greeting: str = "You have reached the mailbox. Please leave a message after the tone."
    """What a machine says."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The script; a machine's greeting comes before it."""
        if self.outcome is not Outcome.MACHINE:
            return self.script
        return (Say(self.greeting, 0, Cue.BEFORE), *self.script)


def callee_of(number: str, callees: Mapping[str, Callee]) -> Callee:
    """Return who has *number*: the exact entry, else the longest prefix that ends in `*`, else somebody quiet."""
    if number in callees:
        return callees[number]
    fitting = [key for key in callees if key.endswith("*") and number.startswith(key[:-1])]
    return callees[max(fitting, key=len)] if fitting else Callee()
