"""What the world saw of one run."""

from collections import Counter
from typing import Final

import attrs

from voice_contracts.twins.ear import Heard
from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.stage import CarrierStage
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_entrypoints.simulation.http_wires import Taken
from voice_entrypoints.simulation.people import Answer
from voice_entrypoints.simulation.plan import Plan
from voice_entrypoints.simulation.synthesizer_wire import Lie
from voice_entrypoints.simulation.trace import Trace
from voice_entrypoints.simulation.transcriber_wire import Told

__all__ = ("LIMIT", "Seen")

LIMIT: Final = 50
"""How many calls the simulated gateway takes at once."""


@attrs.define(repr=False)  # asyncio has its result described when it is done, and nobody reads that
class Seen:
    """What the world saw of one run."""

    plan: Plan
    trace: Trace
    stage: CarrierStage
    """The carrier's."""
    streamed: bool = False
    """Whether its calls had media streams."""
    legs: tuple[LegRecord, ...] = ()
    sounds: dict[str, tuple[Heard, ...]] = attrs.field(factory=dict)
    """What the other end of each leg heard."""
    histories: dict[CallId, tuple[CallEvent, ...]] = attrs.field(factory=dict)
    """The events of each call, as kept."""
    taken: list[Taken] = attrs.field(factory=list)
    answers: list[Answer] = attrs.field(factory=list)
    leftovers: dict[str, int] = attrs.field(factory=dict)
    """What should be gone when everything is over, and is not."""
    disturbances: list[tuple[int, int]] = attrs.field(factory=list)
    """From when to when something was wrong with the gateway, epoch milliseconds."""
    told: list[Told] = attrs.field(factory=list)
    """What the transcriber told us."""
    lies: list[Lie] = attrs.field(factory=list)
    """What the synthesizer gave us instead of texts."""
    streams: int = 0
    """How many media streams were asked for."""
    replies: Counter[str] = attrs.field(factory=Counter)
    """How the responder's answers ended."""
    most_live: int = 0
    quiet: bool = False
    """Whether everything was over in time."""
    seconds: float = 0.0
    """How much virtual time passed."""
    lives: int = 0
    crash: str = ""
    """What broke the run off; nothing else of it counts then. Empty if it came to its end."""
