"""The people at the far end of a twin, on the stage of the carrier kit: they speak and press keys when told to."""

from typing import Protocol

from voice_contracts.conformance.carrier_stage import CarrierStage, FailingStage, PressingStage, TalkingStage
from voice_contracts.twins.callee import Cue, Press, Say, Step
from voice_contracts.twins.faults import ApiFault, Faults
from voice_domain.identity import CarrierCallId

__all__ = ("TwinPeople",)

_MOMENT_MS = 500
_ALL_REQUESTS = 1_000


class _Twin(Protocol):
    faults: Faults

    def ask(self, name: str, step: Step, /) -> None: ...


class TwinPeople(CarrierStage, TalkingStage, PressingStage, FailingStage, Protocol):
    """What every stage does in the same way that has a twin behind it."""

    @property
    def twin(self) -> _Twin: ...

    async def say(self, carrier_call_id: CarrierCallId, words: str) -> None:
        self.twin.ask(carrier_call_id, Say(words, _MOMENT_MS, Cue.BEFORE))

    async def press(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        self.twin.ask(carrier_call_id, Press(digits, _MOMENT_MS, Cue.BEFORE))

    async def fail(self) -> None:
        self.twin.faults.break_api(ApiFault(), _ALL_REQUESTS)
