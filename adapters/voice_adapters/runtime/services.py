"""What every call's process needs from around it."""

from collections import Counter
from collections.abc import Callable

import attrs

from voice_adapters.media.voice import SpeechMoments, Voice
from voice_adapters.runtime.hub import Hub
from voice_adapters.runtime.leg_index import LegIndex
from voice_adapters.runtime.store_health import StoreHealth
from voice_adapters.runtime.waiting import WaitingRoom
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.inputs import CallInput
from voice_domain.ports.carrier import Carrier, CarrierError, Keypad
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import EventStore
from voice_domain.ports.responder import Responder

__all__ = ("CallServices", "VoiceMaker", "count_failure")

VoiceMaker = Callable[[Call, Callable[[CallInput], None], SpeechMoments, Callable[[], Call]], Voice]
"""Makes the voice of a call: it gives its reports to the first function, tells the moments of its speech, and can
look at the call as it is now."""


@attrs.frozen(kw_only=True)
class CallServices:
    """The collaborators of a call's process."""

    store: EventStore
    carrier: Carrier
    keypad: Keypad | None
    """None where the carrier sends no keys and transfers nothing."""
    responder: Responder
    clock: Clock
    make_voice: VoiceMaker
    hub: Hub = attrs.field(factory=Hub)
    legs: LegIndex = attrs.field(factory=LegIndex)
    waiting: WaitingRoom = attrs.field(factory=WaitingRoom)
    health: StoreHealth = attrs.field(factory=StoreHealth)
    carrier_failures: Counter[str] = attrs.field(factory=Counter)
    """How often the carrier did not do what it was asked, by its own code; `unknown` where it gave none."""

    def failed(self, error: VoiceError) -> None:
        """Count *error* if it is the carrier's."""
        count_failure(self.carrier_failures, error)


def count_failure(failures: Counter[str], error: VoiceError) -> None:
    """Add *error* to *failures* if it is the carrier's, by its own code."""
    if isinstance(error, CarrierError):
        failures[error.code or "unknown"] += 1
