"""A host's own function as the responder."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from inspect import isasyncgen, isawaitable
from typing import TypeAlias

import anyio.lowlevel
import attrs

from voice_domain.ports.responder import ReplyError, ReplyRequest, Responder

__all__ = ("CallableResponder", "ReplyFunction")

ReplyFunction: TypeAlias = Callable[[str, ReplyRequest], Awaitable[str | None] | AsyncIterator[str]]
"""Takes the utterance and what may be known of its call: `async def reply(utterance, call) -> str | None`, with None
to stay silent; or an asynchronous generator of sentences, each spoken as soon as it is yielded."""

_REMEDY = "write `async def reply(utterance, call) -> str | None`, or an async generator of sentences"


@attrs.frozen
class CallableResponder(Responder):
    """Answers with what *function* says; when the answer is not wanted any more, the function is cancelled."""

    function: ReplyFunction

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Yield the function's answer; nothing for None and for blank text.

        Raises:
            ReplyError: if the function raises, naming the exception and its message; if it is not asynchronous or
                gives anything but text, naming the remedy.
        """
        try:
            async with aclosing(self._answer(request)) as answer:
                async for sentence in answer:
                    if text := self._checked(sentence):
                        yield text
        except ReplyError:
            raise
        # A host's function may raise anything at all, and nothing that it raises may end the call.
        except Exception as error:
            raise ReplyError(self._name, f"{type(error).__name__}: {error}".rstrip(": ")) from error

    async def _answer(self, request: ReplyRequest) -> AsyncGenerator[object, None]:
        """Yield whatever the function gives, unchecked: a host's annotations prove nothing."""
        await anyio.lowlevel.checkpoint()
        answer: object = self.function(request.utterance, request)
        if isasyncgen(answer):
            async with aclosing(answer):
                async for sentence in answer:
                    yield sentence
        elif isawaitable(answer):
            text = await answer
            if text is not None:
                yield text
        else:
            raise ReplyError(self._name, f"it is not asynchronous; {_REMEDY}")

    def _checked(self, answer: object) -> str:
        if not isinstance(answer, str):
            raise ReplyError(self._name, f"it gave {type(answer).__name__} and not text; {_REMEDY}")
        return answer.strip()

    @property
    def _name(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)
