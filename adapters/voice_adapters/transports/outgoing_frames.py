"""Makes a client's WebSocket frames (RFC 6455, section 5.2) for whole text messages, quickly."""

import os
from typing import Final

__all__ = ("client_text_frame",)

_FINAL_TEXT: Final = 0x81
_MASKED: Final = 0x80
_TWO_BYTES: Final = 126
_EIGHT_BYTES: Final = 127
_MASK_BYTES: Final = 4


def client_text_frame(text: bytes) -> bytes:
    """Return the one frame of a text message; a client masks, with a new mask for each (section 5.3)."""
    size = len(text)
    mask = os.urandom(_MASK_BYTES)
    # One exclusive-or of two long integers: no loop in Python.
    stretched = (mask * (size // _MASK_BYTES + 1))[:size]
    masked = (int.from_bytes(text, "little") ^ int.from_bytes(stretched, "little")).to_bytes(size, "little")
    return _head(size) + mask + masked


def _head(size: int) -> bytes:
    if size < _TWO_BYTES:
        return bytes((_FINAL_TEXT, _MASKED | size))
    if size < 1 << 16:
        return bytes((_FINAL_TEXT, _MASKED | _TWO_BYTES)) + size.to_bytes(2, "big")
    return bytes((_FINAL_TEXT, _MASKED | _EIGHT_BYTES)) + size.to_bytes(8, "big")
