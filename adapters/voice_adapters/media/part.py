"""One part of a speech on its way to the counterpart's ear."""

from collections import deque

from voice_adapters.media.estimate import speech_seconds
from voice_domain.effects import Play
from voice_domain.transcript import heard_part

__all__ = ("Part",)

_FRAMES_PER_SECOND = 50


class Part:
    """The frames of one `Play`, those that wait and those that went out, and how many were heard."""

    __slots__ = (
        "complete",
        "error",
        "frames",
        "heard",
        "mark",
        "mark_due",
        "order",
        "reported",
        "sent",
        "started",
        "total",
        "unheard",
    )

    def __init__(self, order: Play) -> None:
        self.order = order
        self.frames: deque[bytes] = deque()
        """Frames that were not sent yet."""
        self.unheard: list[bytes] = []
        """Frames that were sent and are not known to be heard."""
        self.total = 0
        """How many frames the synthesizer has given."""
        self.sent = 0
        self.heard = 0
        """How many frames were certainly heard."""
        self.complete = False
        """Whether the synthesizer has given all."""
        self.error = ""
        """Why it has not."""
        self.started = False
        self.mark = ""
        """The name of the mark behind its last frame; empty until that was sent."""
        self.mark_due = 0.0
        """When the mark is taken as played although it did not come back, in the loop's time."""
        self.reported = False

    def take(self) -> bytes:
        """Return the next frame to send."""
        frame = self.frames.popleft()
        self.unheard.append(frame)
        self.sent += 1
        return frame

    def acknowledge(self, count: int) -> int:
        """Note that *count* more frames were heard, or all that were sent; return how many that are."""
        count = min(count, len(self.unheard))
        del self.unheard[:count]
        self.heard += count
        return count

    def take_back(self) -> None:
        """Put the frames that were sent and not heard in front of those that wait."""
        self.frames.extendleft(reversed(self.unheard))
        self.unheard.clear()
        self.sent = self.heard

    def heard_text(self) -> str:
        """Return the text whose audio was heard; of a text that failed, how long it would have been is guessed."""
        whole = self.complete and not self.error
        if whole and self.heard >= self.total > 0:
            return self.order.text
        if self.heard == 0:
            return ""
        guess = round(speech_seconds(self.order.text) * _FRAMES_PER_SECOND)
        expected = self.total if whole else max(self.total, self.heard + 1, guess)
        return heard_part(self.order.text, played=self.heard / expected)
