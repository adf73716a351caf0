"""Plivo as journeys see it: what they expect of it, and what our adapter keeps of its legs."""

from collections.abc import Mapping

from support.carrier_rig import Habits, Rig

from voice_adapters.carriers.plivo import PlivoCarrier
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


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, PlivoCarrier)
    return {
        "names": len(carrier._names),
        "offers": len(carrier._offers),
        "pages": len(carrier._pages),
        "streams": len(carrier._streamed),
        "transfers": len(carrier._transfers),
    }


PLIVO = Rig("plivo", _HABITS, _kept)
