"""Dials whose answer was lost: the leg is looked for at the carrier, so that nobody has to dial again."""

import logging
from functools import partial
from typing import cast

import attrs

from voice_adapters.runtime.asking import ask
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import Carrier
from voice_domain.ports.dial_finder import DialFinder, LostDial
from voice_domain.ports.event_store import CallHistory, EventStore
from voice_domain.vocabulary import Direction

__all__ = ("leg_of_lost_dial",)

_log = logging.getLogger(__name__)

_SECONDS = 7.0


@attrs.frozen
class _Search:
    finder: DialFinder
    history: CallHistory
    carrier_name: str


async def leg_of_lost_dial(call: Call, carrier: Carrier, store: EventStore) -> CarrierCallId | None:
    """Return the leg that *call* has at the carrier; None if there is none, or it cannot be told which one it is.

    Asks within seven seconds. Legs that belong to other calls of ours are not considered.
    """
    opened = call.opened
    asks = hasattr(carrier, "find_dial") and hasattr(store, "find")
    if (
        not asks
        or opened.direction is not Direction.OUTBOUND
        or opened.caller is None
        or opened.callee is None
    ):
        return None
    search = _Search(cast("DialFinder", carrier), cast("CallHistory", store), carrier.name)
    lost = LostDial(call_id=call.call_id, caller=opened.caller, callee=opened.callee, at_ms=opened.at_ms)
    try:
        legs = await ask(partial(search.finder.find_dial, lost), search.carrier_name, seconds=_SECONDS)
        free = [leg for leg in legs if await _may_be_of(call, leg, search.history)]
    except VoiceError as error:
        _log.warning("call %s: its leg could not be looked for: %s", call.call_id, error)
        return None
    if len(free) > 1:
        # To take one of them by chance could hang up somebody else's call.
        _log.warning("call %s: %d legs may be its own, so none is taken", call.call_id, len(free))
    return free[0] if len(free) == 1 else None


async def _may_be_of(call: Call, leg: CarrierCallId, history: CallHistory) -> bool:
    known = await history.find(leg)
    return known is None or known.call_id == call.call_id  # news may have told it meanwhile
