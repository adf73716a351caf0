"""A carrier as journeys see it: a twin, the settings that lead to it, and what is true of this carrier alone."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.stage import Arrangement, CarrierStage, CarrierTwin
from voice_contracts.twins.staged import stage_of
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("HOOK", "ORIGIN", "OURS", "CarrierRig", "Habits", "Landline", "OpenRig", "Rig")

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
    keeps_streamed_calls_up: bool = False
    """Whether a streamed call lives on while none of ours can be reached; others ask what comes next, and give up."""
    tells_answers: bool = True
    """Whether what it says of a call when asked tells one that was answered from one that rings."""
    cut_characters: int = 20
    """How far off our guess may be at what was heard of a text that the carrier's own voice was cut in."""

    def can(self, ability: str) -> bool:
        """Whether the carrier has an ability: one of `Capabilities`, or one of those that only journeys speak of.

        `commands`: it does what it is told when it is told. `trial_account`: it has accounts that may dial few numbers.
        `listens_while_reading`: the counterpart is heard over the carrier's own voice. `tells_answers`: whoever asks
        what became of a call that rang learns whether it was answered.
        """
        match ability:
            case "commands":
                return not self.asks
            case "trial_account":
                return self.unverified_says is not None
            case "listens_while_reading":
                return self.listens_while_reading
            case "tells_answers":
                return self.tells_answers
            case _:
                return bool(getattr(self.able, ability))


@attrs.frozen(kw_only=True)
class CarrierRig:
    """One carrier, ready for journeys."""

    habits: Habits
    stage: CarrierStage
    twin: CarrierTwin
    told: Arrangement
    """What our settings know of the account."""
    settings: Mapping[str, Any]
    """The carrier's part of a settings document."""
    kept: Callable[[Carrier], Mapping[str, int]]
    """What an adapter of ours still keeps of legs: how many of what."""

    @property
    def name(self) -> str:
        """The carrier's word in the settings."""
        return self.stage.facts.name

    def call_in(self, caller: str, callee: Callee) -> str:
        """Let somebody call us from a number, and return the leg's name."""
        return self.twin.call_in(caller, OURS, callee)


OpenRig = Callable[[Landline, Surroundings], AbstractAsyncContextManager[CarrierRig]]


@attrs.frozen
class Rig:
    """One carrier, before anything runs."""

    name: str
    habits: Habits
    kept: Callable[[Carrier], Mapping[str, int]]

    @asynccontextmanager
    async def open(self, landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
        """Run its twin for as long as the block lasts."""
        stage = stage_of(self.name)
        arranged = Arrangement(
            number=OURS, webhook_url=HOOK, callees=landline.callees, verified=landline.verified
        )
        told = attrs.evolve(arranged, secret="of-somebody-else-0123") if landline.refuses_keys else arranged
        async with stage.open(arranged, around) as twin:
            yield CarrierRig(
                habits=self.habits,
                stage=stage,
                twin=twin,
                told=told,
                settings=stage.settings(told),
                kept=self.kept,
            )
