"""The errands of one call that are under way."""

from collections.abc import Callable

from anyio.abc import TaskGroup

from voice_adapters.runtime.errands import Deliver, Errand, run_errand
from voice_adapters.runtime.services import CallServices
from voice_domain.call import Call
from voice_domain.effects import Dial, HangUp, Reject
from voice_domain.identity import CarrierCallId
from voice_domain.ports.event_store import OutboxItem

__all__ = ("RunningErrands",)


class RunningErrands:
    """Starts each errand once, and knows those that have not ended."""

    def __init__(self, services: CallServices, deliver: Deliver, ended: Callable[[], None]) -> None:
        self._services = services
        self._deliver = deliver
        self._ended = ended
        self._running: dict[str, Errand] = {}

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, effect_id: object) -> bool:
        return effect_id in self._running

    def start(self, entry: OutboxItem, call: Call, tasks: TaskGroup) -> Errand:
        """Carry *entry* out in *tasks*; one that is under way, because it could not wait for the store, goes on."""
        errand = self._running.get(entry.effect_id)
        if errand is None:
            errand = self._running[entry.effect_id] = Errand(entry)
            tasks.start_soon(self._run, errand, call)
        return errand

    @property
    def dialling(self) -> bool:
        """Whether a dial is under way."""
        return any(isinstance(errand.item.effect, Dial) for errand in self._running.values())

    def try_again(self) -> tuple[Errand, ...]:
        """Have those that hang up or reject ask the carrier now, and return them."""
        running = self._running.values()
        ends = tuple(errand for errand in running if isinstance(errand.item.effect, HangUp | Reject))
        for errand in ends:
            errand.wake()
        return ends

    def leg_is_over(self, carrier_call_id: CarrierCallId | None) -> None:
        """The carrier has told the end of the call's leg: give up what was asked for it. A dial goes on.

        The leg that a dial brings, and other legs that are being hung up, are not over.
        """
        for errand in self._running.values():
            match errand.item.effect:
                case Dial():
                    pass
                case HangUp() | Reject() as end if end.carrier_call_id != carrier_call_id:
                    pass
                case _:
                    errand.scope.cancel()

    async def _run(self, errand: Errand, call: Call) -> None:
        try:
            await run_errand(errand, call, self._services, self._deliver)
        finally:
            self._running.pop(errand.item.effect_id, None)
            self._ended()
