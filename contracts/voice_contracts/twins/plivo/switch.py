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
from voice_contracts.twins.plivo.account import PlivoAccount
from voice_contracts.twins.plivo.applications import Applications
from voice_contracts.twins.plivo.courier import Courier
from voice_contracts.twins.plivo.endings import LegStatus
from voice_contracts.twins.plivo.leg import Leg, Orders
from voice_contracts.twins.sockets import Dial
from voice_contracts.twins.sound import Speak

__all__ = ("Switch",)


@attrs.frozen(eq=False)
class Switch:
    """What a leg needs to live, and the legs that do or did."""

    account: PlivoAccount
    ledger: Ledger
    clock: TwinClock
    faults: Faults
    courier: Courier
    speak: Speak
    dial_media: Dial
    tasks: anyio.abc.TaskGroup
    legs: dict[str, Leg] = attrs.field(factory=dict)
    """By the call's own name."""
    requests: dict[str, Leg] = attrs.field(factory=dict)
    """By the name of the request that made them."""
    applications: Applications = attrs.field(init=False)
    _names: Callable[[], int] = attrs.field(factory=lambda: itertools.count(1).__next__)

    @applications.default
    def _make_applications(self) -> Applications:
        return Applications(self.account)

    def new_uuid(self) -> str:
        """Return a name that nothing here has had; the same run gives the same names."""
        return f"00000000-0000-4000-8000-{self._names():012x}"

    def find(self, name: str) -> Leg:
        """Return a leg by either of its names; raises KeyError if there is none."""
        return self.requests[name] if name in self.requests else self.legs[name]

    def new_leg(
        self, record: LegRecord, orders: Orders, callee: Callee, first: LegStatus = LegStatus.QUEUED
    ) -> Leg:
        """Add a leg in its first state; somebody must then let it live."""
        began = attrs.evolve(record, states=(StateEntered(first, self.clock.now_ms()),))
        word = self.account.callee_word
        line = Line(callee, self.speak, self.clock.now_ms, lambda: leg.left_by_person(word))
        leg = Leg(began, orders, line, self.ledger, self.clock.now_ms)
        leg.on_move = lambda _: self.courier.told_status(leg)
        self.legs[leg.uuid] = leg
        return leg
