"""What may stay undone for a while where a carrier takes no commands, and is answered when it asks."""

from typing import Final

from voice_contracts.twins.ledger import LegRecord
from voice_domain.call import Call
from voice_domain.events import ClosingBegan
from voice_entrypoints.simulation.oracles.case import Case

__all__ = ("closing_of", "hang_up_waits", "left_ringing")

_ASKS_AFTER_MS: Final = 1_100
"""It asks after a second of silence, and our answer has its way to go."""


def closing_of(case: Case, call: Call) -> ClosingBegan | None:
    """Return the event by which we began to end *call*; None if we did not."""
    history = next(history for history in case.histories if history[0] == call.opened)
    return next((event for event in history if isinstance(event, ClosingBegan)), None)


def left_ringing(case: Case, call: Call, leg: LegRecord) -> bool:
    """Whether we wanted the end of a call that was not answered yet, and the carrier could not be told so.

    It rings on, may be answered, and has its opening read all the same.
    """
    closing = closing_of(case, call)
    if case.stage.facts.takes_commands or closing is None:
        return False
    return leg.answered_ms is None or leg.answered_ms >= closing.at_ms


def hang_up_waits(case: Case, call: Call, leg: LegRecord) -> bool:
    """Whether a leg may live on after our record has ended.

    The carrier asks neither while it rings nor while it reads, and what it asks can get lost.
    """
    if case.stage.facts.takes_commands or call.ended_at_ms is None or closing_of(case, call) is None:
        return False
    reads = any(
        sound.began_ms <= call.ended_at_ms <= sound.ended_ms + _ASKS_AFTER_MS for sound in case.sounds
    )
    return reads or case.disturbed or left_ringing(case, call, leg)
