"""What Twilio sends over a media stream: all counters at one, which nobody looks at."""

import json
import re
from base64 import b64encode
from typing import Final

from voice_domain.ports.media_dialect import MediaDialect
from voice_entrypoints.bench.turns.stream_wire import StreamWire
from voice_entrypoints.bench.turns.text_socket import masked

__all__ = ("WIRE",)

_STREAM: Final = "MZ" + "0" * 32


def _spoke(frame: bytes) -> bytes:
    media = {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": b64encode(frame).decode()}
    told = {"event": "media", "sequenceNumber": "2", "media": media, "streamSid": _STREAM}
    return masked(json.dumps(told).encode())


def _began(sid: str) -> bytes:
    spoken = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    begun = {"accountSid": "AC" + "0" * 32, "streamSid": _STREAM, "callSid": sid, "tracks": ["inbound"]}
    told = {"event": "start", "sequenceNumber": "1", "start": begun | {"mediaFormat": spoken}}
    return masked(json.dumps(told | {"streamSid": _STREAM}).encode())


def _dialect() -> MediaDialect:
    from voice_adapters.carriers.twilio import TwilioDialect  # only one of the processes needs it

    return TwilioDialect()


WIRE: Final = StreamWire(
    began=_began,
    spoke=_spoke,
    audio=b'"media":',
    mark=b'"mark"',
    marks=re.compile(rb'\{"event":"mark".*?\}\}'),
    clear=b'"clear"',
    dialect=_dialect,
)
