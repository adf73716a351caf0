"""Twilio's adapter whose wishes are granted without asking Twilio: for measurements of what comes from Twilio."""

import itertools
from collections.abc import Iterator

import anyio.lowlevel

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import Carrier, DialRequest

__all__ = ("AgreeableTwilio", "agreeable")


class AgreeableTwilio(TwilioCarrier):
    """Dials and hangs up in no time; everything else is the real adapter."""

    numbers: Iterator[int] = itertools.count(1)

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Accept."""
        del request
        await anyio.lowlevel.checkpoint()
        return CarrierCallId(f"CA{next(self.numbers):032x}")

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """Accept."""


def agreeable(real: Carrier) -> AgreeableTwilio:
    """Return the same adapter as *real*, which is Twilio's, without Twilio behind it."""
    assert isinstance(real, TwilioCarrier)  # the settings of the measurement say so
    return AgreeableTwilio(
        client=real.client,
        signature=real.signature,
        webhook_url=real.webhook_url,
        stream_url=real.stream_url,
        clock=real.clock,
        media_streams=real.media_streams,
    )
