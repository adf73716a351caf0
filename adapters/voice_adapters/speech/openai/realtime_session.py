"""One call's ear at OpenAI: feeds audio, and keeps a session open through breaks and old age."""

import logging
from collections import deque
from urllib.parse import urlsplit

import anyio

from voice_adapters.services.fault import Fault
from voice_adapters.services.http_stream import RefusedError
from voice_adapters.services.problem_text import shown
from voice_adapters.speech.openai.local_turns import LocalTurns
from voice_adapters.speech.openai.realtime_conversation import Conversation, SessionLostError
from voice_adapters.speech.openai.realtime_messages import COMMIT, append
from voice_adapters.speech.openai.sending_rhythm import SendingRhythm
from voice_adapters.speech.openai.session_parts import SessionParts, TextSocket
from voice_adapters.speech.openai.unanswered import Unanswered
from voice_adapters.transports.lone_error import lone_errors
from voice_adapters.transports.websocket_errors import WebSocketClosedError, WebSocketRefusedError
from voice_domain.identity import CallId
from voice_domain.ports.transcriber import Hearing, TranscriptionError, TranscriptionSession, Words

__all__ = ("RealtimeSession",)

_log = logging.getLogger(__name__)

_SERVICE = "openai"
_WAITING_FRAMES = 250  # 5 s
_BATCH_FRAMES = 50
_TRIES = 5
_FIRST_PAUSE_SECONDS = 0.25
_LONG_SECONDS = 30.0  # a session that lived this long was no failed try
_TURN_ENDED = None


class RealtimeSession(TranscriptionSession):
    """Takes audio at any time; five seconds of it wait while there is no session."""

    def __init__(self, call_id: CallId, parts: SessionParts, hearing: Hearing) -> None:
        self._call_id = call_id
        self._parts = parts
        self._hearing = hearing
        self._turns = None if parts.terms.detects_turns else LocalTurns(parts.terms.silence_duration_ms)
        self._waiting: deque[bytes | None] = deque()
        self._rhythm = SendingRhythm(parts.terms.silence_duration_ms)
        self._due = False
        self._fed = anyio.Event()
        self._unanswered = Unanswered()
        self._conversation: Conversation | None = None
        self._closed = False
        self.dropped_frames = 0
        """How many frames could not be sent in time."""
        self.failure: TranscriptionError | None = None
        """Why the session ended for good; None while it has not."""

    def feed(self, payload: bytes) -> None:
        """Take 20 ms; the oldest that waits is dropped when five seconds do."""
        if self._closed:
            return
        due = self._rhythm.push(payload)
        if self._turns is None:
            self._waiting.append(payload)
        else:
            frames, ended = self._turns.push(payload)
            self._waiting.extend(frames)
            if ended:
                self._waiting.append(_TURN_ENDED)
        self._drop_oldest()
        if due and self._waiting:
            self._due = True
            self._fed.set()

    def voice_began(self) -> None:
        """Expect the service to tell of it."""
        if self._conversation is not None:
            self._conversation.voice_began()

    def close(self) -> None:
        """Hear no more."""
        self._closed = True
        self._waiting.clear()

    async def run(self, scope: anyio.CancelScope) -> None:
        """Keep a session open until cancelled; if there can be none, say so in `failure` and cancel *scope*."""
        try:
            await self._keep_open()
        except TranscriptionError as error:
            self.failure = error
            scope.cancel()

    async def _keep_open(self) -> None:
        self._check_settings()
        tries = 0
        while True:
            began_at = anyio.current_time()
            problem = await self._live()
            self._send_again()
            if problem is None:
                tries = 0  # it was renewed
                continue
            conversation, self._conversation = self._conversation, None
            answered = conversation is not None and conversation.answered
            worked = answered or anyio.current_time() - began_at >= _LONG_SECONDS
            tries = 0 if worked else tries + 1
            if tries == _TRIES:
                raise TranscriptionError(_SERVICE, f"{problem}; given up after {_TRIES} tries")
            _log.warning("call %s: openai's transcription broke: %s", self._call_id, problem)
            await anyio.sleep(_FIRST_PAUSE_SECONDS * 2 ** max(tries - 1, 0))

    async def _live(self) -> str | None:
        """Live through one session; return why it broke, None if it is only to be renewed.

        Raises:
            TranscriptionError: if another one would fare no better.
        """
        try:
            async with self._parts.open_socket(self._parts.url, self._parts.headers) as socket:
                await self._converse(socket)
        except WebSocketRefusedError as error:
            explanation = self._parts.refusals.explain(RefusedError(error.http_status, error.body))
            if explanation.fault is not Fault.PASSING:
                raise TranscriptionError(_SERVICE, explanation.problem) from error
            return explanation.problem
        except WebSocketClosedError as error:
            return shown(error, self._parts.refusals.key)
        except SessionLostError as error:
            return error.problem
        return None

    async def _converse(self, socket: TextSocket) -> None:
        conversation = self._conversation = Conversation(
            socket, self._parts, hearing=self._hear, unanswered=self._unanswered
        )
        await conversation.configure()
        try:
            with lone_errors():
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._send, socket)
                    await conversation.listen()
                    tasks.cancel_scope.cancel()
        finally:
            conversation.end()

    async def _send(self, socket: TextSocket) -> None:
        try:
            while True:
                while not (self._due and self._waiting):
                    self._due = False
                    self._fed = anyio.Event()
                    await self._fed.wait()
                await socket.send(self._next_message())
        except WebSocketClosedError:
            pass  # whoever receives says so

    def _next_message(self) -> str:
        """Return what waits, at most a second of it, noting it as sent: what fails is sent again."""
        if self._waiting[0] is _TURN_ENDED:
            self._waiting.popleft()
            return COMMIT
        frames: list[bytes] = []
        while self._waiting and len(frames) < _BATCH_FRAMES and (frame := self._waiting[0]) is not None:
            self._waiting.popleft()
            frames.append(frame)
            self._unanswered.sent(frame)
        if self._turns is not None:
            self._unanswered.turn_began()
        return append(b"".join(frames))

    def _send_again(self) -> None:
        """Put what the last session left unanswered in front of what waits."""
        again: list[bytes | None] = []
        for stretch in self._unanswered.take():
            again += stretch.frames
            if stretch.ended and self._turns is not None:
                again.append(_TURN_ENDED)
        self._waiting.extendleft(reversed(again))
        self._drop_oldest()
        self._due = True

    def _drop_oldest(self) -> None:
        while len(self._waiting) > _WAITING_FRAMES:
            if self._waiting.popleft() is not _TURN_ENDED:
                self.dropped_frames += 1

    def _hear(self, words: Words) -> None:
        if not self._closed:
            self._hearing(words)

    def _check_settings(self) -> None:
        if not all(value.isascii() and value.isprintable() for _, value in self._parts.headers):
            problem = "the key holds characters that no key has; copy it again, without line ends"
            raise TranscriptionError(_SERVICE, problem)
        if not _is_address(self._parts.url):
            raise TranscriptionError(
                _SERVICE, "streaming.openaiBaseUrl is no address; write https://host/v1 or wss://host/v1"
            )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"ws", "wss"} and bool(parts.hostname) and parts.username is None
