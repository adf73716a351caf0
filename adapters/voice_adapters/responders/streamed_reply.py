"""From the stream of a language model to sentences, whatever its dialect."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Final, Protocol

import anyio
import attrs

from voice_adapters.responders.sentences import SentenceChunker
from voice_adapters.services.http_stream import BrokenOffError, HttpStreams, Post, RefusedError
from voice_adapters.services.server_sent_events import SentEvent, ServerSentEvents
from voice_domain.ports.responder import ReplyError

__all__ = ("ReplyDialect", "StreamedReply")

_END_SECONDS: Final = 0.2


class ReplyDialect(Protocol):
    """How one service tells its answer. Made anew for each reply."""

    def text_of(self, event: SentEvent) -> str | None:
        """Return the text that *event* adds, maybe none; None once the answer is over.

        Raises:
            ReplyError: if the event tells a failure.
        """
        ...

    def explain(self, refused: RefusedError) -> str:
        """Return why the request was refused, and what to do."""
        ...

    def may_pass(self, refused: RefusedError) -> bool:
        """Return whether the same request may succeed in a moment."""
        ...


@attrs.frozen(kw_only=True)
class StreamedReply:
    """One answer."""

    http: HttpStreams
    service: str
    """What errors call it."""
    dialect: ReplyDialect
    silence_seconds: float

    async def sentences(self, post: Post) -> AsyncGenerator[str, None]:
        """Yield what *post* is answered with, a sentence as soon as it is whole.

        Raises:
            ReplyError: if the service refuses, breaks off, tells a failure or gives no stream.
        """
        chunker = SentenceChunker()
        texts = self._texts(post)
        try:
            async with aclosing(texts):
                async for text in texts:
                    for sentence in chunker.flush() if text is None else chunker.push(text):
                        yield sentence
        except RefusedError as error:
            raise ReplyError(self.service, self.dialect.explain(error)) from error
        except BrokenOffError as error:
            raise ReplyError(self.service, error.problem) from error
        for sentence in chunker.flush():
            yield sentence

    async def _texts(self, post: Post) -> AsyncGenerator[str | None, None]:
        """Yield what the answer adds; None once it is over, before its connection is."""
        pieces = self.http.post(post, silence_seconds=self.silence_seconds, retry=self.dialect.may_pass)
        stream = ServerSentEvents()
        told = False
        async with aclosing(pieces):
            async for piece in pieces:
                for event in stream.push(piece):
                    text = self.dialect.text_of(event)
                    if text is None:
                        yield None
                        await _read_out(pieces)
                        return
                    told = True
                    yield text
        for event in stream.flush():
            if text := self.dialect.text_of(event):
                yield text
            told = True
        if not told:
            raise ReplyError(self.service, "it gave no stream of events; check that its base URL is right")


async def _read_out(pieces: AsyncGenerator[bytes, None]) -> None:
    """Read the end of an answer that is over: left unread it would cost the next answer a new connection."""
    with anyio.move_on_after(_END_SECONDS), suppress(BrokenOffError):
        async for _ in pieces:
            pass
