"""What the service says in one realtime session, from its first event until it is lost or grows old."""

import logging
import math
from collections.abc import Callable
from typing import Any, ClassVar

import anyio

from voice_adapters.services.fault import Fault
from voice_adapters.services.problem_text import shown
from voice_adapters.speech.openai.realtime_messages import event_of, session_update
from voice_adapters.speech.openai.session_parts import SessionParts, TextSocket
from voice_adapters.speech.openai.suspicion import Suspicion, Verdict
from voice_adapters.speech.openai.turn_order import SaidTurn, TurnOrder
from voice_adapters.speech.openai.unanswered import Unanswered
from voice_domain.errors import VoiceError
from voice_domain.ports.transcriber import Hearing, TranscriptionError, Words

__all__ = ("Conversation", "SessionLostError")

_log = logging.getLogger(__name__)

_OPEN_SECONDS = 10.0
_ORDER_SECONDS = 3.0  # how long a turn's words wait for those of the turn before it
_ANSWER_SECONDS = 10.0  # how long the service may take for the words of a turn
_GLANCE_SECONDS = 0.5
_LOOK_SECONDS = 1.0
_RENEW_SECONDS, _LAST_SECONDS = 60.0, 5.0  # before the session's end: when nobody speaks, and in any case
_HARMLESS = ("input_audio_buffer_commit_empty",)
_OLD = ("session_expired",)


