"""The machine in a conversation: reads, listens, and asks what to do next."""

import json
from collections import deque
from typing import Any

import anyio
import anyio.abc

from voice_contracts.twins.aliyun.courier import Courier
from voice_contracts.twins.aliyun.leg import Leg
from voice_contracts.twins.line import BothWays, Listener
from voice_contracts.twins.person import KeyPressed, News, SpeechBegan, SpeechEnded
from voice_contracts.twins.sound import Speak

__all__ = ("KeyReporter", "Robot")


class KeyReporter(Listener):
    """Reports the keys that are pressed while a notice is read."""

    wants_frames = False

    def __init__(self, leg: Leg, courier: Courier) -> None:
        self._leg = leg
        self._courier = courier

    def learn(self, news: News) -> None:
        """Report a key."""
        if isinstance(news, KeyPressed):
            self._courier.report_state(self._leg, "300000", dtmf=news.digit)

    def frame(self, sounds: BothWays) -> None:
        """Frames are not wanted."""


class Robot(Listener):
    """Asks after every utterance, every key, and so much silence; does what it is answered."""

    wants_frames = False

    def __init__(self, leg: Leg, courier: Courier, speak: Speak) -> None:
        self._leg = leg
        self._courier = courier
        self._speak = speak
        self._questions: deque[tuple[str, dict[str, Any]]] = deque()
        self._changed = anyio.Event()
        self._reading: anyio.CancelScope | None = None
        self._interruptible = False
        self._interrupted = False
        self._callee_speaks = False
        self._mute_seconds = leg.order.mute_seconds
        self._quiet_since = 0.0
        self._began_at = 0.0
        self._spoke_at = 0.0

    async def converse(self) -> None:
        """Talk until somebody hangs up."""
        self._began_at = self._quiet_since = anyio.current_time()
        self._leg.line.add(self)
        async with anyio.create_task_group() as tasks:
            order = self._leg.order
            self._read(order.text, tasks, interruptible=order.interruptible)
            while True:
                kind, content = await self._next_question()
                self._do(await self._courier.ask(self._leg, kind, content), tasks)

    def learn(self, news: News) -> None:
        """Hear the callee."""
        match news:
            case SpeechBegan():
                self._callee_speaks, self._spoke_at = True, anyio.current_time()
                self._interrupted = self._reading is not None
                if self._interruptible:
                    self._stop()
            case SpeechEnded(said):
                self._callee_speaks = False
                offsets = (self._offset(self._spoke_at), self._offset(anyio.current_time()))
                self._ask("normal", words=said.text, begin_offset=offsets[0], end_offset=offsets[1])
            case KeyPressed(digit):
                self._courier.report_state(self._leg, "300000", dtmf=digit)
                self._ask("dtmf", dtmf_digits=digit, begin_time=self._offset(anyio.current_time()))
            case _:
                return

    def frame(self, sounds: BothWays) -> None:
        """Frames are not wanted: the callee's script says what was said."""

    def _ask(self, kind: str, **content: Any) -> None:
        playing = self._reading is not None or self._interrupted
        self._interrupted = False
        self._questions.append((kind, {**content, "is_playing": playing, "current_media_code": ""}))
        self._wake()

    async def _next_question(self) -> tuple[str, dict[str, Any]]:
        while not self._questions:
            self._changed = anyio.Event()
            busy = self._reading is not None or self._callee_speaks
            deadline = float("inf") if busy else self._quiet_since + self._mute_seconds
            with anyio.CancelScope(deadline=deadline) as silence:
                await self._changed.wait()
            if silence.cancelled_caught:
                self._quiet_since = anyio.current_time()
                return "mute", {"words": "", "is_playing": False, "current_media_code": ""}
        return self._questions.popleft()

    def _do(self, answer: dict[str, Any], tasks: anyio.abc.TaskGroup) -> None:
        match answer["action"]:
            case "play":
                self._stop()
                self._mute_seconds = answer.get("mute_time", self._mute_seconds * 1000) / 1000
                text = json.loads(answer["action_code_param"])["tts"]
                self._read(text, tasks, interruptible=bool(answer.get("action_break")))
            case "break":
                self._stop()
            case "hangup":
                self._leg.hang_up("机器")
            case _:
                return

    def _read(self, text: str, tasks: anyio.abc.TaskGroup, *, interruptible: bool) -> None:
        self._reading, self._interruptible = anyio.CancelScope(), interruptible
        self._leg.reading = True
        tasks.start_soon(self._read_out, text, self._reading)

    async def _read_out(self, text: str, scope: anyio.CancelScope) -> None:
        with scope:
            await self._leg.line.play_out("say", text, self._speak(text))
        if self._reading is scope:
            self._is_quiet()

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._is_quiet()

    def _is_quiet(self) -> None:
        self._reading, self._leg.reading = None, False
        self._quiet_since = anyio.current_time()
        self._wake()

    def _wake(self) -> None:
        self._quiet_since = anyio.current_time()
        self._changed.set()

    def _offset(self, at: float) -> int:
        return round((at - self._began_at) * 1000)
