"""Aliyun as journeys see it: what they expect of it, and what our adapter keeps of its legs."""

from collections.abc import Mapping

from support.carrier_rig import Habits, Rig

from voice_adapters.carriers.aliyun import AliyunCarrier
from voice_domain.ports.carrier import Capabilities, Carrier
from voice_domain.vocabulary import EndReason

__all__ = ("ALIYUN",)

_HABITS = Habits(
    tells_answers=False,
    able=Capabilities(native_speech=True, native_listening=True),
    hung_up=EndReason.HANGUP_USER,
    wrong_key_says="签名验证失败",
    unverified_says=None,
    dials_again=False,
    overloaded_says={429: "fewer calls", 503: "try again later"},
    chinese=None,
    asks=True,
    cut_characters=50,  # that somebody spoke is told when they have finished
)


def _kept(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, AliyunCarrier)
    return {"thinking": len(carrier._thinking)}


ALIYUN = Rig("aliyun", _HABITS, _kept)
