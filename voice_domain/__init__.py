"""The rules of a phone call: values, tables, ports and use cases; no input, output, clock or chance.

The names below are what a host program meets. Each is loaded when it is first asked for, so that importing this
package costs next to nothing.
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice_domain.call import Call
    from voice_domain.e164 import PhoneNumber
    from voice_domain.errors import VoiceError
    from voice_domain.events import CallEvent
    from voice_domain.identity import CallId
    from voice_domain.mode_rules import Mode
    from voice_domain.ports.carrier import Carrier
    from voice_domain.ports.responder import ReplyRequest, Responder
    from voice_domain.ports.synthesizer import Synthesizer
    from voice_domain.ports.transcriber import Transcriber
    from voice_domain.terms import CallTerms
    from voice_domain.transcript import Entry
    from voice_domain.vocabulary import Direction, EndReason, Speaker

__all__ = (
    "Call",
    "CallEvent",
    "CallId",
    "CallTerms",
    "Carrier",
    "Direction",
    "EndReason",
    "Entry",
    "Mode",
    "PhoneNumber",
    "ReplyRequest",
    "Responder",
    "Speaker",
    "Synthesizer",
    "Transcriber",
    "VoiceError",
)

_HOMES = MappingProxyType(
    {
        "Call": "call",
        "CallEvent": "events",
        "CallId": "identity",
        "CallTerms": "terms",
        "Carrier": "ports.carrier",
        "Direction": "vocabulary",
        "EndReason": "vocabulary",
        "Entry": "transcript",
        "Mode": "mode_rules",
        "PhoneNumber": "e164",
        "ReplyRequest": "ports.responder",
        "Responder": "ports.responder",
        "Speaker": "vocabulary",
        "Synthesizer": "ports.synthesizer",
        "Transcriber": "ports.transcriber",
        "VoiceError": "errors",
    }
)


def __getattr__(name: str) -> object:
    """Return a public name of the domain.

    Raises:
        AttributeError: if there is none of this name.
    """
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
