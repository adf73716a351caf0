"""Telnyx as journeys see it: what they expect of it, and what our adapter keeps of its legs."""

from collections.abc import Mapping

from support.carrier_rig import Habits, Rig

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("TELNYX",)

_HABITS = Habits(
    tells_answers=False,
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
    keeps_streamed_calls_up=True,
)


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, TelnyxCarrier)
    return {
        "answered legs": len(carrier._up),
        "final words": len(carrier._finals),
        "listening": len(carrier._speech),
        "streams": len(carrier._streams),
        "transfers": len(carrier._transfers),
    }


TELNYX = Rig("telnyx", _HABITS, _kept)
