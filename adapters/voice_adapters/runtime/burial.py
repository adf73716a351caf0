"""The end of a call whose process broke down: its leg, its record, those who wait, its outbox."""

import logging

import anyio

from voice_adapters.runtime.asking import hang_up_for_sure, pauses
from voice_adapters.runtime.services import CallServices
from voice_domain.call import Call
from voice_domain.decide import decide
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent, Ended, WaiterReleased
from voice_domain.evolve import BrokenHistoryError, evolve, fold
from voice_domain.identity import CallId
from voice_domain.inputs import HangUpConfirmed, HangUpRequested
from voice_domain.ports.event_store import StoreError, VersionConflictError
from voice_domain.vocabulary import EndReason

__all__ = ("bury", "first_cause")

_log = logging.getLogger(__name__)


def first_cause(error: Exception) -> Exception:
    """Return the error inside groups of errors that came first."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def bury(call: Call, error: Exception, services: CallServices) -> None:
    """Hang up and say so in the record, whatever it takes; the record of a call that is over stays as it is.

    Tries until the carrier and the store agree, because a leg that nobody owns costs money.
    """
    problem = f"internal error: {type(first_cause(error)).__name__}"
    if call.carrier_call_id is not None and not call.is_over:
        await hang_up_for_sure(services.carrier, call.carrier_call_id)
    for pause in pauses():
        try:
            await _close_record(call.call_id, problem, services)
        except (StoreError, VersionConflictError) as failure:
            _log.warning("call %s: its end could not be kept yet: %s", call.call_id, failure)
            await anyio.sleep(pause)
        except BrokenHistoryError as failure:
            _log.error("call %s: its end cannot be kept: %s", call.call_id, failure)
            return
        else:
            return


async def _close_record(call_id: CallId, problem: str, services: CallServices) -> None:
    # What the store has counts: it may be more, or less, than what the process knew.
    call = fold(await services.store.load(call_id))
    if not call.is_over:
        events = _last_events(call, problem, services.clock.now_ms())
        last = await services.store.append(call_id, events, expected_version=call.version)
        for place, event in enumerate(events, start=last - len(events) + 1):
            call = evolve(call, event)
            if isinstance(event, WaiterReleased):
                services.waiting.release(event)
            services.hub.publish(place, call, event)
    for item in await services.store.outstanding():
        if item.call_id == call_id:
            await services.store.settle(item.effect_id)


def _last_events(call: Call, problem: str, now_ms: int) -> tuple[CallEvent, ...]:
    try:
        closing = decide(call, HangUpRequested(EndReason.ERROR, problem), now_ms)
        return (*closing.events, *decide(closing.call, HangUpConfirmed(), now_ms).events)
    except VoiceError:
        raise
    except Exception:  # noqa: BLE001 - the rules themselves may be what broke
        _log.exception("call %s: the rules do not end it", call.call_id)
        return (Ended(max(call.last_at_ms, now_ms), EndReason.ERROR, problem),)
