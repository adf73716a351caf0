"""Carrying out the effects that cost something, through the carrier, until it is certain what became of them."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import attrs

from voice_adapters.runtime.asking import ask, ask_for_end, pauses
from voice_adapters.runtime.lost_dials import leg_of_lost_dial
from voice_adapters.runtime.services import CallServices
from voice_domain.call import Call
from voice_domain.effects import Answer, Dial, HangUp, Reject, SendDigits, Transfer
from voice_domain.errors import VoiceError
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import CallInput, DialAccepted, DialRefused, HangUpConfirmed, TransferRefused
from voice_domain.ports.carrier import CarrierError, DialRequest, Keypad, UnsupportedError
from voice_domain.ports.event_store import OutboxItem, StoreError
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.refusals import CallEndedError

__all__ = ("Errand", "run_errand")

_log = logging.getLogger(__name__)

_STORE_PAUSE_SECONDS = 0.5
_BROKEN_STATUS = 500

Deliver = Callable[[CallInput], Awaitable[Call]]
"""Gives a report to the call's mailbox and returns the call after it, when what follows from it is durable."""


class Errand:
    """One outbox item being carried out."""

    __slots__ = ("_resting", "_woken", "done", "error", "item", "scope")

    def __init__(self, item: OutboxItem) -> None:
        self.item = item
        self.done = anyio.Event()
        """What there is to tell whoever asked is known; an end of the leg may still be asked for."""
        self.error: VoiceError | None = None
        self.scope = anyio.CancelScope()
        """Cancelled when the leg has ended by itself, so that the carrier need not be asked any more."""
        self._woken = anyio.Event()
        self._resting = False

    def wake(self) -> None:
        """Cut the pause before the next attempt short; it is that attempt which `done` then tells of."""
        if self._resting:
            self._resting = False
            self.done, self.error = anyio.Event(), None
        self._woken.set()

    async def rest(self, seconds: float) -> None:
        """Pause before the next attempt; not at all if somebody wanted it sooner meanwhile."""
        self._resting = True
        try:
            with anyio.move_on_after(seconds):
                await self._woken.wait()
        finally:
            self._resting = False
        self._woken = anyio.Event()


@attrs.frozen
class _Attempt:
    services: CallServices
    call: Call
    deliver: Deliver

    @property
    def carrier_name(self) -> str:
        return self.services.carrier.name


async def run_errand(errand: Errand, call: Call, services: CallServices, deliver: Deliver) -> None:
    """Carry *errand* out, report what came of it, mark it done, and settle it in the store. Raises nothing."""
    try:
        with errand.scope:
            await _perform(errand, _Attempt(services, call, deliver))
        if errand.scope.cancelled_caught:
            unsent = isinstance(errand.item.effect, SendDigits)
            errand.error = CallEndedError(call.call_id) if unsent else None
    except VoiceError as error:
        services.failed(error)
        errand.error = error
    except anyio.get_cancelled_exc_class():
        errand.error = errand.error or UnavailableError(
            "The gateway stopped while the carrier was asked; `voicecall status` tells what became of the call"
        )
        raise
    finally:
        errand.done.set()
    await _settle(errand.item, services)


async def _perform(errand: Errand, attempt: _Attempt) -> None:
    carrier = attempt.services.carrier
    match errand.item.effect:
        case Dial() as dial:
            await _dial(dial, attempt)
        case Answer() as answer:
            await _take_call(answer, attempt)
        case Reject() as reject:
            await _repeated(partial(_reject, reject, attempt), errand, attempt)
        case HangUp() as hang_up:
            await _repeated(partial(carrier.hang_up, hang_up.carrier_call_id), errand, attempt)
        case SendDigits() as send:
            keypad = _keypad(attempt.services, "outbound DTMF")
            await ask(partial(keypad.send_digits, send.carrier_call_id, send.digits), carrier.name)
        case Transfer() as transfer:
            await _transfer(transfer, attempt)


