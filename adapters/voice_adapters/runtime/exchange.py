"""Where carriers bring their news: each signal goes to its call, and a call that nobody knows is judged first."""

import logging

import anyio

from voice_adapters.runtime.switchboard import LiveCalls
from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineEnded
from voice_domain.ports.carrier import CarrierSignal, Exchange, SpeechPlayed
from voice_domain.ports.event_store import CallHistory
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.refusals import CallEndedError, CallNotFoundError
from voice_domain.use_cases.admit_call import AdmitCall
from voice_domain.use_cases.adopt_call import AdoptCall
from voice_domain.vocabulary import Direction

__all__ = ("CallExchange",)

_log = logging.getLogger(__name__)


class CallExchange(Exchange):
    """Finds the call of a signal; an inbound call is admitted exactly once, however often it is announced.

    With *adopt* a call that others dialled is taken over, once too; without it is left alone.
    """

    def __init__(
        self, calls: LiveCalls, history: CallHistory, admit: AdmitCall, adopt: AdoptCall | None = None
    ) -> None:
        self._calls = calls
        self._history = history
        self._admit = admit
        self._adopt = adopt
        self._admitting: dict[CarrierCallId, anyio.Lock] = {}

    async def tell(self, signal: CarrierSignal) -> None:
        """Take a signal; see the port."""
        await self.receive(signal)

    async def receive(self, signal: CarrierSignal) -> Call | None:
        """Take a signal and return its call after it; None for a call that we do not know and do not take.

        News of a call that a process before us had wait a moment until it is known whether it lives.

        Raises:
            StoreError: if it could not be made durable; tell it again.
            UnavailableError: if it is still not known whether the call lives; tell it again.
        """
        if self._calls.undecided:
            await self._calls.undecided.wait(
                signal.call_id, signal.carrier_call_id, or_any_dial=self._may_be_a_lost_dial(signal)
            )
        call = self._find(signal) or await self._admitted(signal)
        if call is None:
            return None
        if isinstance(signal.news, SpeechPlayed):
            self._calls.played(call.call_id, signal.news)
            return call
        try:
            return await self._calls.submit(call.call_id, signal.news)
        except (CallEndedError, CallNotFoundError):
            # It is over: late news change nothing, but a leg that turns up now has nobody else to end it.
            past = await self._history.find(call.call_id) or call
            stray = _stray_leg(signal, past)
            if stray is not None:
                self._calls.end_stray(stray)
            return past

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        """Take over the audio of a call; see the port."""
        return self._calls.attach(call_id, link)

    def _may_be_a_lost_dial(self, signal: CarrierSignal) -> bool:
        """Whether *signal* may be of a call that we dialled, and whose leg we do not know by name."""
        return signal.direction is not Direction.INBOUND and self._find(signal) is None

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
                known = self._find(signal) or await self._past(signal)
                return known if known is not None else await self._begun(name, signal)
        finally:
            # Whoever waited holds the lock by now; it is still theirs, and everybody's who comes meanwhile.
            if not lock.locked():
                self._admitting.pop(name, None)

    async def _begun(self, name: CarrierCallId, signal: CarrierSignal) -> Call | None:
        if signal.direction is Direction.INBOUND:
            return await self._admit(name, caller=signal.caller, callee=signal.callee)
        lives = not isinstance(signal.news, LineEnded)
        if self._adopt is None or signal.direction is not Direction.OUTBOUND or not lives:
            return None
        return await self._adopt(name, caller=signal.caller, callee=signal.callee)

    async def _past(self, signal: CarrierSignal) -> Call | None:
        for key in (signal.call_id, signal.carrier_call_id):
            call = await self._history.find(key) if key else None
            if call is not None:
                return call
        return None


def _stray_leg(signal: CarrierSignal, call: Call) -> CarrierCallId | None:
    """Return the leg that *signal* tells of if *call*, which is over, never knew it; None if it did or it ended."""
    if isinstance(signal.news, LineEnded) or not call.is_over:
        return None
    leg = signal.news.carrier_call_id or signal.carrier_call_id
    return None if leg == call.carrier_call_id or leg in call.former_carrier_call_ids else leg
