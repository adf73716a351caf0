"""Plivo: Voice API, XML documents, and audio streaming."""

from voice_adapters.carriers.plivo.carrier import PlivoCarrier
from voice_adapters.carriers.plivo.client import PLIVO_URL, PlivoClient
from voice_adapters.carriers.plivo.inspection import PlivoInspection
from voice_adapters.carriers.plivo.media import PlivoDialect
from voice_adapters.carriers.plivo.signature import PlivoSignature

__all__ = ("PLIVO_URL", "PlivoCarrier", "PlivoClient", "PlivoDialect", "PlivoInspection", "PlivoSignature")
