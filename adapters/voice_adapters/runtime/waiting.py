"""Those who wait for the counterpart's next utterance."""

import anyio

from voice_domain.events import WaiterReleased
from voice_domain.identity import CallId, WaiterId
from voice_domain.refusals import CallNotFoundError

__all__ = ("WaitingRoom",)

_LIMIT = 1_000


class WaitingRoom:
    """Keeps a released waiter's outcome until somebody asks for it; bounded, the oldest is forgotten first."""

    def __init__(self) -> None:
        self._events: dict[WaiterId, anyio.Event] = {}
        self._outcomes: dict[WaiterId, WaiterReleased] = {}

    def expect(self, waiter_id: WaiterId) -> None:
        """Somebody will wait under this name."""
        while len(self._events) >= _LIMIT:
            self.forget(next(iter(self._events)))
        self._events[waiter_id] = anyio.Event()

    def release(self, released: WaiterReleased) -> None:
        """The wait is over."""
        event = self._events.get(released.waiter_id)
        if event is not None:
            self._outcomes[released.waiter_id] = released
            event.set()

    def forget(self, waiter_id: WaiterId) -> None:
        """Nobody will ask any more."""
        self._events.pop(waiter_id, None)
        self._outcomes.pop(waiter_id, None)

    async def outcome(self, call_id: CallId, waiter_id: WaiterId) -> WaiterReleased:
        """Wait for the release of this waiter; it is forgotten afterwards, also when the wait is cancelled.

        Raises:
            CallNotFoundError: if nobody of that name is expected.
        """
        event = self._events.get(waiter_id)
        if event is None:
            raise CallNotFoundError(call_id)
        try:
            await event.wait()
            return self._outcomes[waiter_id]
        finally:
            self.forget(waiter_id)
