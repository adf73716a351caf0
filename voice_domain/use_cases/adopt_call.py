"""Taking over a call that others placed and whose webhooks come to us."""

import attrs

from voice_domain.call import Call
from voice_domain.decide import adopt_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CarrierCallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Carrier
from voice_domain.ports.clock import Clock, Identities
from voice_domain.ports.switchboard import LimitReachedError, Switchboard, UnavailableError
from voice_domain.session_key import session_key
from voice_domain.use_cases.place_call import OutboundRules, spoken_locale
from voice_domain.vocabulary import Direction

__all__ = ("AdoptCall",)


@attrs.frozen(kw_only=True)
class AdoptCall:
    """Begins the record of such a call: a conversation in which the callee speaks first.

    Nobody asked us before it was dialled, so the dial policy has no say; the limits of a call's length have.
    """

    rules: OutboundRules
    switchboard: Switchboard
    carrier: Carrier
    clock: Clock
    identities: Identities

    async def __call__(
        self, carrier_call_id: CarrierCallId, *, caller: PhoneNumber | None, callee: PhoneNumber | None
    ) -> Call | None:
        """Return the call; None if it is not taken: calls are switched off, there are too many, or nobody is called.

        Raises:
            StoreError: if it could not be kept; the carrier may tell again.
        """
        if not self.rules.enabled or callee is None:
            return None
        call_id = self.identities.new_call_id()
        opened = Opened(
            at_ms=self.clock.now_ms(),
            call_id=call_id,
            carrier=self.carrier.name,
            direction=Direction.OUTBOUND,
            caller=caller or self.rules.own_number,
            callee=callee,
            mode=Mode.CONVERSATION,
            locale=spoken_locale(self.rules.locale, callee),
            terms=self.rules.terms,
            carrier_call_id=carrier_call_id,
            session_key=session_key(self.rules.session_scope, call_id, callee),
            notes=(("placedBy", "somebody else"),),
        )
        try:
            return await self.switchboard.open(adopt_call(opened))
        except (LimitReachedError, UnavailableError):
            return None
