"""Taking or refusing a call to our number."""

from collections.abc import Mapping

import attrs

from voice_domain.call import Call
from voice_domain.decide import open_call, refuse_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CarrierCallId
from voice_domain.inbound_policy import (
    Admitted,
    InboundPolicy,
    PairingNeeded,
    Refused,
    judge_caller,
)
from voice_domain.mode_rules import Mode
from voice_domain.pairing import PairingBook
from voice_domain.phrases import phrase
from voice_domain.ports.carrier import Carrier, CarrierError, UnsupportedError
from voice_domain.ports.clock import Clock, Identities
from voice_domain.ports.pairing_store import PairingStore
from voice_domain.ports.switchboard import LimitReachedError, Switchboard, UnavailableError
from voice_domain.session_key import SessionScope, session_key
from voice_domain.terms import CallTerms
from voice_domain.use_cases.place_call import spoken_locale
from voice_domain.vocabulary import Direction

__all__ = ("AdmitCall", "InboundRoute", "InboundRules")


@attrs.frozen(kw_only=True)
class InboundRoute:
    """What differs for calls to one of our numbers; None is no difference."""

    greeting: str | None = None
    terms: CallTerms | None = None


_NO_DIFFERENCE = InboundRoute()


@attrs.frozen(kw_only=True)
class InboundRules:
    """What the settings say about calls to our number."""

    own_number: PhoneNumber
    policy: InboundPolicy
    terms: CallTerms
    enabled: bool = True
    allow_from: frozenset[PhoneNumber] = frozenset()
    greeting: str | None = None
    """The first thing that we say; None for a built-in sentence in the call's language."""
    locale: str | None = None
    """BCP 47; None to follow the caller's country."""
    session_scope: SessionScope = SessionScope.PER_PHONE
    routes: Mapping[PhoneNumber, InboundRoute] = attrs.field(factory=dict)
    """By the number that was called."""


@attrs.frozen(kw_only=True)
class AdmitCall:
    """Judges an inbound call once: it is answered, hears a pairing code, or is rejected without an answer."""

    rules: InboundRules
    switchboard: Switchboard
    pairing: PairingStore
    carrier: Carrier
    clock: Clock
    identities: Identities

    async def __call__(
        self, carrier_call_id: CarrierCallId, *, caller: PhoneNumber | None, callee: PhoneNumber | None
    ) -> Call:
        """Begin the call's record and answer or reject it; returns the call once that was done.

        Raises:
            StoreError: if it could not be kept; nothing was answered, so the carrier may tell again.
        """
        opened = self._opened(carrier_call_id, caller, callee)
        if not self.rules.enabled:
            return await self._refuse(opened, "voice calls are switched off", busy=False)
        book = PairingBook()
        if self.rules.policy is InboundPolicy.PAIRING:
            book = await self.pairing.load()
        verdict = judge_caller(
            self.rules.policy, caller, allow_from=self.rules.allow_from, paired=book.approved
        )
        match verdict:
            case Admitted():
                return await self._take(opened)
            case Refused():
                return await self._refuse(opened, f"inbound-policy: {verdict.because.value}", busy=False)
            case PairingNeeded():
                return await self._tell_code(opened, verdict.caller)

    async def _take(self, opened: Opened) -> Call:
        try:
            return await self.switchboard.open(open_call(opened))
        except (LimitReachedError, UnavailableError) as error:
            return await self._refuse(opened, str(error), busy=True)
        except (CarrierError, UnsupportedError):
            # The call is kept as failed; the carrier hears no more of it.
            return self.switchboard.find(opened.call_id) or open_call(opened).call

    async def _refuse(self, opened: Opened, reason: str, *, busy: bool) -> Call:
        noted = attrs.evolve(opened, notes=(*opened.notes, ("rejectionReason", reason)), opening="")
        decision = refuse_call(noted, busy=busy, error="")
        try:
            return await self.switchboard.open(decision, counted=False)
        except (CarrierError, UnsupportedError):
            return decision.call  # the rejection is repeated until the carrier confirms it

    async def _tell_code(self, opened: Opened, caller: PhoneNumber) -> Call:
        now_ms = self.clock.now_ms()

        def asked(book: PairingBook) -> PairingBook:
            changed, _ = book.ask(caller, code=self._unused_code(book), now_ms=now_ms)
            return changed

        book = await self.pairing.change(asked)
        code = next((request.code for request in book.pending if request.caller == caller), None)
        if code is None:
            return await self._refuse(opened, "inbound-policy: too many callers wait for pairing", busy=False)
        text = phrase("pairing", opened.locale).format(code=" ".join(code))
        told = attrs.evolve(
            opened, mode=Mode.NOTIFY, opening=text, notes=(*opened.notes, ("pairing", "code told"))
        )
        return await self._take(told)

    def _unused_code(self, book: PairingBook) -> str:
        taken = {request.code for request in book.pending}
        while (code := self.identities.new_pairing_code()) in taken:
            pass
        return code

    def _opened(
        self, carrier_call_id: CarrierCallId, caller: PhoneNumber | None, callee: PhoneNumber | None
    ) -> Opened:
        locale = spoken_locale(self.rules.locale, caller)
        call_id = self.identities.new_call_id()
        called = callee or self.rules.own_number
        route = self.rules.routes.get(called, _NO_DIFFERENCE)
        greeting = self.rules.greeting if route.greeting is None else route.greeting
        return Opened(
            at_ms=self.clock.now_ms(),
            call_id=call_id,
            carrier=self.carrier.name,
            direction=Direction.INBOUND,
            caller=caller,
            callee=called,
            mode=Mode.CONVERSATION,
            locale=locale,
            terms=route.terms or self.rules.terms,
            opening=phrase("greeting", locale) if greeting is None else greeting,
            carrier_call_id=carrier_call_id,
            session_key=session_key(self.rules.session_scope, call_id, caller),
            notes=() if route is _NO_DIFFERENCE else (("numberRouteKey", str(called)),),
        )
