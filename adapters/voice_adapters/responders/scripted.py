"""Says lines that were written beforehand, one a turn: for demonstrations and tests."""

from collections.abc import AsyncIterator, Iterable

import anyio
import anyio.lowlevel
import attrs

from voice_domain.ports.responder import ReplyRequest, Responder

__all__ = ("ScriptedResponder",)


def _sentences(lines: Iterable[str | Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple((line,) if isinstance(line, str) else tuple(line) for line in lines)


@attrs.frozen
class ScriptedResponder(Responder):
    """Answers turn 1 with the first of *lines*, and so on; stays silent after the last one.

    A line is one sentence, or several, or none to stay silent for a turn. Holds no state, so one serves any number
    of calls, each from its first line. Never fails.
    """

    lines: tuple[tuple[str, ...], ...] = attrs.field(converter=_sentences)
    delay_ms: int = attrs.field(default=0, kw_only=True)
    """How long each sentence takes to think of."""

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Yield the sentences of the turn's line, each after the delay."""
        sentences = self.lines[request.turn - 1] if 1 <= request.turn <= len(self.lines) else ()
        await anyio.lowlevel.checkpoint()
        for sentence in sentences:
            await anyio.sleep(self.delay_ms / 1000)
            yield sentence
