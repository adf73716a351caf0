"""Why a call does not take a command."""

from typing import ClassVar

from voice_domain.errors import VoiceError
from voice_domain.identity import CallId

__all__ = (
    "AlreadyWaitingError",
    "CallEndedError",
    "CallNotFoundError",
    "InvalidRequestError",
    "NotConnectedError",
    "NotEnabledError",
)


class CallNotFoundError(VoiceError):
    """No call has this id."""

    kind: ClassVar[str] = "call_not_found"

    def __init__(self, call_id: str) -> None:
        super().__init__(f"Call not found: {call_id}; `voicecall history` lists the calls that exist")
        self.call_id = call_id


class CallEndedError(VoiceError):
    """The call is over, or about to be."""

    kind: ClassVar[str] = "call_ended"

    def __init__(self, call_id: CallId) -> None:
        super().__init__(f"Call has ended: {call_id}; place a new one")
        self.call_id = call_id


class NotConnectedError(VoiceError):
    """Nobody has answered yet."""

    kind: ClassVar[str] = "not_connected"

    def __init__(self, call_id: CallId) -> None:
        super().__init__(
            f"Call not connected: {call_id} has not been answered yet; wait for its state `answered`"
        )
        self.call_id = call_id


class AlreadyWaitingError(VoiceError):
    """Somebody waits for this call's next utterance already."""

    kind: ClassVar[str] = "already_waiting"

    def __init__(self, call_id: CallId) -> None:
        super().__init__(f"Already waiting for transcript: one `continue` at a time on call {call_id}")
        self.call_id = call_id


class InvalidRequestError(VoiceError):
    """Something that was asked for is incomplete or makes no sense."""

    kind: ClassVar[str] = "invalid_request"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
        """The name of what is wrong, as the wire spells it."""


class NotEnabledError(VoiceError):
    """The settings say that no calls are made."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self) -> None:
        super().__init__("Voice call disabled in plugin config; set `enabled` to true")
