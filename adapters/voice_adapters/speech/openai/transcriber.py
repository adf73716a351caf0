"""An ear of OpenAI: realtime transcription over a WebSocket, with telephone audio as it is."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import attrs

from voice_adapters.services.language_codes import language_code
from voice_adapters.services.openai_refusals import OpenAiRefusals
from voice_adapters.speech.openai.realtime_messages import NO_TURN_DETECTION, ListeningTerms
from voice_adapters.speech.openai.realtime_session import RealtimeSession
from voice_adapters.speech.openai.session_parts import SessionParts, SocketOpener, TextSocket
from voice_adapters.transports.websocket_client import open_websocket
from voice_adapters.transports.websocket_terms import SocketTerms
from voice_domain.identity import CallId
from voice_domain.ports.clock import Clock
from voice_domain.ports.transcriber import Hearing, Transcriber, TranscriptionSession

__all__ = ("OPENAI_REALTIME_URL", "OpenAiTranscriber", "realtime_url")

OPENAI_REALTIME_URL = "wss://api.openai.com/v1"
_SCHEMES = {"http": "ws", "https": "wss"}
# A caller waits: a service that does not answer a ping within seconds is gone.
_SOCKET_TERMS = SocketTerms(open_seconds=5.0, send_seconds=5.0, ping_seconds=5.0)


def realtime_url(base_url: str) -> str:
    """The address of transcription at *base_url*, which ends in `/v1`; `http` becomes `ws`, `https` becomes `wss`."""
    scheme, colon, rest = base_url.partition(":")
    scheme = scheme.lower()
    return f"{_SCHEMES.get(scheme, scheme)}{colon}{rest.rstrip('/')}/realtime?intent=transcription"


def _open_socket(url: str, headers: Sequence[tuple[str, str]]) -> AbstractAsyncContextManager[TextSocket]:
    return open_websocket(url, headers=headers, terms=_SOCKET_TERMS)


@attrs.frozen(kw_only=True)
class OpenAiTranscriber(Transcriber):
    """Transcribes with a realtime model. Constructor values are what the settings call by the same names."""

    api_key: str = attrs.field(repr=False)
    clock: Clock
    model: str = "gpt-4o-transcribe"
    base_url: str = OPENAI_REALTIME_URL
    silence_duration_ms: int = 800
    """Silence after which an utterance is over."""
    vad_threshold: float = 0.5
    """How sure the service must be that it hears a voice; 0 takes everything for one."""
    prompt: str | None = None
    """Words that are likely to come up; None for none."""
    noise_reduction: str | None = None
    """`near_field` or `far_field`; None for none."""
    detects_turns: bool | None = None
    """Whether the model ends utterances itself; None for what is known of the model. Else we do, by their energy."""
    open_socket: SocketOpener = _open_socket

    @property
    def finds_endings(self) -> bool:
        """True: the service finds them, or we do for models that cannot."""
        return True

    @asynccontextmanager
    async def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AsyncIterator[TranscriptionSession]:
        """Listen to one call until the context is left.

        Audio may be fed at once: what comes while the session is being opened, or opened again, is kept for five
        seconds, and so is what the service had not answered when a session broke.

        Raises:
            TranscriptionError: within, if the service refuses for good or cannot be had in five tries.
        """
        session = RealtimeSession(call_id, self._parts(locale), hearing)
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.run, tasks.cancel_scope)
            try:
                yield session
            # A task group would wrap it; whoever listens wants to see its own error.
            except Exception as error:  # noqa: BLE001 it is raised again below
                failure = error
            finally:
                session.close()
                tasks.cancel_scope.cancel()
        if failure is None:
            failure = session.failure
        if failure is not None:
            raise failure

    def _parts(self, locale: str) -> SessionParts:
        terms = ListeningTerms(
            model=self.model,
            language=language_code(locale),
            prompt=self.prompt,
            noise_reduction=self.noise_reduction,
            detects_turns=self._detects_turns,
            silence_duration_ms=self.silence_duration_ms,
            vad_threshold=self.vad_threshold,
        )
        return SessionParts(
            url=realtime_url(self.base_url),
            headers=(("authorization", f"Bearer {self.api_key}"),),
            terms=terms,
            open_socket=self.open_socket,
            clock=self.clock,
            refusals=OpenAiRefusals(
                model=self.model,
                key_setting="streaming.providers.openai.apiKey",
                model_setting="streaming.providers.openai.model",
                key=self.api_key,
            ),
        )

    @property
    def _detects_turns(self) -> bool:
        if self.detects_turns is not None:
            return self.detects_turns
        return not self.model.startswith(NO_TURN_DETECTION)