async def _transfer(effect: Transfer, attempt: _Attempt) -> None:
    try:
        keypad = _keypad(attempt.services, "transfer")
        await ask(partial(keypad.transfer, effect.carrier_call_id, effect.to), attempt.carrier_name)
    except VoiceError as error:
        await attempt.deliver(TransferRefused(str(error)))
        raise


def _keypad(services: CallServices, ability: str) -> Keypad:
    if services.keypad is None:
        raise UnsupportedError(services.carrier.name, ability)
    return services.keypad


async def _dial(effect: Dial, attempt: _Attempt) -> None:
    opened = attempt.call.opened
    request = DialRequest(
        call_id=opened.call_id,
        caller=effect.caller,
        callee=effect.callee,
        ring_ms=effect.ring_ms,
        cap_ms=effect.cap_ms,
        mode=opened.mode,
        opening=opened.opening,
        locale=opened.locale,
    )
    try:
        # A leg of a dial that took too long may exist all the same: it is hung up once the carrier tells of it.
        carrier_call_id = await ask(partial(attempt.services.carrier.dial, request), attempt.carrier_name)
    except VoiceError as error:
        found = await _found(error, attempt)
        if found is not None:
            attempt.services.failed(error)
            _log.warning("call %s: it was found at the carrier, although %s", attempt.call.call_id, error)
            await attempt.deliver(DialAccepted(found))
            return
        call = await attempt.deliver(DialRefused(str(error), _code(error)))
        if call.final_reason is None:
            # Only the answer to the dial was lost: the carrier's news have told that somebody answered.
            attempt.services.failed(error)
            _log.warning("call %s: it was placed, although %s", call.call_id, error)
            return
        raise
    await attempt.deliver(DialAccepted(carrier_call_id))


async def _found(error: VoiceError, attempt: _Attempt) -> CarrierCallId | None:
    """Return the leg that a dial made although it brought *error*; None if there is none, or nothing is known."""
    if not isinstance(error, CarrierError) or (error.status is not None and error.status < _BROKEN_STATUS):
        return None  # a refusal is an answer
    return await leg_of_lost_dial(attempt.call, attempt.services.carrier, attempt.services.store)


async def _take_call(effect: Answer, attempt: _Attempt) -> None:
    try:
        await ask(partial(attempt.services.carrier.answer, effect.carrier_call_id), attempt.carrier_name)
    except VoiceError as error:
        await attempt.deliver(DialRefused(str(error), _code(error)))
        raise


def _code(error: VoiceError) -> str:
    """Return the carrier's own code for an error, empty if it gave none."""
    code: str = getattr(error, "code", "")
    return code


async def _reject(effect: Reject, attempt: _Attempt) -> None:
    carrier = attempt.services.carrier
    try:
        await carrier.reject(effect.carrier_call_id, busy=effect.busy)
    except UnsupportedError:
        await carrier.hang_up(effect.carrier_call_id)


async def _repeated(action: Callable[[], Awaitable[None]], errand: Errand, attempt: _Attempt) -> None:
    """Ask again and again, with growing pauses, until the carrier confirms: a leg that stays up costs money."""
    for pause in pauses():
        try:
            await ask_for_end(action, attempt.carrier_name)
        except VoiceError as error:
            attempt.services.failed(error)
            errand.error = error
            _log.warning("call %s: the carrier did not confirm the end: %s", attempt.call.call_id, error)
            errand.done.set()  # whoever asked hears of it now; we go on
        else:
            errand.error = None
            await attempt.deliver(HangUpConfirmed())
            return
        await errand.rest(pause)


async def _settle(item: OutboxItem, services: CallServices) -> None:
    while True:
        try:
            await services.store.settle(item.effect_id)
        except StoreError as error:
            services.health.failed(error)
            await anyio.sleep(_STORE_PAUSE_SECONDS)
        else:
            return
