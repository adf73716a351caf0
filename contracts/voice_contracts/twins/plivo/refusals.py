"""What the twin refuses: Plivo's error answers, and its own numbers for what it notes beside them."""

from collections.abc import Mapping
from typing import ClassVar

from voice_contracts.twins.http import Answer, json_answer
from voice_domain.errors import VoiceError

__all__ = (
    "API_ID",
    "NOT_TAKEN",
    "STREAM_DROPPED",
    "STREAM_MESSAGE",
    "STREAM_REFUSED",
    "RefusedCommandError",
    "refusal",
)

API_ID = "00000000-0000-4000-8000-00000000a91d"
"""What every answer of the API carries: the name of the request, which nobody needs here."""

NOT_TAKEN = 1
"""A webhook that was not answered, or not well; Plivo's own codes begin at 1000."""
STREAM_REFUSED = 2
STREAM_DROPPED = 3
STREAM_MESSAGE = 4


class RefusedCommandError(VoiceError):
    """Plivo would refuse this request, with this HTTP status and sentence."""

    kind: ClassVar[str] = "refused_command"

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"Plivo refuses the request with status {status}: {sentence}")
        self.status = status
        self.sentence = sentence


def refusal(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer that refuses a request."""
    return json_answer(status, {"api_id": API_ID, "error": sentence}, headers)
