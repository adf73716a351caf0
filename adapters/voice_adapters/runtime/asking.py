"""Asking the carrier for something: with a deadline, and with every failure made a carrier's failure."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TypeVar

import anyio

from voice_adapters.runtime.services import CallServices
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import StatusTold
from voice_domain.ports.carrier import Carrier, CarrierError, LineStatus, UnsupportedError

__all__ = ("ask", "ask_for_end", "hang_up_for_sure", "leg_status", "pauses", "told_of")

_log = logging.getLogger(__name__)

_T = TypeVar("_T")
_DEADLINE_SECONDS = 30.0
_END_SECONDS = 7.0
"""What can be asked again is asked again soon, so that a request that hangs does not use up the time we have."""
_STATUS_SECONDS = 3.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0


async def ask_for_end(action: Callable[[], Awaitable[None]], carrier_name: str) -> None:
    """Have a leg ended, within seven seconds; may be repeated.

    Raises:
        UnsupportedError, CarrierError: as `ask`.
    """
    await ask(action, carrier_name, seconds=_END_SECONDS)


async def ask(
    action: Callable[[], Awaitable[_T]], carrier_name: str, *, seconds: float = _DEADLINE_SECONDS
) -> _T:
    """Return what *action* returns, within *seconds*.

    Raises:
        UnsupportedError: if the carrier cannot do it.
        CarrierError: if it refused, took too long, or its adapter has a bug.
    """
    try:
        with anyio.fail_after(seconds):
            return await action()
    except (CarrierError, UnsupportedError):
        raise
    except TimeoutError as error:
        problem = f"did not answer within {seconds:.0f} s"
        raise CarrierError(carrier_name, problem, retryable=True) from error
    except Exception as error:  # an adapter may be foreign code, and a leg that it broke over costs money
        _log.exception("%s broke", carrier_name)
        raise CarrierError(carrier_name, f"internal error: {type(error).__name__}") from error


async def leg_status(services: CallServices, call_id: CallId, carrier_call_id: CarrierCallId) -> LineStatus:
    """Return what the carrier says of a leg, soon; that it cannot say, if it fails to."""
    carrier = services.carrier
    try:
        return await ask(partial(carrier.look_up, carrier_call_id), carrier.name, seconds=_STATUS_SECONDS)
    except VoiceError as error:
        services.failed(error)
        _log.warning("call %s: nothing is known of its leg: %s", call_id, error)
        return LineStatus(alive=None)


def told_of(status: LineStatus) -> StatusTold:
    """Return what a call is told of the carrier's word for its leg."""
    return StatusTold(status.alive, status.reason, status.cause, status.answered, status.answered_at_ms)


async def hang_up_for_sure(carrier: Carrier, carrier_call_id: CarrierCallId) -> None:
    """Ask until the carrier confirms, with growing pauses: a leg that stays up costs money."""
    for pause in pauses():
        try:
            await ask_for_end(partial(carrier.hang_up, carrier_call_id), carrier.name)
        except VoiceError as error:
            _log.warning("the carrier did not confirm a hang-up: %s", error)
            await anyio.sleep(pause)
        else:
            return


def pauses() -> Iterator[float]:
    """Give the seconds to wait before each further attempt, without end."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
