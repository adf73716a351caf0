"""How Telnyx refuses a request."""

from typing import ClassVar

from voice_contracts.twins.http import Answer, json_answer
from voice_domain.errors import VoiceError

__all__ = ("RefusedCommandError", "refusal")

_TITLES = {
    10004: "Missing required parameter",
    10005: "Resource not found",
    10009: "Authentication failed",
    10011: "Too many requests",
    10015: "Bad Request",
    90018: "Call has already ended",
    90034: "Call not answered yet",
    90054: "Transcription already in progress",
}
_STATUSES = {10005: 404, 10009: 401, 10011: 429}


class RefusedCommandError(VoiceError):
    """Telnyx would refuse this request, with this code."""

    kind: ClassVar[str] = "refused_command"

    def __init__(self, code: int, pointer: str = "") -> None:
        super().__init__(f"Telnyx refuses the request with code {code} {pointer}".rstrip())
        self.code = code
        self.pointer = pointer
        """The field that is wrong, as a JSON pointer."""


def refusal(error: RefusedCommandError) -> Answer:
    """Return the answer that says so."""
    title = _TITLES.get(error.code, "Refused")
    said = {"code": str(error.code), "title": title, "detail": f"{title} {error.pointer}".rstrip()}
    if error.pointer:
        return json_answer(
            _STATUSES.get(error.code, 422), {"errors": [{**said, "source": {"pointer": error.pointer}}]}
        )
    return json_answer(_STATUSES.get(error.code, 422), {"errors": [said]})
