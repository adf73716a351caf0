"""A transcriber that knows beforehand what will be said: for the mock carrier, and for tests of host programs."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio

from voice_adapters.audio.format import FRAME_MS
from voice_adapters.speech.scripted_session import Announcement, ScriptedSession
from voice_domain.identity import CallId
from voice_domain.ports.transcriber import Hearing, Transcriber, TranscriptionSession

__all__ = ("ScriptedTranscriber",)

_CALLS = 1_000
_GRACE_SECONDS = 1.0  # how long words stay in the air for a session that is being opened


class ScriptedTranscriber(Transcriber):
    """Hears what was announced for a call, as its audio is fed; else the next of *texts* whenever a voice ends.

    Each call hears *texts* from the first one. Final words follow *delay_ms* of audio after the last frame of what
    was said; a first reading, half of the words, comes about half way. Remembers at most a thousand calls.
    """

    def __init__(self, texts: Sequence[str] = (), *, delay_ms: int = 120) -> None:
        self._texts = tuple(texts)
        self._delay_ms = delay_ms
        self._sessions: dict[CallId, ScriptedSession] = {}
        self._pending: dict[CallId, tuple[Announcement, float]] = {}
        self._unheard: dict[CallId, deque[str]] = {}

    @property
    def finds_endings(self) -> bool:
        """True: it knows where each utterance ends."""
        return True

    def announce(self, call_id: CallId, text: str, *, frames: int) -> None:
        """Say that the next *frames* frames of the call are *text*; 0 if they went by already.

        A session that is opened while they are being said, or within a second after, hears them too.
        """
        announcement = Announcement(text, frames)
        session = self._sessions.get(call_id)
        if session is not None:
            session.expect(announcement)
            return
        until = anyio.current_time() + frames * FRAME_MS / 1000 + _GRACE_SECONDS
        self._pending.pop(call_id, None)
        _make_room(self._pending)
        self._pending[call_id] = (announcement, until)

    def forget(self, call_id: CallId) -> None:
        """The call is over: what nobody listened to is not kept any longer."""
        self._pending.pop(call_id, None)
        self._unheard.pop(call_id, None)

    @asynccontextmanager
    async def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AsyncIterator[TranscriptionSession]:
        """Listen to one call until the context is left; a later session of the same call takes over. Never fails."""
        del locale
        session = ScriptedSession(hearing, self._unheard_by(call_id), delay_ms=self._delay_ms)
        self._sessions[call_id] = session
        announcement, until = self._pending.pop(call_id, (None, 0.0))
        if announcement is not None and anyio.current_time() < until:
            session.expect(announcement)
        try:
            yield session
        finally:
            session.close()
            if self._sessions.get(call_id) is session:
                del self._sessions[call_id]

    def _unheard_by(self, call_id: CallId) -> deque[str]:
        if not self._texts:
            return deque()
        if call_id not in self._unheard:
            _make_room(self._unheard)
            self._unheard[call_id] = deque(self._texts)
        return self._unheard[call_id]


def _make_room(kept: dict[CallId, Any]) -> None:
    if len(kept) >= _CALLS:
        del kept[next(iter(kept))]
