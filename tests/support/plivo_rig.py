"""Plivo as journeys see it: its twin, the settings that lead to it, and what our adapter keeps of its legs."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from support.carrier_rig import HOOK, OURS, CarrierRig, Habits, Landline, Rig

from voice_adapters.carriers.plivo import PlivoCarrier
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("PLIVO",)

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
    wrong_key_says="authToken",
    unverified_says="verif",
    dials_again=False,
    overloaded_says={429: "fewer calls", 503: "try again later"},
    chinese="cmn-CN",
    hang_up_method="DELETE",
    listens_while_reading=False,  # it would cut its own voice: so it listens when it has read out
)


@asynccontextmanager
async def _open(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
    account = PlivoAccount(
        numbers={OURS: Application(HOOK, hangup_url=HOOK)},
        callees=landline.callees,
        verified=landline.verified,
    )
    token = "a-token-of-somebody-else-0123456789" if landline.refuses_keys else account.token
    async with plivo_twin(account, around) as twin:
        yield CarrierRig(
            name="plivo",
            habits=_HABITS,
            twin=twin,
            transport=twin.transport,
            hosts=frozenset({"api.plivo.com"}),
            settings={"provider": "plivo", "plivo": {"authId": account.auth_id, "authToken": token}},
            base_url_path=("plivo", "apiBaseUrl"),
            call_in=_caller(twin),
            kept=_kept,
        )


def _caller(twin: PlivoTwin) -> Callable[[str, Callee], str]:
    return lambda number, callee: twin.call_in(number, OURS, callee)


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, PlivoCarrier)
    return {
        "names": len(carrier._names),
        "offers": len(carrier._offers),
        "pages": len(carrier._pages),
        "streams": len(carrier._streamed),
        "transfers": len(carrier._transfers),
    }


PLIVO = Rig(_open, _HABITS)
