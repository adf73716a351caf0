"""Carrying out the effects that cost something, through the carrier, until it is certain what became of them."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import attrs

from voice_adapters.runtime.services import CallServices
from voice_domain.call import Call
from voice_domain.effects import Answer, Dial, HangUp, Reject, SendDigits, Transfer
from voice_domain.errors import VoiceError
from voice_domain.inputs import CallInput, DialAccepted, DialRefused, HangUpConfirmed, TransferRefused
from voice_domain.ports.carrier import CarrierError, DialRequest, Keypad, UnsupportedError
from voice_domain.ports.event_store import OutboxItem, StoreError

__all__ = ("Errand", "run_errand")

_log = logging.getLogger(__name__)

_DEADLINE_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0

Deliver = Callable[[CallInput], Awaitable[None]]
"""Gives a report to the call's mailbox and returns when what follows from it is durable."""


class Errand:
    """One outbox item being carried out."""

    __slots__ = ("done", "error", "item")

    def __init__(self, item: OutboxItem) -> None:
        self.item = item
        self.done = anyio.Event()
        self.error: VoiceError | None = None


@attrs.frozen
class _Attempt:
    services: CallServices
    call: Call
    deliver: Deliver


async def run_errand(errand: Errand, call: Call, services: CallServices, deliver: Deliver) -> None:
    """Carry *errand* out, report what came of it, settle it in the store, and mark it done. Never raises."""
    try:
        await _perform(errand, _Attempt(services, call, deliver))
    except (CarrierError, UnsupportedError) as error:
        errand.error = error
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
            action = partial(carrier.reject, reject.carrier_call_id, busy=reject.busy)
            await _repeated(action, errand, attempt)
        case HangUp() as hang_up:
            await _repeated(partial(carrier.hang_up, hang_up.carrier_call_id), errand, attempt)
        case SendDigits() as send:
            keypad = _keypad(attempt.services, "outbound DTMF")
            await _once(partial(keypad.send_digits, send.carrier_call_id, send.digits), carrier.name)
        case Transfer() as transfer:
            await _transfer(transfer, attempt)


async def _transfer(effect: Transfer, attempt: _Attempt) -> None:
    try:
        keypad = _keypad(attempt.services, "transfer")
        await _once(
            partial(keypad.transfer, effect.carrier_call_id, effect.to), attempt.services.carrier.name
        )
    except (CarrierError, UnsupportedError) as error:
        await attempt.deliver(TransferRefused(str(error)))
        raise


def _keypad(services: CallServices, ability: str) -> Keypad:
    if services.keypad is None:
        raise UnsupportedError(services.carrier.name, ability)
    return services.keypad


async def _once(action: Callable[[], Awaitable[None]], carrier_name: str) -> None:
    try:
        with anyio.fail_after(_DEADLINE_SECONDS):
            await action()
    except TimeoutError as error:
        problem = f"did not answer within {_DEADLINE_SECONDS:.0f} s"
        raise CarrierError(carrier_name, problem, retryable=True) from error


async def _dial(effect: Dial, attempt: _Attempt) -> None:
    opened, carrier = attempt.call.opened, attempt.services.carrier
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
        with anyio.fail_after(_DEADLINE_SECONDS):
            carrier_call_id = await carrier.dial(request)
    except CarrierError as error:
        await attempt.deliver(DialRefused(str(error), error.code))
        raise
    except TimeoutError as error:
        problem = f"did not answer the dial within {_DEADLINE_SECONDS:.0f} s"
        refusal = CarrierError(carrier.name, problem)
        await attempt.deliver(DialRefused(str(refusal)))
        raise refusal from error
    await attempt.deliver(DialAccepted(carrier_call_id))


async def _take_call(effect: Answer, attempt: _Attempt) -> None:
    carrier = attempt.services.carrier
    try:
        await _once(partial(carrier.answer, effect.carrier_call_id), carrier.name)
    except CarrierError as error:
        await attempt.deliver(DialRefused(str(error), error.code))
        raise


async def _repeated(action: Callable[[], Awaitable[None]], errand: Errand, attempt: _Attempt) -> None:
    """Ask again and again, with growing pauses, until the carrier confirms: a leg that stays up costs money."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            await _once(action, attempt.services.carrier.name)
            break
        except CarrierError as error:
            errand.error = error
            _log.warning("call %s: the carrier did not confirm the end: %s", attempt.call.call_id, error)
            errand.done.set()  # whoever asked hears of it now; we go on
        await anyio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    errand.error = None
    await attempt.deliver(HangUpConfirmed())


async def _settle(item: OutboxItem, services: CallServices) -> None:
    try:
        await services.store.settle(item.effect_id)
    except StoreError as error:
        # It stays in the outbox; the next start asks the carrier what became of it.
        _log.warning("call %s: an outbox item could not be settled: %s", item.call_id, error)
