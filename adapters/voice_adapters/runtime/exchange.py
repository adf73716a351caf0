"""Where carriers bring their news: each signal goes to its call, and a call that nobody knows is judged first."""

import logging

import anyio

from voice_adapters.runtime.switchboard import LiveCalls
from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import CarrierSignal, Exchange, SpeechPlayed
from voice_domain.ports.event_store import CallHistory
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.refusals import CallEndedError, CallNotFoundError
from voice_domain.use_cases.admit_call import AdmitCall
from voice_domain.vocabulary import Direction

__all__ = ("CallExchange",)

_log = logging.getLogger(__name__)


class CallExchange(Exchange):
    """Finds the call of a signal; an inbound call is admitted exactly once, however often it is announced."""

    def __init__(self, calls: LiveCalls, history: CallHistory, admit: AdmitCall) -> None:
        self._calls = calls
        self._history = history
        self._admit = admit
        self._admitting: dict[CarrierCallId, anyio.Lock] = {}

    async def tell(self, signal: CarrierSignal) -> None:
        """Take a signal; see the port."""
        await self.receive(signal)

    async def receive(self, signal: CarrierSignal) -> Call | None:
        """Take a signal and return its call after it; None for a call that we do not know and do not take.

        Raises:
            StoreError: if it could not be made durable; tell it again.
        """
        call = self._find(signal) or await self._admitted(signal)
        if call is None:
            return None
        if isinstance(signal.news, SpeechPlayed):
            self._calls.played(call.call_id, signal.news)
            return call
        try:
            return await self._calls.submit(call.call_id, signal.news)
        except (CallEndedError, CallNotFoundError):
            return await self._history.find(call.call_id)  # it ended meanwhile: late news change nothing

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        """Take over the audio of a call; see the port."""
        return self._calls.attach(call_id, link)

    def _find(self, signal: CarrierSignal) -> Call | None:
        for key in (signal.call_id, signal.carrier_call_id):
            call = self._calls.find(key) if key else None
            if call is not None:
                return call
        return None

    async def _admitted(self, signal: CarrierSignal) -> Call | None:
        name = signal.carrier_call_id
        if name is None:
            return None
        lock = self._admitting.setdefault(name, anyio.Lock())
        try:
            async with lock:
                known = self._find(signal) or await self._history.find(name)
                if known is not None or signal.direction is not Direction.INBOUND:
                    return known
                return await self._admit(name, caller=signal.caller, callee=signal.callee)
        finally:
            if not lock.statistics().tasks_waiting:
                self._admitting.pop(name, None)
