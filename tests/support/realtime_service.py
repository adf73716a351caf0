"""A stand-in for realtime transcription: says what a test tells it to, and remembers what it was sent."""

import json
from base64 import b64decode
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio

from voice_adapters.transports.websocket_errors import WebSocketClosedError

__all__ = ("RealtimeService", "Socket")

_ITEM = "conversation.item.input_audio_transcription"


class Socket:
    """One connection."""

    def __init__(self, service: "RealtimeService") -> None:
        self.service = service
        self.sent: list[dict[str, Any]] = []
        self.broken: Exception | None = None
        self._coming: deque[dict[str, Any]] = deque()
        self._changed = anyio.Event()

    async def send(self, message: str) -> None:
        await anyio.lowlevel.checkpoint()
        if self.broken is not None:
            raise self.broken
        event = json.loads(message)
        self.sent.append(event)
        if event["type"] == "session.update" and self.service.answers:
            self.say("session.updated")

    async def receive(self) -> str | bytes:
        await anyio.lowlevel.checkpoint()
        while not self._coming:
            if self.broken is not None:
                raise self.broken
            self._changed = anyio.Event()
            await self._changed.wait()
        return json.dumps(self._coming.popleft())

    def say(self, kind: str, **fields: Any) -> None:
        self._coming.append({"type": kind, "event_id": "e", **fields})
        self._changed.set()

    def cut(self, error: Exception | None = None) -> None:
        self.broken = error or WebSocketClosedError(1006, "the connection was cut")
        self._changed.set()

    @property
    def audio(self) -> bytes:
        return b"".join(
            b64decode(event["audio"]) for event in self.sent if event["type"] == "input_audio_buffer.append"
        )

    @property
    def kinds(self) -> list[str]:
        return [event["type"].removeprefix("input_audio_buffer.") for event in self.sent]


class RealtimeService:
    """Takes connections; *refusals* are raised by the first ones, None lets one in."""

    def __init__(
        self, refusals: Sequence[Exception | None] = (), *, lives_seconds: float | None = None
    ) -> None:
        self.refusals = deque(refusals)
        self.sockets: list[Socket] = []
        self.asked: list[tuple[str, Sequence[tuple[str, str]], float]] = []
        self.answers = True
        self.greets = True
        self.lives_seconds = lives_seconds
        self.closed = 0

    @property
    def last(self) -> Socket:
        return self.sockets[-1]

    @asynccontextmanager
    async def open(self, url: str, headers: Sequence[tuple[str, str]]) -> AsyncIterator[Socket]:
        await anyio.sleep(0.1)
        self.asked.append((url, headers, anyio.current_time()))
        refusal = self.refusals.popleft() if self.refusals else None
        if refusal is not None:
            raise refusal
        socket = Socket(self)
        self.sockets.append(socket)
        if self.greets:
            session: dict[str, Any] = {"type": "transcription"}
            if self.lives_seconds is not None:
                session["expires_at"] = anyio.current_time() + self.lives_seconds
            socket.say("session.created", session=session)
        try:
            yield socket
        finally:
            self.closed += 1

    def committed(self, item_id: str, previous: str | None = None) -> None:
        self.last.say("input_audio_buffer.committed", item_id=item_id, previous_item_id=previous)

    def delta(self, item_id: str, text: str) -> None:
        self.last.say(f"{_ITEM}.delta", item_id=item_id, content_index=0, delta=text)

    def completed(self, item_id: str, text: str) -> None:
        self.last.say(f"{_ITEM}.completed", item_id=item_id, content_index=0, transcript=text)

    def failed(self, item_id: str) -> None:
        self.last.say(f"{_ITEM}.failed", item_id=item_id, error={"code": "audio_unintelligible"})

    def error(self, code: str, message: str = "No.") -> None:
        self.last.say("error", error={"type": "x", "code": code, "message": message})