class SessionLostError(VoiceError):
    """A session is of no more use; another one may be."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The transcription session was lost: {problem}")
        self.problem = problem


class Conversation:
    """Configures one session and tells what it hears."""

    def __init__(
        self, socket: TextSocket, parts: SessionParts, *, hearing: Hearing, unanswered: Unanswered
    ) -> None:
        self._socket = socket
        self._parts = parts
        self._hearing = hearing
        self._unanswered = unanswered
        self._order = TurnOrder()
        self._suspicion = Suspicion()
        self._guessed = False
        self._ends_at = math.inf
        self._warned: set[str] = set()
        self._ready = False
        self._created = False
        self.answered = False
        """Whether any turn has had its words."""
        self._take_event: dict[str, Callable[[dict[str, Any]], None]] = {
            "session.created": self._take_session,
            "session.updated": self._take_session,
            "input_audio_buffer.speech_started": self._take_turn,
            "input_audio_buffer.committed": self._take_committed,
            "conversation.item.input_audio_transcription.delta": self._take_delta,
            "conversation.item.input_audio_transcription.completed": self._take_completed,
            "conversation.item.input_audio_transcription.failed": self._take_failed,
            "error": self._take_error,
        }

    async def configure(self) -> None:
        """Wait for the session and say how it is to listen.

        Raises:
            TranscriptionError: if it does not take that.
            SessionLostError: if it says nothing for ten seconds, or cannot now.
            WebSocketClosedError: if the socket breaks.
        """
        try:
            with anyio.fail_after(_OPEN_SECONDS):
                while not self._created:
                    self._take(await self._socket.receive())
                await self._socket.send(session_update(self._parts.terms))
                while not self._ready:
                    self._take(await self._socket.receive())
        except TimeoutError as error:
            raise SessionLostError(f"it was not opened within {_OPEN_SECONDS:g} s") from error

    async def listen(self) -> None:
        """Tell what is heard; return when the session should be replaced by a new one.

        Raises:
            TranscriptionError: if the service will not go on.
            SessionLostError: if the words of a turn do not come, or the session has ended.
            WebSocketClosedError: if the socket breaks.
        """
        while not self._is_old():
            message = None
            with anyio.CancelScope(deadline=self._next_look()):
                message = await self._socket.receive()
            if message is not None:
                self._take(message)
            self._look_at_the_clock()
            await self._ask_if_suspicious()

    def voice_began(self) -> None:
        """A voice is on the line: the service should tell of it."""
        self._suspicion.voice_began(anyio.current_time())
        if not self._unanswered.speaking:
            # Until the service has spoken, what is said now is kept to be said to another one.
            self._guessed = True
            self._unanswered.turn_began()

    def end(self) -> None:
        """Tell what had come and was waiting for an earlier turn."""
        self._tell(self._order.overdue(since=math.inf))

    def _next_look(self) -> float:
        if self._order.outstanding or self._suspicion.owed:
            return anyio.current_time() + _GLANCE_SECONDS
        now = anyio.current_time()
        renewal = self._ends_at - _RENEW_SECONDS
        return min(now + _LOOK_SECONDS, renewal if renewal > now else self._ends_at - _LAST_SECONDS)

    def _is_old(self) -> bool:
        left = self._ends_at - anyio.current_time()
        quiet = not (self._order.outstanding or self._unanswered.speaking)
        return left <= _LAST_SECONDS or (quiet and left <= _RENEW_SECONDS)

    def _look_at_the_clock(self) -> None:
        now = anyio.current_time()
        self._tell(self._order.overdue(since=now - _ORDER_SECONDS))
        waiting_since = self._order.oldest_ended_at()
        if waiting_since is not None and now - waiting_since >= _ANSWER_SECONDS:
            raise SessionLostError(f"the words of a turn did not come within {_ANSWER_SECONDS:g} s")

    async def _ask_if_suspicious(self) -> None:
        verdict = self._suspicion.judge(anyio.current_time())
        if verdict is Verdict.GIVE_UP:
            raise SessionLostError("it tells of no voice, and answers nothing")
        if verdict is Verdict.ASK:
            await self._socket.send(session_update(self._parts.terms))

    def _take(self, message: str | bytes) -> None:
        self._suspicion.told()
        event = event_of(message)
        take = self._take_event.get(str(event.get("type")))
        if take is not None:
            take(event)

    def _take_session(self, event: dict[str, Any]) -> None:
        self._created = True
        if self._guessed:
            self._guessed = False
            self._unanswered.no_turn()
        self._ready = event["type"] == "session.updated"
        session = event.get("session")
        expires_at = session.get("expires_at") if isinstance(session, dict) else None
        if isinstance(expires_at, int | float):
            left = expires_at - self._parts.clock.now_ms() / 1000
            # Sessions live for half an hour and more: less is a clock that is wrong, theirs or ours. The service
            # will say when the session is over.
            self._ends_at = anyio.current_time() + left if left > 2 * _RENEW_SECONDS else math.inf

    def _take_turn(self, _event: dict[str, Any]) -> None:
        self._guessed = False
        self._unanswered.turn_began()

    def _take_committed(self, event: dict[str, Any]) -> None:
        previous = event.get("previous_item_id")
        item_id = _item(event)
        self._order.committed(item_id, str(previous) if previous else None, now=anyio.current_time())
        self._unanswered.turn_ended(item_id)

    def _take_delta(self, event: dict[str, Any]) -> None:
        text = self._order.grown(_item(event), str(event.get("delta") or ""))
        if text and text.strip():
            self._hearing(Words(text.strip(), final=False))

    def _take_completed(self, event: dict[str, Any]) -> None:
        self.answered = True
        self._finish(event, str(event.get("transcript") or "").strip())

    def _take_failed(self, event: dict[str, Any]) -> None:
        explanation = self._parts.refusals.explain_error(event.get("error"))
        _log.warning("openai could not transcribe a turn: %s", explanation.problem)
        self._finish(event, "")

    def _finish(self, event: dict[str, Any], text: str) -> None:
        item_id = _item(event)
        self._unanswered.answered(item_id)
        self._tell(self._order.finished(item_id, text, now=anyio.current_time()))

    def _tell(self, turns: list[SaidTurn]) -> None:
        now = anyio.current_time()
        for turn in turns:
            ended_at = turn.committed_at
            ago_ms = None if ended_at is None else round((now - ended_at) * 1000)
            self._hearing(Words(turn.text, final=True, ended_ago_ms=ago_ms))

    def _take_error(self, event: dict[str, Any]) -> None:
        """Most errors leave the session open: only those end it that it cannot work with."""
        explanation = self._parts.refusals.explain_error(event.get("error"))
        if explanation.code in _HARMLESS:
            return
        if explanation.code in _OLD:
            raise SessionLostError("it had reached its age")
        if explanation.fault is Fault.ACCOUNT or (not self._ready and explanation.fault is Fault.REQUEST):
            raise TranscriptionError("openai", explanation.problem)
        if not self._ready:
            raise SessionLostError(explanation.problem)
        if explanation.code not in self._warned:
            self._warned.add(shown(explanation.code))
            _log.warning("openai's transcription has a problem: %s", explanation.problem)


def _item(event: dict[str, Any]) -> str:
    return str(event.get("item_id") or "")
