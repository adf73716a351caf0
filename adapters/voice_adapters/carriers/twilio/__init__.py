"""Twilio: Programmable Voice and Media Streams."""

from voice_adapters.carriers.twilio.carrier import TwilioCarrier
from voice_adapters.carriers.twilio.client import TwilioClient, api_base_url
from voice_adapters.carriers.twilio.inspection import TwilioInspection
from voice_adapters.carriers.twilio.media import TwilioDialect
from voice_adapters.carriers.twilio.signature import TwilioSignature

__all__ = (
    "TwilioCarrier",
    "TwilioClient",
    "TwilioDialect",
    "TwilioInspection",
    "TwilioSignature",
    "api_base_url",
)
