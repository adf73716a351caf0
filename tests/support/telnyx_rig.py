"""Telnyx as journeys see it: its twin, the settings that lead to it, and what our adapter keeps of its legs."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from support.carrier_rig import HOOK, OURS, CarrierRig, Habits, Landline, Rig

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("TELNYX",)

_HABITS = Habits(
    able=Capabilities(
        media_stream=True,
        native_speech=True,
        native_listening=True,
        digits=True,
        transfer=True,
        inbound=True,
        reject=True,
    ),
    hung_up=EndReason.HANGUP_USER,
    wrong_key_says="apiKey",
    unverified_says=None,
    dials_again=True,  # a dial has an id
    overloaded_says={429: "fewer calls", 503: "try again later"},
    chinese="cmn-CN",
)


@asynccontextmanager
async def _open(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
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
            habits=_HABITS,
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


TELNYX = Rig(_open, _HABITS)
