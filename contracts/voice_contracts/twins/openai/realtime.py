"""Speech in: one realtime transcription session over an open socket, events in the documented order."""

import binascii
import itertools
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import anyio
import anyio.abc
import msgspec
import numpy as np

from voice_contracts.twins.openai.script import Transcript
from voice_contracts.twins.openai.session import RealtimeSession, updated
from voice_contracts.twins.openai.turns import Began, Ended, TurnFinder
from voice_contracts.twins.service import RefusedRequestError
from voice_contracts.twins.sockets import Socket, SocketClosedError
from voice_contracts.twins.sound import Samples
from voice_contracts.twins.words import words_of

__all__ = ("Listening", "Realtime")

_LEAST_COMMIT_MS = 100
_MOST_AUDIO_BYTES = 15 * 1024 * 1024

Listening = Callable[[Samples, int], Transcript]
"""Understands one turn: its samples and their rate."""


class Realtime:
    """One session. *delays* are the seconds from a turn's end to its first partial and to its final text."""

    def __init__(
        self, socket: Socket, session_id: str, expires_at: int, listen: Listening, delays: tuple[float, float]
    ) -> None:
        self._socket = socket
        self._expires_at = expires_at
        self._listen = listen
        self._delta_seconds, self._final_seconds = delays
        self._session = RealtimeSession(session_id)
        self._finder: TurnFinder | None = None
        self._manual = b""
        self._event_ids = itertools.count(1)
        self._item_ids = itertools.count(1)
        self._item: str | None = None
        self._previous: str | None = None

    async def run(self, seconds: float | None) -> None:
        """Serve until the client leaves, or the session is *seconds* old."""
        with anyio.move_on_after(seconds) as age:
            await self._send("session.created", session=self._shown())
            async with anyio.create_task_group() as tasks:
                try:
                    while True:
                        await self._take(await self._socket.receive(), tasks)
                except SocketClosedError:
                    tasks.cancel_scope.cancel()
        if age.cancelled_caught:
            await self._error("session_expired", None, "Your session hit the maximum duration.")
            await self._socket.close(1001)

    def _shown(self) -> dict[str, Any]:
        return {**self._session.wire(), "expires_at": self._expires_at}

    async def _take(self, text: str, tasks: anyio.abc.TaskGroup) -> None:
        try:
            message = msgspec.json.decode(text, type=dict[str, Any])
            await self._obey(message, tasks)
        except RefusedRequestError as error:
            await self._error(error.code, error.field, "Invalid value.")
        except (msgspec.DecodeError, binascii.Error):
            await self._error("invalid_json", None, "The message could not be read.")

    async def _obey(self, message: dict[str, Any], tasks: anyio.abc.TaskGroup) -> None:
        match message.get("type"):
            case "session.update":
                self._update(updated(self._session, message.get("session") or {}))
                await self._send("session.updated", session=self._session.wire())
            case "input_audio_buffer.append":
                await self._hear(message.get("audio"), tasks)
            case "input_audio_buffer.commit":
                await self._commit(tasks)
            case "input_audio_buffer.clear":
                self._manual = b""
                await self._send("input_audio_buffer.cleared")
            case _:
                raise RefusedRequestError(400, "invalid_value", "type")

    def _update(self, session: RealtimeSession) -> None:
        before, self._session = self._session, session
        if (session.format, session.silence_ms) == (before.format, before.silence_ms):
            return
        silence_ms = session.silence_ms
        self._finder = None if silence_ms is None else TurnFinder(session.format, silence_ms)

    async def _hear(self, encoded: object, tasks: anyio.abc.TaskGroup) -> None:
        if not isinstance(encoded, str) or len(encoded) > _MOST_AUDIO_BYTES:
            raise RefusedRequestError(400, "invalid_value", "audio")
        audio = b64decode(encoded, validate=True)
        if self._finder is None:
            self._manual += audio
            return
        for found in self._finder.feed(audio):
            match found:
                case Began(at_ms):
                    self._item = self._next_item()
                    start = max(0, at_ms - self._session.padding_ms)
                    await self._send(
                        "input_audio_buffer.speech_started", audio_start_ms=start, item_id=self._item
                    )
                case Ended(at_ms, samples):
                    item = self._item or self._next_item()
                    await self._send("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=item)
                    await self._committed(item, samples, tasks)

    async def _commit(self, tasks: anyio.abc.TaskGroup) -> None:
        form = self._session.format
        audio, self._manual = self._manual, b""
        if len(audio) * 1000 < _LEAST_COMMIT_MS * form.rate_hz * form.sample_bytes:
            await self._error("input_audio_buffer_commit_empty", None, "Buffer too small.")
            return
        whole = len(audio) // form.sample_bytes * form.sample_bytes
        await self._committed(self._next_item(), form.samples(audio[:whole]), tasks)

    async def _committed(self, item: str, samples: Samples, tasks: anyio.abc.TaskGroup) -> None:
        await self._send("input_audio_buffer.committed", previous_item_id=self._previous, item_id=item)
        self._previous = item
        if self._session.transcription is not None:
            heard = self._listen(samples, self._session.format.rate_hz)
            tasks.start_soon(self._transcribe, item, heard, len(samples) / self._session.format.rate_hz)

    async def _transcribe(self, item: str, heard: Transcript, seconds: float) -> None:
        prefix = "conversation.item.input_audio_transcription"
        about = {"item_id": item, "content_index": 0}
        try:
            await anyio.sleep(self._delta_seconds)
            if heard.fails:
                error = {
                    "type": "transcription_error",
                    "code": "audio_unintelligible",
                    "message": "The audio could not be transcribed.",
                    "param": None,
                }
                await self._send(f"{prefix}.failed", **about, error=error)
                return
            for token in words_of(heard.text):
                await self._send(f"{prefix}.delta", **about, delta=token)
            await anyio.sleep(max(0.0, self._final_seconds - self._delta_seconds))
            usage = {"type": "duration", "seconds": int(np.ceil(seconds))}
            await self._send(f"{prefix}.completed", **about, transcript=heard.text, usage=usage)
        except SocketClosedError:
            return  # the client is gone; the reader ends the session

    def _next_item(self) -> str:
        return f"item_{next(self._item_ids):04}"

    async def _error(self, code: str, field: str | None, message: str) -> None:
        error = {
            "type": "invalid_request_error",
            "code": code,
            "message": message,
            "param": field,
            "event_id": None,
        }
        await self._send("error", error=error)

    async def _send(self, kind: str, **members: Any) -> None:
        event = {"type": kind, "event_id": f"event_{next(self._event_ids):04}", **members}
        await self._socket.send(msgspec.json.encode(event).decode())
