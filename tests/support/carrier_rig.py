"""A carrier as journeys see it: a twin, the settings that lead to it, and what is true of this carrier alone."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import attrs
import httpx

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.ledger import Ledger, LegRecord
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("HOOK", "ORIGIN", "OURS", "CarrierRig", "CarrierTwin", "Habits", "Landline", "OpenRig", "Rig")

OURS = "+15550000000"
ORIGIN = "https://voice.example.com"
HOOK = f"{ORIGIN}/voice/webhook"


@attrs.frozen
class Landline:
    """Who is at the other end of which number, and what the carrier allows."""

    callees: Mapping[str, Callee]
    verified: frozenset[str] | None = None
    """The numbers that a trial account may dial; None: any."""
    refuses_keys: bool = False
    """Whether the account has another secret than our settings."""


class CarrierTwin(Protocol):
    """What every carrier's twin can do."""

    ledger: Ledger
    faults: Faults

    def legs_alive(self) -> tuple[LegRecord, ...]: ...

    def ear(self, sid: str, /) -> Ear: ...

    def hang_up(self, sid: str, /) -> None: ...

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]: ...


@attrs.frozen(kw_only=True)
class Habits:
    """What journeys expect of this carrier and not of every one."""

    able: Capabilities
    """What its adapter declares: journeys that need more are not played on it."""
    hung_up: EndReason
    """How a call ends that the counterpart ends, as far as the carrier tells who did."""
    wrong_key_says: str
    """What the refusal of a wrong secret names."""
    unverified_says: str | None
    """What the refusal of a number names that a trial account may not dial; None: there are no such accounts."""
    dials_again: bool
    """Whether a dial that is refused for a moment is repeated, because the carrier would notice a second one."""
    overloaded_says: Mapping[int, str]
    """What a refusal for a moment names, by its status."""
    chinese: str | None
    """What the carrier calls the language of a Chinese text that it reads; None: it is told none."""
    listens_while_reading: bool = True
    """Whether the counterpart can interrupt the carrier's own voice."""
    hang_up_method: str = "POST"
    """The HTTP method of a hang-up; what is asked of a call has another one."""
    asks: bool = False
    """Whether it can be told nothing (an `AskingCarrier`), so that what is wanted waits until it asks."""
    cut_characters: int = 20
    """How far off our guess may be at what was heard of a text that the carrier's own voice was cut in."""

    def can(self, ability: str) -> bool:
        """Whether the carrier has an ability: one of `Capabilities`, or one of those that only journeys speak of.

        `commands`: it does what it is told when it is told. `trial_account`: it has accounts that may dial few numbers.
        `listens_while_reading`: the counterpart is heard over the carrier's own voice.
        """
        match ability:
            case "commands":
                return not self.asks
            case "trial_account":
                return self.unverified_says is not None
            case "listens_while_reading":
                return self.listens_while_reading
            case _:
                return bool(getattr(self.able, ability))


@attrs.frozen(kw_only=True)
class CarrierRig:
    """One carrier, ready for journeys."""

    name: str
    habits: Habits
    twin: CarrierTwin
    transport: httpx.AsyncBaseTransport
    """Reaches the twin's interface without a socket."""
    hosts: frozenset[str]
    """The hosts of that interface."""
    settings: Mapping[str, Any]
    """The carrier's part of a settings document."""
    base_url_path: tuple[str, str]
    """Where in the document the interface's address is set."""
    call_in: Callable[[str, Callee], str]
    """Lets somebody call us from a number; returns the leg's name."""
    kept: Callable[[Carrier], Mapping[str, int]]
    """What an adapter of ours still keeps of legs: how many of what."""


OpenRig = Callable[[Landline, Surroundings], AbstractAsyncContextManager[CarrierRig]]


@attrs.frozen
class Rig:
    """One carrier, before anything runs."""

    open: OpenRig
    habits: Habits
