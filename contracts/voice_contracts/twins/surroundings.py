"""What a carrier's twin stands in: the voice of its callees, how it reaches us, and what goes wrong."""

import attrs

from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.http_client import Transport, Ways
from voice_contracts.twins.sockets import Dial
from voice_contracts.twins.sound import Speak, hum

__all__ = ("Surroundings",)


@attrs.frozen
class Surroundings:
    """The defaults are real sockets and no faults."""

    speak: Speak = hum
    """The voice of callees and of the carrier itself."""
    faults: FaultPlan = attrs.field(factory=FaultPlan)
    ways: Ways = attrs.field(factory=Ways)
    """How our public addresses are really reached."""
    webhooks: Transport | None = None
    """Carries webhooks; None: sockets."""
    dial_media: Dial | None = None
    """Opens media sockets; None: real ones."""
    epoch_ms: int | None = None
    """The time of day when the loop's clock shows zero; None: as the machine's clock has it."""
