"""How the mock network tells the news of one leg: each once, with an id and a time, repeated until it is taken."""

import logging

import anyio
import attrs

from voice_domain.errors import VoiceError
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import CarrierNews
from voice_domain.ports.carrier import CarrierSignal, Exchange
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import StoreError
from voice_domain.vocabulary import Direction

__all__ = ("Reporter",)

_log = logging.getLogger(__name__)

_RETRY_SECONDS = (0.1, 0.5, 2.0, 8.0)  # carriers repeat what was not taken, some times


@attrs.define
class Reporter:
    """Tells *exchange* of one leg."""

    exchange: Exchange
    clock: Clock
    carrier_call_id: CarrierCallId
    direction: Direction
    call_id: CallId | None
    _told: int = attrs.field(default=0, init=False)

    async def tell(self, news: CarrierNews) -> None:
        """Tell *news* as of now, under an id of its own; what the exchange cannot keep is told five times."""
        self._told += 1
        signal = CarrierSignal(
            news=attrs.evolve(
                news,
                at_ms=self.clock.now_ms(),
                event_id=f"{self.carrier_call_id}-{self._told}",
                carrier_call_id=self.carrier_call_id,
            ),
            carrier_call_id=self.carrier_call_id,
            call_id=self.call_id,
            direction=self.direction,
        )
        for seconds in (*_RETRY_SECONDS, None):
            try:
                await self.exchange.tell(signal)
            except StoreError as error:
                if seconds is None:
                    _log.warning("news of %s were never taken: %s", self.carrier_call_id, error)
                    return
                await anyio.sleep(seconds)
            except VoiceError as error:
                # One call's trouble must not end the network that all the others live on.
                _log.warning("news of %s were taken badly: %s", self.carrier_call_id, error)
                return
            else:
                return
