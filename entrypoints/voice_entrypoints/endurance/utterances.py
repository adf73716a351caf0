"""What callees and callers say, so that the twin of the speech service can be told."""

from typing import Final

__all__ = ("UTTERANCES",)

UTTERANCES: Final = ("Yes, please.", "No, thank you.", "What does it cost?", "Tomorrow at three.")
