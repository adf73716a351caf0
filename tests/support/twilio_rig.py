"""Twilio as journeys see it: its twin, the settings that lead to it, and what our adapter keeps of its legs."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from support.carrier_rig import HOOK, OURS, CarrierRig, Habits, Landline, Rig

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("TWILIO",)

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
    hung_up=EndReason.COMPLETED,  # its status does not tell who hung up
    wrong_key_says="authToken",
    unverified_says="verif",
    dials_again=False,
    overloaded_says={429: "fewer calls", 503: "try again later"},
    chinese="cmn-CN",
)


@asynccontextmanager
async def _open(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
    account = TwilioAccount(
        numbers={OURS: NumberSettings(HOOK, status_callback=f"{HOOK}?type=status")},
        callees=landline.callees,
        verified=landline.verified,
    )
    token = "a-token-of-somebody-else-0123456789" if landline.refuses_keys else account.token
    async with twilio_twin(account, around) as twin:
        yield CarrierRig(
            name="twilio",
            habits=_HABITS,
            twin=twin,
            transport=twin.transport,
            hosts=frozenset({"api.twilio.com"}),
            settings={"provider": "twilio", "twilio": {"accountSid": account.sid, "authToken": token}},
            base_url_path=("twilio", "apiBaseUrl"),
            call_in=_caller(twin),
            kept=_kept,
        )


def _caller(twin: TwilioTwin) -> Callable[[str, Callee], str]:
    return lambda number, callee: twin.call_in(number, OURS, callee)


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, TwilioCarrier)
    return {
        "pages": len(carrier._pages),
        "offers": len(carrier._offers),
        "key presses": len(carrier._presses._returns),
        "transfers": len(carrier._transfers),
    }


TWILIO = Rig(_open, _HABITS)
