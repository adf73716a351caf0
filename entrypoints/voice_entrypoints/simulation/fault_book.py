"""Looks up, as things pass a boundary, whether this one goes wrong."""

from collections import Counter, defaultdict

from voice_entrypoints.simulation.faults import Fault, Place
from voice_entrypoints.simulation.plan import Plan
from voice_entrypoints.simulation.trace import Trace

__all__ = ("FaultBook",)


class FaultBook:
    """Counts what passes for each call at each place; the counts belong to the world, and outlive the gateway."""

    def __init__(self, plan: Plan, trace: Trace) -> None:
        self._trace = trace
        self._passed: Counter[tuple[str, Place]] = Counter()
        self._coming: dict[tuple[str, Place], list[Fault]] = defaultdict(list)
        self.phones = {call.phone: call.number for call in plan.calls}
        """The number in the plan of the call with a phone."""
        phones = {number: phone for phone, number in self.phones.items()}
        for fault in plan.faults:
            if fault.call is not None:
                self._coming[phones[fault.call], fault.place].append(fault)

    def next(self, phone: str, place: Place) -> Fault | None:
        """Count one more thing of the call with *phone*; return what goes wrong with it."""
        key = (phone, place)
        count = self._passed[key]
        self._passed[key] = count + 1
        for fault in self._coming.get(key, ()):
            if fault.at == count:
                self._trace.strike(fault)
                return fault
        return None
