"""What was said and heard in a call, in the order in which it was heard.

Our entries hold the heard truth: the text whose audio the carrier confirmed as played, never more. While an entry
is still being played it is not final and shows the whole text that we intend to say.
"""

from collections.abc import Sequence

import attrs

from voice_domain.identity import SpeechId
from voice_domain.vocabulary import Speaker

__all__ = ("Entry", "heard_part", "joined")


@attrs.frozen
class Entry:
    """One stretch of speech."""

    at_ms: int
    """When it began, epoch milliseconds."""
    speaker: Speaker
    text: str
    """What was said by the counterpart, or of ours what was heard."""
    final: bool = True
    """False only while we are still saying it."""
    intended: str | None = None
    """The whole of what we wanted to say, when less was heard; else None."""
    speech_id: SpeechId | None = None
    """Which of our speeches this is; None for the counterpart's."""

    @property
    def interrupted(self) -> bool:
        """Whether something that we wanted to say was not heard."""
        return self.intended is not None


def joined(parts: Sequence[str]) -> str:
    """Return the parts of one speech as one text; Chinese and Japanese sentences need no space between them."""
    text = ""
    for part in parts:
        piece = part.strip()
        if text and piece and not (_is_wide(text[-1]) or _is_wide(piece[0])):
            text += " "
        text += piece
    return text


def heard_part(text: str, *, played: float) -> str:
    """Return the words of *text* that fit in its first *played* share (0 to 1), cut at a word's end.

    A word counts as heard when at least its greater part was played. Text without spaces is cut by characters.
    """
    if played >= 1:
        return text
    limit = max(0.0, played) * len(text)
    if " " not in text.strip():
        return text[: int(limit)]
    end = position = 0
    for word in text.split(" "):
        if position + len(word) / 2 > limit:
            break
        end = position + len(word)
        position = end + 1
    return text[:end].rstrip()


def _is_wide(character: str) -> bool:
    """Whether *character* belongs to a script or punctuation that is written without spaces."""
    return (
        "\u2e80" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or "\uff00" <= character <= "\uff65"
    )
