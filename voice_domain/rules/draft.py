"""A decision while it is being made: the events recorded and the effects ordered so far."""

from voice_domain.call import Call
from voice_domain.effects import Effect
from voice_domain.events import CallEvent
from voice_domain.evolve import evolve

__all__ = ("Draft",)


class Draft:
    """Collects what follows from one input; lives only while `decide` runs."""

    __slots__ = ("at_ms", "call", "effects", "events", "source")

    def __init__(self, call: Call, *, at_ms: int, source: str = "") -> None:
        self.call = call
        """The call as it is after the events recorded so far."""
        self.at_ms = at_ms
        """When the input happened; never before the call's latest event."""
        self.source = source
        """The carrier's event id, to be kept in the events; empty when it was not the carrier."""
        self.events: list[CallEvent] = []
        self.effects: list[Effect] = []

    def record(self, event: CallEvent) -> None:
        """Let *event* happen."""
        self.call = evolve(self.call, event)
        self.events.append(event)

    def order(self, effect: Effect) -> None:
        """Have *effect* carried out once the events are durable."""
        self.effects.append(effect)
