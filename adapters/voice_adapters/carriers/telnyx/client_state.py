"""What we ask Telnyx to remind us of: text in base64 that comes back with every later webhook of a leg."""

import binascii
from base64 import b64decode, b64encode
from enum import StrEnum
from typing import Final

import attrs

from voice_domain.identity import CallId, CarrierCallId, SpeechId

__all__ = ("ClientState", "Role")

_SEPARATOR: Final = "\n"


class Role(StrEnum):
    """What a state says beside the name of the call."""

    CALL = ""
    SPEECH = "said"
    TRANSFER = "transfer"
    """The counterpart is being handed over."""
    TARGET = "target"
    """The leg is one that the counterpart is handed over to."""


@attrs.frozen(kw_only=True)
class ClientState:
    """Our name for a call, in one of its roles; an outbound call's plain state is that name and nothing else."""

    call_id: CallId | None = None
    role: Role = Role.CALL
    speech_id: SpeechId | None = None
    part: int = 0
    parent: CarrierCallId | None = None
    """The leg that is being handed over to this one."""

    @property
    def encoded(self) -> str:
        """The text that Telnyx is given."""
        extra: tuple[str, ...] = ()
        match self.role:
            case Role.SPEECH:
                extra = (self.role, self.speech_id or "", str(self.part))
            case Role.TRANSFER:
                extra = (self.role,)
            case Role.TARGET:
                extra = (self.role, self.parent or "")
            case Role.CALL:
                pass
        return b64encode(_SEPARATOR.join((self.call_id or "", *extra)).encode()).decode()

    @classmethod
    def decoded(cls, text: object) -> "ClientState":
        """Read what `encoded` writes; other text counts as a name, and what is no text says nothing."""
        if not isinstance(text, str) or not text:
            return cls()
        name, *extra = _plain(text).split(_SEPARATOR)
        call_id = CallId(name) if name else None
        match extra:
            case [Role.SPEECH, speech_id, part] if part.isascii() and part.isdigit() and len(part) < 10:
                return cls(
                    call_id=call_id,
                    role=Role.SPEECH,
                    speech_id=SpeechId(speech_id) if speech_id else None,
                    part=int(part),
                )
            case [Role.TRANSFER]:
                return cls(call_id=call_id, role=Role.TRANSFER)
            case [Role.TARGET, parent]:
                return cls(call_id=call_id, role=Role.TARGET, parent=CarrierCallId(parent))
            case _:
                return cls(call_id=call_id)


def _plain(text: str) -> str:
    try:
        plain = b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text
    # Short words happen to be base64 as well: only what is written back the same was written by us.
    return plain if b64encode(plain.encode()).decode() == text else text
