"""Telnyx: Call Control v2 and media streaming."""

from voice_adapters.carriers.telnyx.carrier import TelnyxCarrier
from voice_adapters.carriers.telnyx.client import TELNYX_URL, TelnyxClient
from voice_adapters.carriers.telnyx.inspection import TelnyxInspection
from voice_adapters.carriers.telnyx.media import TelnyxDialect
from voice_adapters.carriers.telnyx.public_key import BadPublicKeyError, read_public_key
from voice_adapters.carriers.telnyx.signature import TelnyxSignature

__all__ = (
    "TELNYX_URL",
    "BadPublicKeyError",
    "TelnyxCarrier",
    "TelnyxClient",
    "TelnyxDialect",
    "TelnyxInspection",
    "TelnyxSignature",
    "read_public_key",
)
