"""Brings the keys that the counterpart presses from the media streams to their calls, each call's in order."""

import logging
from collections import deque
from typing import Final

import anyio

from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.ports.carrier import CarrierSignal, Exchange
from voice_domain.ports.event_store import StoreError

__all__ = ("KeyPresses",)

_log = logging.getLogger(__name__)

_WAITING: Final = 64
_TRIES: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.25


class KeyPresses:
    """A queue for each call that has keys to tell: one call that is slow to take them does not hold up others."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._waiting: dict[CallId, deque[CarrierSignal]] = {}
        self._fresh: deque[CallId] = deque()
        self._arrived = anyio.Event()
        self.dropped = 0
        """Keys that found 64 others waiting, or that could not be made durable."""

    def press(self, call_id: CallId, signal: CarrierSignal) -> None:
        """Tell *signal*, after all others of the call."""
        queue = self._waiting.get(call_id)
        if queue is None:
            queue = self._waiting[call_id] = deque()
            self._fresh.append(call_id)
            self._arrived.set()
        if len(queue) >= _WAITING:
            self.dropped += 1
            return
        queue.append(signal)

    async def run(self) -> None:
        """Tell what is pressed until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                while not self._fresh:
                    self._arrived = anyio.Event()
                    await self._arrived.wait()
                tasks.start_soon(self._tell_all, self._fresh.popleft())

    async def _tell_all(self, call_id: CallId) -> None:
        queue = self._waiting[call_id]
        try:
            while queue:
                await self._tell(call_id, queue[0])
                queue.popleft()
        finally:
            del self._waiting[call_id]

    async def _tell(self, call_id: CallId, signal: CarrierSignal) -> None:
        for attempt in range(_TRIES):
            try:
                await self._exchange.tell(signal)
            except StoreError as error:
                _log.warning("call %s: a key waits to be kept: %s", call_id, error)
                await anyio.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
            except VoiceError as error:
                _log.warning("call %s: a key was taken, what followed failed: %s", call_id, error)
                return
            else:
                return
        self.dropped += 1
        _log.error("call %s: a key was lost: nothing could be kept", call_id)
