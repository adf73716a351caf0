"""Every carrier that journeys are played on."""

from collections.abc import Mapping
from types import MappingProxyType

from support.aliyun_rig import ALIYUN
from support.carrier_rig import Rig
from support.plivo_rig import PLIVO
from support.telnyx_rig import TELNYX
from support.twilio_rig import TWILIO

__all__ = ("RIGS",)

RIGS: Mapping[str, Rig] = MappingProxyType(
    {"twilio": TWILIO, "telnyx": TELNYX, "plivo": PLIVO, "aliyun": ALIYUN}
)
"""By its word in the settings file; the first one is played on both event loops."""
