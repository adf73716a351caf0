"""Telnyx as journeys see it: its twin, the settings that lead to it, and what our adapter keeps of its legs."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from support.carrier_rigs import HOOK, OURS, CarrierRig, Landline

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin
from voice_domain.ports.carrier import Carrier

__all__ = ("telnyx_rig",)


@asynccontextmanager
async def telnyx_rig(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
    """Run the twin for as long as the block lasts."""
    account = TelnyxAccount(webhook_url=HOOK, numbers=frozenset({OURS}), callees=landline.callees)
    key = "KEY-of-somebody-else" if landline.refuses_keys else account.api_key
    async with telnyx_twin(account, around) as twin:
        settings = {
            "provider": "telnyx",
            "telnyx": {
                "apiKey": key,
                "connectionId": account.connection_id,
                "publicKey": account.public_key,
            },
        }
        yield CarrierRig(
            name="telnyx",
            twin=twin,
            transport=twin.transport,
            hosts=frozenset({"api.telnyx.com"}),
            settings=settings,
            base_url_path=("telnyx", "apiBaseUrl"),
            call_in=_caller(twin),
            kept=_kept,
        )


def _caller(twin: TelnyxTwin) -> Callable[[str, Callee], str]:
    return lambda number, callee: twin.call_in(number, OURS, callee)


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, TelnyxCarrier)
    return {
        "answered legs": len(carrier._up),
        "final words": len(carrier._finals),
        "listening": len(carrier._speech),
        "streams": len(carrier._streams),
        "transfers": len(carrier._transfers),
    }
