"""The live calls: the runtime plays this role for the use cases."""

from typing import ClassVar, Protocol

from voice_domain.call import Call
from voice_domain.decide import Decision
from voice_domain.errors import VoiceError
from voice_domain.events import WaiterReleased
from voice_domain.identity import CallId, WaiterId
from voice_domain.inputs import CallInput

__all__ = ("LimitReachedError", "Switchboard", "UnavailableError")


class LimitReachedError(VoiceError):
    """There are as many calls as there may be."""

    kind: ClassVar[str] = "limit_reached"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"Maximum concurrent calls ({limit}) reached; end a call or raise maxConcurrentCalls"
        )
        self.limit = limit


class UnavailableError(VoiceError):
    """The gateway cannot do this now."""

    kind: ClassVar[str] = "unavailable"


class Switchboard(Protocol):
    """Holds the live calls and gives each its inputs, one at a time."""

    async def open(self, decision: Decision, *, counted: bool = True) -> Call:
        """Begin a call: take a slot, make its beginning durable, carry out its effects.

        Returns the call once its first costly effect (dial, answer, reject) was performed or has failed.
        *counted* is False for a call that takes no slot, because it is only refused.

        Raises:
            LimitReachedError: if there is no slot.
            UnavailableError: if no calls are taken any more.
            StoreError: if it could not be made durable; nothing was dialled.
        """
        ...

    async def submit(self, call_id: CallId, given: CallInput) -> Call:
        """Give a call an input; returns the call once what follows is durable and its costly effects are performed.

        Raises:
            CallNotFoundError: if there is no such live call.
            VoiceError: whatever `decide` raises; CarrierError if a costly effect failed.
            StoreError: if it could not be made durable; nothing was done.
        """
        ...

    async def utterance(self, call_id: CallId, waiter_id: WaiterId) -> WaiterReleased:
        """Wait until the waiter of a `ContinueRequested` is released; leaving early withdraws it.

        Raises:
            CallNotFoundError: if nothing is known of that waiter.
        """
        ...

    def find(self, key: str) -> Call | None:
        """Return the live call with this id, ours or the carrier's; None if there is none."""
        ...

    def live(self) -> tuple[Call, ...]:
        """Return all live calls, oldest first."""
        ...
