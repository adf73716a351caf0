"""What is kept in mind of each call at Aliyun: who it is, and what is to be answered when Aliyun asks next."""

import base64
import hashlib
from typing import Final

import anyio
import attrs

from voice_domain.identity import CallId, CarrierCallId

__all__ = ("Leg", "Legs", "Wish", "outside_name")

_KEPT: Final = 1000
# The field OutId holds 1 to 15 bytes, so that our own name for a call does not fit.
_NAME_LENGTH: Final = 15


def outside_name(call_id: CallId) -> str:
    """Return the short name under which Aliyun hands a call back to us; always the same for a call."""
    digest = hashlib.sha256(call_id.encode()).digest()
    return base64.b32encode(digest).decode()[:_NAME_LENGTH].lower()


@attrs.define(eq=False)
class Wish:
    """A text that is to be read as soon as Aliyun asks."""

    text: str
    interruptible: bool
    settled: anyio.Event = attrs.field(factory=anyio.Event)
    """It was given to Aliyun, or is not wanted any more."""


@attrs.define(eq=False)
class Leg:
    """One call. Aliyun cannot be told anything: what is wanted waits here until it asks."""

    call_id: CallId | None = None
    """Ours; None for a call of an earlier process."""
    carrier_call_id: CarrierCallId | None = None
    """Aliyun's; None until it has told it."""
    asks: bool = True
    """Whether Aliyun asks what to do in this call; it does not in one that reads a template."""
    wish: Wish | None = None
    stale: Wish | None = None
    """A text that the counterpart has spoken before; it is not read any more."""
    quiet: bool = False
    """Whether what is being read is to stop."""
    leaving: bool = False
    """Whether it is to be hung up."""
    wanted: anyio.Event = attrs.field(factory=anyio.Event)
    """Set when there is something to answer with."""
    gone: anyio.Event = attrs.field(factory=anyio.Event)
    """Set when it is over, or Aliyun was told to end it."""

    @property
    def outside_name(self) -> str:
        """What comes back with its callbacks and reports; empty for a call of an earlier process."""
        return outside_name(self.call_id) if self.call_id else ""

    def want(self, wish: Wish) -> None:
        """Have a text read, instead of one that still waits."""
        self.drop_wish()
        self.wish, self.quiet = wish, False
        self.wanted.set()

    def want_end(self) -> None:
        """Have the call ended."""
        self.leaving = True
        self.wanted.set()

    def take_wish(self) -> Wish | None:
        """Return the text that waits, which is read from now on; None if none does."""
        wish = self.wish
        self.drop_wish()
        return wish

    def overtake_wish(self) -> None:
        """The counterpart speaks before what waits could be read: it is dropped once the call knows of it."""
        if self.wish is not None and self.wish.interruptible:
            self.stale = self.wish

    def drop_stale_wish(self) -> None:
        """Drop what was overtaken."""
        if self.stale is not None and self.wish is self.stale:
            self.drop_wish()
        self.stale = None

    def drop_wish(self) -> None:
        """Have nothing read."""
        if self.wish is not None:
            self.wish.settled.set()
        self.wish = None
        # Whoever waits for something to be wanted holds the event that was not set yet.
        if self.wanted.is_set() and not self.leaving:
            self.wanted = anyio.Event()

    def end(self) -> None:
        """It is over, or about to be."""
        self.drop_wish()
        self.wanted.set()
        self.gone.set()


class Legs:
    """All calls that are remembered: at most a thousand, the oldest are forgotten first."""

    def __init__(self) -> None:
        self._expected: dict[str, Leg] = {}
        self._named: dict[CarrierCallId, Leg] = {}

    def __len__(self) -> int:
        return len(self._named)

    def expect(self, call_id: CallId, *, asks: bool) -> Leg:
        """Remember a call that is about to be placed: it may be told of before Aliyun has named it to us."""
        leg = Leg(call_id=call_id, asks=asks)
        self._expected[leg.outside_name] = leg
        if len(self._expected) > _KEPT:
            del self._expected[next(iter(self._expected))]
        return leg

    def name(self, leg: Leg, carrier_call_id: CarrierCallId) -> None:
        """Learn Aliyun's name for a call. A name that was learnt before stays."""
        if leg.carrier_call_id is None:
            leg.carrier_call_id = carrier_call_id
            self._keep(leg, carrier_call_id)

    def find(self, carrier_call_id: CarrierCallId) -> Leg | None:
        """Return the call of this name; None if it is not remembered."""
        return self._named.get(carrier_call_id)

    def of(self, carrier_call_id: CarrierCallId) -> Leg:
        """Return the call of this name, which we know to be ours; one of an earlier process is remembered now."""
        leg = self._named.get(carrier_call_id)
        if leg is None:
            leg = Leg(carrier_call_id=carrier_call_id)
            self._keep(leg, carrier_call_id)
        return leg

    def recognise(self, carrier_call_id: CarrierCallId, name: str) -> tuple[Leg | None, bool]:
        """Return whose news these are, and whether they may be believed.

        *name* is what came back with them, empty for nothing. A call that is not remembered may be one of an earlier
        process. News that claim to be of a call of ours and name another one are not believed.
        """
        leg = self._named.get(carrier_call_id)
        expected = self._expected.get(name) if name else None
        if leg is not None:
            return leg, not name or not leg.outside_name or name == leg.outside_name
        if expected is None:
            return None, True
        if expected.carrier_call_id is not None:
            return None, False
        self.name(expected, carrier_call_id)
        return expected, True

    def forget(self, leg: Leg) -> None:
        """Keep a call in mind no longer."""
        self._expected.pop(leg.outside_name, None)
        if leg.carrier_call_id is not None:
            self._named.pop(leg.carrier_call_id, None)

    def _keep(self, leg: Leg, carrier_call_id: CarrierCallId) -> None:
        self._named[carrier_call_id] = leg
        if len(self._named) > _KEPT:
            self.forget(next(iter(self._named.values())))
