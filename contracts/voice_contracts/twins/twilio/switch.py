"""The twin's inside: everything that legs, the API and documents share."""

import itertools
from collections.abc import Callable

import anyio
import anyio.abc
import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.ledger import Ledger, LegRecord, StateEntered
from voice_contracts.twins.line import Line
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.sockets import Dial
from voice_contracts.twins.sound import Speak
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.courier import Courier
from voice_contracts.twins.twilio.leg import Leg, LegStatus, Orders
from voice_contracts.twins.twilio.owned_numbers import OwnedNumbers

__all__ = ("Switch",)


@attrs.frozen(eq=False)
class Switch:
    """What a leg needs to live, and the legs that do or did."""

    account: TwilioAccount
    ledger: Ledger
    clock: TwinClock
    faults: Faults
    courier: Courier
    speak: Speak
    dial_media: Dial
    tasks: anyio.abc.TaskGroup
    legs: dict[str, Leg] = attrs.field(factory=dict)
    numbers: OwnedNumbers = attrs.field(init=False)
    _names: Callable[[], int] = attrs.field(factory=lambda: itertools.count(1).__next__)

    @numbers.default
    def _make_numbers(self) -> OwnedNumbers:
        return OwnedNumbers(self.account.sid, self.account.numbers)

    def new_sid(self, prefix: str) -> str:
        """Return a name that nothing here has had; the same run gives the same names."""
        return f"{prefix}{self._names():032x}"

    def new_leg(
        self, record: LegRecord, orders: Orders, callee: Callee, first: LegStatus = LegStatus.QUEUED
    ) -> Leg:
        """Add a leg in its first state; somebody must then let it live."""
        began = attrs.evolve(record, states=(StateEntered(first, self.clock.now_ms()),))
        line = Line(callee, self.speak, self.clock.now_ms, lambda: leg.end("callee"))
        leg = Leg(began, orders, line, self.ledger, self.clock.now_ms)
        leg.on_move = lambda _: self.courier.told_status(leg)
        self.legs[leg.sid] = leg
        return leg

    def complain(self, leg: Leg) -> Callable[[int, str], None]:
        """Return what notes violations of *leg*."""
        return lambda code, text: self.ledger.violate(code, text, leg.sid)
