"""One thing that we say: its parts, and how much of each was heard."""

import attrs

from voice_domain.identity import SpeechId
from voice_domain.transcript import joined
from voice_domain.vocabulary import Purpose

__all__ = ("OPENING_ID", "Speech", "reply_id")

OPENING_ID = SpeechId("opening")


def reply_id(turn: int) -> SpeechId:
    """Return the name of the speech that answers *turn*."""
    return SpeechId(f"reply-{turn}")


@attrs.frozen
class Speech:
    """A speech that is queued or being said; a reply grows part by part until it is closed."""

    speech_id: SpeechId
    purpose: Purpose
    parts: tuple[str, ...] = ()
    heard: tuple[str | None, ...] = ()
    """For each part what was heard of it; None while it is not over."""
    closed: bool = False
    started: bool = False

    @property
    def over(self) -> bool:
        """Whether no part is outstanding and none will follow."""
        return self.closed and None not in self.heard

    @property
    def intended_text(self) -> str:
        """The whole text so far."""
        return joined(self.parts)

    @property
    def heard_text(self) -> str:
        """The text that was heard so far."""
        return joined([part for part in self.heard if part])

    def with_part(self, text: str, *, last: bool) -> "Speech":
        """Return the speech with one more part; an empty text adds none."""
        if not text:
            return attrs.evolve(self, closed=self.closed or last)
        return attrs.evolve(
            self, parts=(*self.parts, text), heard=(*self.heard, None), closed=self.closed or last
        )

    def with_heard(self, part: int, heard: str) -> "Speech":
        """Return the speech with *part* over."""
        return attrs.evolve(self, heard=(*self.heard[:part], heard, *self.heard[part + 1 :]))
