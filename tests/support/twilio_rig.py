"""Twilio as journeys see it: what they expect of it, and what our adapter keeps of its legs."""

from collections.abc import Mapping

from support.carrier_rig import Habits, Rig

from voice_adapters.carriers.twilio import TwilioCarrier
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


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, TwilioCarrier)
    return {
        "pages": len(carrier._pages),
        "offers": len(carrier._offers),
        "key presses": len(carrier._presses._returns),
        "transfers": len(carrier._transfers),
    }


TWILIO = Rig("twilio", _HABITS, _kept)
