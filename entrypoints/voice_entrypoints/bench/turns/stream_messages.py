"""What Twilio sends over a media stream, ready for the wire: masked, and all counters at one, which nobody looks at."""

import json
from base64 import b64encode
from typing import Final

from voice_entrypoints.bench.turns.text_socket import masked

__all__ = ("MARK", "media_message", "start_message")

MARK: Final = b'"mark"'
_STREAM: Final = "MZ" + "0" * 32


def media_message(frame: bytes) -> bytes:
    """Return 20 ms of the callee."""
    media = {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": b64encode(frame).decode()}
    told = {"event": "media", "sequenceNumber": "2", "media": media, "streamSid": _STREAM}
    return masked(json.dumps(told).encode())


def start_message(sid: str) -> bytes:
    """Return the first message of the stream of the call *sid*."""
    spoken = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    begun = {"accountSid": "AC" + "0" * 32, "streamSid": _STREAM, "callSid": sid, "tracks": ["inbound"]}
    told = {"event": "start", "sequenceNumber": "1", "start": begun | {"mediaFormat": spoken}}
    return masked(json.dumps(told | {"streamSid": _STREAM}).encode())
