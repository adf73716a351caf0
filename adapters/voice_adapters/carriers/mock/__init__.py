"""The carrier that needs no network: its callee follows a script, its audio keeps real time."""

from voice_adapters.carriers.mock.carrier import MockCarrier
from voice_adapters.carriers.mock.script import (
    HangUp,
    Interrupt,
    MockOutcome,
    MockScript,
    Press,
    Say,
    Step,
)

__all__ = ("HangUp", "Interrupt", "MockCarrier", "MockOutcome", "MockScript", "Press", "Say", "Step")
