"""Finding calls, live ones and past ones."""

import attrs

from voice_domain.call import Call
from voice_domain.identity import CallId
from voice_domain.ports.event_store import CallHistory
from voice_domain.ports.switchboard import Switchboard
from voice_domain.refusals import CallEndedError, CallNotFoundError

__all__ = ("FindCall",)


@attrs.frozen(kw_only=True)
class FindCall:
    """Looks among the live calls first, then in the history."""

    switchboard: Switchboard
    history: CallHistory

    async def __call__(self, key: str) -> Call | None:
        """Return the call with this id, ours or the carrier's; None if there is none.

        Raises:
            StoreError: if the history cannot be read.
        """
        return self.switchboard.find(key) or await self.history.find(key)

    async def live(self, key: str) -> CallId:
        """Return our id of the live call that *key* names.

        Raises:
            CallEndedError: if that call is over.
            CallNotFoundError: if there is no such call.
            StoreError: if the history cannot be read.
        """
        call = await self(key)
        if call is None:
            raise CallNotFoundError(key)
        if call.is_over and self.switchboard.find(key) is None:
            raise CallEndedError(call.call_id)
        return call.call_id
