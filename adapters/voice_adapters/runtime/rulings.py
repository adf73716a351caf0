"""What is kept of a decision beside its events."""

from voice_domain.decide import Decision
from voice_domain.inputs import CallInput
from voice_domain.ports.event_store import Ruling

__all__ = ("ruling_of",)


def ruling_of(decision: Decision, given: CallInput | None, at_ms: int) -> Ruling:
    """Return why the events of *decision* are kept: it was taken on *given* (None: how the call began) at *at_ms*."""
    count = len(decision.events)
    return Ruling(decision.call.version - count, at_ms, given, count, decision.effects)
