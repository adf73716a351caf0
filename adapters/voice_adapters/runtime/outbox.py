"""The stable names of what costs something."""

from voice_domain.decide import Decision
from voice_domain.effects import CostlyEffect, Dial
from voice_domain.ports.event_store import OutboxItem

__all__ = ("outbox_of",)


def outbox_of(decision: Decision) -> tuple[OutboxItem, ...]:
    """Return the costly effects of *decision* with their stable names."""
    call = decision.call
    return tuple(
        OutboxItem(f"{call.call_id}:{call.version}:{_place(decision, place)}", call.call_id, effect)
        for place, effect in enumerate(decision.effects)
        if isinstance(effect, CostlyEffect)
    )


def _place(decision: Decision, place: int) -> str:
    """Return what tells an effect from the others at the same version of the call."""
    effect = decision.effects[place]
    # A decision without events leaves the version as it was. Then it hangs up a further leg of a call that is over,
    # and it is the leg that makes the difference.
    if decision.events or not isinstance(effect, CostlyEffect) or isinstance(effect, Dial):
        return str(place)
    return effect.carrier_call_id
