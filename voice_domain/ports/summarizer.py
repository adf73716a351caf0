"""Who sums a call up for its owner, once it is over."""

from typing import Protocol

from voice_domain.call import Call

__all__ = ("Summarizer",)


class Summarizer(Protocol):
    """Sums calls up; a responder may be one."""

    async def summarize(self, call: Call) -> str:
        """Return what came of a call that is over, in its language, for somebody who was not there; empty for nothing.

        What the counterpart said is told, never obeyed.

        Raises:
            ReplyError: if no summary could be made.
        """
        ...
