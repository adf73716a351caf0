"""Placing a call: nothing is dialled without a verdict, and nothing is dialled that is not kept first."""

import attrs

from voice_domain.call import Call
from voice_domain.decide import open_call
from voice_domain.dial_policy import DialPolicy, judge
from voice_domain.dial_verdict import DialVerdict
from voice_domain.e164 import InvalidNumberError, PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.events import Opened
from voice_domain.local_time import utc_time
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Carrier, CarrierError, UnsupportedError
from voice_domain.ports.clock import Clock, Identities
from voice_domain.ports.event_store import CallHistory
from voice_domain.ports.switchboard import Switchboard
from voice_domain.refusals import InvalidRequestError, NotEnabledError
from voice_domain.session_key import SessionScope
from voice_domain.session_key import session_key as key_of_session
from voice_domain.terms import CallTerms
from voice_domain.use_cases.call_route import CallRoute
from voice_domain.use_cases.dial_tally import DialTally
from voice_domain.vocabulary import Direction

__all__ = ("OutboundRules", "PlaceCall", "Plan", "spoken_locale")


@attrs.frozen(kw_only=True)
class OutboundRules:
    """What the settings say about calls that we place."""

    own_number: PhoneNumber
    """What the callee sees as caller."""
    policy: DialPolicy
    terms: CallTerms
    enabled: bool = True
    region: str | None = None
    """Where national numbers belong; None when they cannot be understood."""
    default_callee: str | None = None
    default_mode: Mode = Mode.NOTIFY
    locale: str | None = None
    """BCP 47; None to follow the callee's country."""
    session_scope: SessionScope = SessionScope.PER_PHONE


@attrs.frozen(kw_only=True)
class Plan:
    """What would come of a call, without dialling."""

    verdict: DialVerdict
    from_: PhoneNumber
    """What the callee would see as caller."""
    carrier: str
    mode: Mode
    locale: str
    """What would be spoken, BCP 47."""
    route: CallRoute | None = None
    """Which way it would take; None where nobody has said."""

    @property
    def allowed(self) -> bool:
        """Whether it would be dialled."""
        return self.verdict.allowed

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, or why not, one sentence each."""
        return tuple(reason.sentence for reason in self.verdict.reasons)

    @property
    def to(self) -> PhoneNumber | None:
        """The number as it was understood; None if it was not."""
        return self.verdict.number


def spoken_locale(configured: str | None, counterpart: PhoneNumber | None) -> str:
    """Return what to speak: the configured locale, else Chinese with China and English with everybody else."""
    if configured:
        return configured
    return "zh-CN" if counterpart is not None and counterpart.region == "CN" else "en-US"


@attrs.frozen(kw_only=True)
class PlaceCall:
    """Checks, in this order: enabled, the number, the dial policy, the concurrency limit; then keeps, then dials."""

    rules: OutboundRules
    switchboard: Switchboard
    history: CallHistory
    carrier: Carrier
    clock: Clock
    identities: Identities
    tally: DialTally = attrs.field(factory=DialTally)
    """Shared with whatever else makes the carrier dial."""

    async def __call__(
        self, *, to: str | None, message: str, mode: str | None = None, session_key: str = ""
    ) -> Call:
        """Place a call and return it once the carrier has taken it.

        *to* is a number in any written form, None for the default callee; *mode* is `notify` or `conversation`,
        None for the default one. *message* is said first, when somebody has answered.

        Raises:
            NotEnabledError: if the settings switch calls off.
            InvalidRequestError: if the message is blank, nobody is to be called, or the mode is unknown.
            InvalidNumberError: if *to* cannot be a phone number.
            DialRefusedError: if the dial policy refuses; nothing is kept and nothing is dialled.
            HourlyCapReachedError: if the hourly cap is reached.
            LimitReachedError: if there are as many calls as there may be.
            CarrierError: if the carrier refused; the call is kept as failed.
            StoreError: if the call could not be kept; nothing was dialled.
        """
        if not message.strip():
            raise InvalidRequestError("message", "message required: say what is to be spoken")
        chosen = self._mode(mode)
        verdict = await self._verdict(to)
        if verdict.refusal is not None:
            raise verdict.refusal
        opened = self._opened(verdict, message.strip(), chosen, session_key)
        self.tally.begin(opened.at_ms)
        try:
            return await self.switchboard.open(open_call(opened))
        except (CarrierError, UnsupportedError):
            raise  # it was dialled, or tried
        except VoiceError:
            self.tally.give_back(opened.at_ms)
            raise

    async def plan(self, *, to: str, mode: str | None = None) -> Plan:
        """Return what `__call__` would decide about *to*; nothing is kept and nothing is dialled.

        Raises:
            InvalidRequestError: if the mode is unknown.
            InvalidNumberError: if *to* cannot be a phone number.
            StoreError: if past calls cannot be counted.
        """
        chosen = self._mode(mode)
        verdict = await self._verdict(to)
        if isinstance(verdict.refusal, InvalidNumberError):
            raise verdict.refusal
        return Plan(
            verdict=verdict,
            from_=self.rules.own_number,
            carrier=self.carrier.name,
            mode=chosen,
            locale=spoken_locale(self.rules.locale, verdict.number),
        )

    def _mode(self, mode: str | None) -> Mode:
        if mode is None:
            return self.rules.default_mode
        try:
            return Mode(mode)
        except ValueError as error:
            raise InvalidRequestError("mode", f"mode must be notify or conversation, not {mode!r}") from error

    async def _verdict(self, to: str | None) -> DialVerdict:
        if not self.rules.enabled:
            raise NotEnabledError
        callee = to if to is not None and to.strip() else self.rules.default_callee
        if callee is None:
            raise InvalidRequestError("to", "to required: name a number or set toNumber in the settings")
        now_ms = self.clock.now_ms()
        capped = self.rules.policy.max_calls_per_hour is not None
        dialled = await self.tally.dialled(self.history, now_ms) if capped else 0
        return judge(
            self.rules.policy,
            callee,
            region=self.rules.region,
            now=utc_time(now_ms),
            dialled_last_hour=dialled,
        )

    def _opened(self, verdict: DialVerdict, message: str, mode: Mode, session_key: str) -> Opened:
        assert verdict.number is not None  # an allowed number was understood
        call_id = self.identities.new_call_id()
        return Opened(
            at_ms=self.clock.now_ms(),
            call_id=call_id,
            carrier=self.carrier.name,
            direction=Direction.OUTBOUND,
            caller=self.rules.own_number,
            callee=verdict.number,
            mode=mode,
            locale=spoken_locale(self.rules.locale, verdict.number),
            terms=self.rules.terms,
            opening=message,
            session_key=session_key or key_of_session(self.rules.session_scope, call_id, verdict.number),
            notes=(("dialVerdict", verdict.sentence),),
        )
