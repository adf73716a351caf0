"""What surrounds a call under load: a carrier that agrees to everything, a voice that never ends, a deaf ear."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext

import anyio

from voice_adapters.runtime.switchboard import LiveCalls
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierSignal,
    DialRequest,
    Exchange,
    LineStatus,
    SpeechPlayed,
)
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Hearing, Transcriber, TranscriptionSession

__all__ = ("AgreeableCarrier", "DeafTranscriber", "EndlessVoice", "LoadedExchange")

_PIECE = bytes(range(256)) * 10  # 320 ms, about what a service sends at once


class AgreeableCarrier(Carrier):
    """Accepts every dial and hang-up at once; its name for a call is ours."""

    @property
    def name(self) -> str:
        """The word for it."""
        return "bench"

    @property
    def capabilities(self) -> Capabilities:
        """Media streams, nothing else."""
        return Capabilities(media_stream=True)

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Accept."""
        return CarrierCallId(f"leg-{request.call_id}")

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Accept."""

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Accept."""

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """Accept."""

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return that it lives."""
        del carrier_call_id
        return LineStatus(alive=True)


class EndlessVoice(Synthesizer):
    """Speaks for ever, as fast as it is listened to; a text of one character is a single frame."""

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield audio."""
        del locale, voice
        await anyio.lowlevel.checkpoint()
        if len(text) == 1:
            yield _PIECE[:160]
            return
        while True:
            yield _PIECE
            await anyio.lowlevel.checkpoint()


class _DeafSession(TranscriptionSession):
    def feed(self, payload: bytes) -> None:
        pass

    def voice_began(self) -> None:
        pass


class DeafTranscriber(Transcriber):
    """Hears nothing: what a service costs is not ours."""

    @property
    def finds_endings(self) -> bool:
        """It would."""
        return True

    def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AbstractAsyncContextManager[TranscriptionSession]:
        """Give a session that takes audio and says nothing."""
        del call_id, locale, hearing
        return nullcontext(_DeafSession())


class LoadedExchange(Exchange):
    """Brings streams and keys to the calls of the measurement."""

    def __init__(self, calls: LiveCalls) -> None:
        self._calls = calls
        self.latest: MediaLink | None = None
        """The link that was attached last."""

    async def tell(self, signal: CarrierSignal) -> None:
        """Take a signal."""
        if signal.call_id is not None and not isinstance(signal.news, SpeechPlayed):
            await self._calls.submit(signal.call_id, signal.news)

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        """Give a call its sound."""
        self.latest = link
        return self._calls.attach(call_id, link)
