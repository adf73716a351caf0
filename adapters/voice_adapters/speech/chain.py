"""Several voices in the order of preference: when one cannot speak, the next one does."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import cast

import anyio
import attrs

from voice_adapters.media.iteration import closing
from voice_adapters.services.fault import Explanation, Fault
from voice_adapters.speech.breaker import Breaker
from voice_adapters.speech.service_error import SpeechServiceError
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer

__all__ = ("NamedVoice", "SynthesizerChain")

_log = logging.getLogger(__name__)


@attrs.frozen
class NamedVoice:
    """One voice of a chain and its name in the settings."""

    name: str
    synthesizer: Synthesizer


@attrs.define(eq=False)
class _Link:
    name: str
    synthesizer: Synthesizer
    breaker: Breaker = attrs.field(factory=Breaker, init=False)


class SynthesizerChain(Synthesizer):
    """Speaks with the first of *voices* that can.

    The next voice takes over before the first audio only: once a text has begun, its rest is not repeated in another
    voice, and the error says so. A voice that failed is passed over for a while (see `Breaker`); when all are, each
    is tried all the same. A voice name belongs to one service, so it is given to the first voice only.

    Raises:
        ValueError: if *voices* is empty.
    """

    def __init__(self, voices: Sequence[NamedVoice], *, patience_seconds: float = 3.0) -> None:
        if not voices:
            raise ValueError("a chain needs at least one voice; configure a speech service")
        self._links = tuple(_Link(voice.name, voice.synthesizer) for voice in voices)
        self._patience_seconds = patience_seconds
        """How long a voice that has another one behind it may take for its first audio."""

    @property
    def working(self) -> tuple[str, ...]:
        """The names of the voices that nothing is known against."""
        return tuple(link.name for link in self._links if link.breaker.is_closed)

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text* in the first voice that speaks; nothing for a blank text.

        Raises:
            SynthesisError: if no voice speaks, with the last one's reason; or if the one that has begun breaks off.
        """
        if not text.strip():
            return
        failures: list[str] = []
        for link, is_last in self._candidates():
            wish = voice if link is self._links[0] else None
            pieces = link.synthesizer.synthesize(text, locale=locale, voice=wish)
            async with closing(pieces):
                first = await self._first(link, pieces, is_last=is_last, failures=failures)
                if first is None:
                    continue
                if failures:
                    _log.warning("%s speaks instead: %s", link.name, "; ".join(failures))
                yield first
                async with aclosing(_rest(link, pieces)) as rest:
                    async for piece in rest:
                        yield piece
                return
        problem = "; ".join(failures)
        _log.warning("no voice speaks: %s", problem)
        raise SynthesisError(self._name, problem)

    @property
    def _name(self) -> str:
        return ", ".join(link.name for link in self._links)

    def _candidates(self) -> Iterator[tuple[_Link, bool]]:
        """Yield the voices to try, each with whether none will follow; all of them if none is ready."""
        ready = [link for link in self._links if link.breaker.is_ready]
        for place, link in enumerate(ready or self._links, 1):
            # Another text may have found out meanwhile that this voice is broken.
            if place < len(ready) and not link.breaker.is_ready:
                continue
            yield link, place == len(ready or self._links)

    async def _first(
        self, link: _Link, pieces: AsyncIterator[bytes], *, is_last: bool, failures: list[str]
    ) -> bytes | None:
        """Return the first audio of *link*; None if it gives none, which is noted in *failures*."""
        settled = False
        link.breaker.begin()
        patience = None if is_last else self._patience_seconds
        try:
            with anyio.fail_after(patience):
                first = await _audio(pieces)
            if first is None:
                raise _failure(link.name, "it gave no audio")
        except (SynthesisError, TimeoutError) as error:
            settled = True
            link.breaker.failed(_fault(error))
            failures.append(_reason(link.name, error, self._patience_seconds))
            return None
        else:
            settled = True
            link.breaker.succeeded()
            return first
        finally:
            if not settled:
                link.breaker.abandoned()


async def _audio(pieces: AsyncIterator[bytes]) -> bytes | None:
    while (piece := await anext(pieces, None)) is not None:
        if piece:
            return piece
    return None


async def _rest(link: _Link, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in pieces:
            yield piece
    except SynthesisError as error:
        link.breaker.failed(_fault(error))
        problem = f"it broke off in the middle, and the rest is not repeated in another voice: {error}"
        _log.warning("%s: %s", link.name, problem)
        raise SpeechServiceError(link.name, Explanation(problem, _fault(error))) from error


def _failure(name: str, problem: str) -> SpeechServiceError:
    return SpeechServiceError(name, Explanation(problem, Fault.PASSING))


def _fault(error: Exception) -> Fault:
    return cast("Fault", getattr(error, "fault", Fault.PASSING))


def _reason(name: str, error: Exception, patience_seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"{name} gave no audio within {patience_seconds:g} s"
    return str(error)
