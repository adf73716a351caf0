"""Ending a live call, pressing keys in it, handing it over."""

from contextlib import suppress
from typing import cast

import attrs

from voice_domain.call import Call
from voice_domain.dial_policy import judge
from voice_domain.dial_verdict import DialVerdict
from voice_domain.errors import VoiceError
from voice_domain.inputs import DigitsRequested, HangUpRequested, TransferForbidden, TransferRequested
from voice_domain.local_time import utc_time
from voice_domain.ports.carrier import AskingCarrier, Carrier, CarrierError, UnsupportedError
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import CallHistory
from voice_domain.ports.switchboard import Switchboard
from voice_domain.refusals import CallEndedError, CallNotFoundError, InvalidRequestError, NotEnabledError
from voice_domain.use_cases.dial_tally import DialTally
from voice_domain.use_cases.find_call import FindCall
from voice_domain.use_cases.place_call import OutboundRules
from voice_domain.vocabulary import EndReason

__all__ = ("SteerCall",)

_KEYS = frozenset("0123456789*#wWpP,")
_LONGEST = 100


@attrs.frozen(kw_only=True)
class SteerCall:
    """Commands to a call that are not speech."""

    switchboard: Switchboard
    find: FindCall
    carrier: Carrier
    rules: OutboundRules
    clock: Clock
    history: CallHistory
    tally: DialTally
    """Shared with `PlaceCall`."""

    async def end(self, key: str) -> Call:
        """Hang up and return the call once the carrier has confirmed it; a call that is over stays as it is.

        Raises:
            CallNotFoundError: if there is no such call.
            CarrierError: if the carrier has not confirmed yet; the hang-up is repeated until it does.
            StoreError: if it could not be kept; the leg is hung up all the same.
        """
        call = await self.find(key)
        if call is None:
            raise CallNotFoundError(key)
        if call.is_over and self.switchboard.find(key) is None:
            return call
        try:
            return await self.switchboard.submit(call.call_id, HangUpRequested(EndReason.HANGUP_BOT))
        except (CallEndedError, CallNotFoundError):  # it ended by itself meanwhile
            return await self.find(key) or call

    def waits(self, call: Call) -> bool:
        """Whether what was wanted of *call* waits until its carrier asks; never, for most carriers."""
        name = call.carrier_call_id
        return (
            name is not None
            and hasattr(self.carrier, "waits")
            and cast("AskingCarrier", self.carrier).waits(name)
        )

    async def send_digits(self, key: str, digits: str) -> Call:
        """Press *digits* (0-9 * # , w p; at most 100).

        Raises:
            InvalidRequestError: if *digits* has another character, none, or too many.
            UnsupportedError: if the carrier sends no keys.
            CallNotFoundError, CallEndedError, NotConnectedError, CarrierError, StoreError: if it cannot be done.
        """
        if not digits or not set(digits) <= _KEYS or len(digits) > _LONGEST:
            raise InvalidRequestError(
                "digits", f"digits may only contain digits, *, #, comma, w, p, and at most {_LONGEST} of them"
            )
        if not self.carrier.capabilities.digits:
            raise UnsupportedError(self.carrier.name, "outbound DTMF")
        return await self.switchboard.submit(await self.find.live(key), DigitsRequested(digits))

    async def transfer(self, key: str, to: str) -> Call:
        """Hand the counterpart over to *to*, which the dial policy judges, and the hourly cap counts, as a dial.

        What the policy says is kept in the call's record, whether it allows or refuses.

        Raises:
            NotEnabledError: if the settings switch calls off.
            HourlyCapReachedError: if the hourly cap is reached.
            DialRefusedError, InvalidNumberError: if the dial policy refuses.
            UnsupportedError: if the carrier transfers nothing.
            CallNotFoundError, CallEndedError, NotConnectedError, CarrierError, StoreError: if it cannot be done.
        """
        if not self.rules.enabled:
            raise NotEnabledError
        verdict, now_ms = await self._verdict(to)
        if verdict.refusal is not None:
            await self._keep_refusal(key, verdict)
            raise verdict.refusal
        assert verdict.number is not None  # an allowed number was understood
        wish = TransferRequested(verdict.number, verdict.sentence)
        self.tally.begin(now_ms)
        try:
            if not self.carrier.capabilities.transfer:
                raise UnsupportedError(self.carrier.name, "transfer")
            return await self.switchboard.submit(await self.find.live(key), wish)
        except CarrierError:
            raise  # it was dialled, or tried
        except VoiceError:
            self.tally.give_back(now_ms)
            raise

    async def _keep_refusal(self, key: str, verdict: DialVerdict) -> None:
        """Let the record of the call say that it was not handed over, if there is a live one."""
        with suppress(CallNotFoundError, CallEndedError):
            await self.switchboard.submit(await self.find.live(key), TransferForbidden(verdict.sentence))

    async def _verdict(self, to: str) -> tuple[DialVerdict, int]:
        now_ms = self.clock.now_ms()
        capped = self.rules.policy.max_calls_per_hour is not None
        dialled = await self.tally.dialled(self.history, now_ms) if capped else 0
        region, now = self.rules.region, utc_time(now_ms)
        return judge(self.rules.policy, to, region=region, now=now, dialled_last_hour=dialled), now_ms
