"""The twin's inside: everything that legs, the API and streams share."""

import itertools
from collections.abc import Callable
from functools import partial

import anyio.abc
import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.ledger import Ledger, LegRecord, StateEntered
from voice_contracts.twins.line import Line
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.sockets import Dial
from voice_contracts.twins.sound import Speak
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.courier import Courier
from voice_contracts.twins.telnyx.leg import Leg, LegState, Orders
from voice_contracts.twins.telnyx.portal import Portal

__all__ = ("Switch",)


@attrs.frozen(eq=False)
class Switch:
    """What a leg needs to live, and the legs that do or did."""

    account: TelnyxAccount
    ledger: Ledger
    clock: TwinClock
    faults: Faults
    courier: Courier
    speak: Speak
    dial_media: Dial
    tasks: anyio.abc.TaskGroup
    legs: dict[str, Leg] = attrs.field(factory=dict)
    dials: dict[str, Leg] = attrs.field(factory=dict)
    """The legs of dials by their command ids."""
    portal: Portal = attrs.field(init=False)
    _names: Callable[[], int] = attrs.field(factory=lambda: itertools.count(1).__next__)

    @portal.default
    def _make_portal(self) -> Portal:
        return Portal(self.account)

    def new_name(self, prefix: str) -> str:
        """Return a name that nothing here has had; the same run gives the same names."""
        return f"{prefix}{self._names():012d}"

    def new_leg(self, record: LegRecord, orders: Orders, callee: Callee, first: LegState) -> Leg:
        """Add a leg in its first state; somebody must then let it live."""
        began = attrs.evolve(record, states=(StateEntered(first, self.clock.now_ms()),))

        def hung_up() -> None:
            leg.left_by_person()

        line = Line(callee, self.speak, self.clock.now_ms, hung_up)
        leg = Leg(began, orders, line, self.ledger, self.clock.now_ms)
        leg.tell = partial(self.courier.tell, leg)
        self.legs[leg.name] = leg
        return leg
