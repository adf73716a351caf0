"""The audio path between a carrier and one callee, in frames of 20 ms on the absolute clock."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import anyio

from voice_contracts.twins.callee import Callee, Step
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.person import HungUp, News, Person
from voice_contracts.twins.sound import FRAME_BYTES, FRAME_SECONDS, SILENCE, Speak, is_voiced

__all__ = ("BothWays", "Line", "Listener", "Recorded", "Sound")


class BothWays(NamedTuple):
    """20 ms of a line."""

    spoken: bytes
    """What the callee said: always 160 bytes."""
    played: bytes
    """What it heard: at most 160 bytes, empty for nothing."""


class Sound(Protocol):
    """Something that the carrier plays to the callee."""

    kind: str
    """How the ear files it."""
    over: bool
    """Whether nothing more will ever come."""

    def next_frame(self) -> bytes | None:
        """Return what sounds in the next 20 ms, at most 160 bytes; None while there is nothing."""
        ...


class Listener(Protocol):
    """Somebody at the carrier who listens to the callee."""

    wants_frames: bool
    """Whether every frame is wanted, silence too; otherwise only the news."""

    def frame(self, sounds: BothWays) -> None:
        """Take 20 ms of both directions."""
        ...

    def learn(self, news: News) -> None:
        """Take note of what the callee does."""
        ...


class Recorded(Sound):
    """Audio that is there as a whole; `finished` is set when its last frame has been heard."""

    def __init__(self, kind: str, audio: bytes) -> None:
        self.kind = kind
        self._audio = audio
        self._place = 0
        self.over = False
        self.finished = anyio.Event()

    def next_frame(self) -> bytes | None:
        """Return the next 20 ms, or None when everything was heard."""
        frame = self._audio[self._place : self._place + FRAME_BYTES]
        self._place += len(frame)
        if frame:
            return frame
        self.over = True
        self.finished.set()
        return None


class Line:
    """Carries sound both ways. It ticks while there is sound to carry, and otherwise sleeps.

    Args:
        callee: Who is at the other end.
        speak: The callee's voice.
        now_ms: The time of day.
        on_hang_up: Called when the callee hangs up.
    """

    def __init__(
        self,
        callee: Callee,
        speak: Speak,
        now_ms: Callable[[], int],
        on_hang_up: Callable[[], None],
    ) -> None:
        self.callee = callee
        self.ear = Ear(now_ms)
        self._speak = speak
        self._on_hang_up = on_hang_up
        self._sound: Sound | None = None
        self._listeners: list[Listener] = []
        self._wake = anyio.Event()
        self._asked: list[Step] = []
        """What the callee is to do beside its script."""

    @property
    def sound(self) -> Sound | None:
        """What is being played; None for nothing."""
        return self._sound

    def play(self, sound: Sound | None) -> None:
        """Play *sound* from the next tick on, instead of what is playing; None for silence."""
        self.ear.end()
        self._sound = sound
        self._wake.set()

    async def play_out(
        self, kind: str, text: str, audio: bytes, manner: Mapping[str, str] | None = None
    ) -> None:
        """Play *audio*, which carries *text*, to its end; when cancelled, it stops at once."""
        sound = Recorded(kind, audio)
        self.play(sound)
        self.ear.begin(kind, text, len(audio), manner)
        try:
            await sound.finished.wait()
        finally:
            if self._sound is sound:
                self.play(None)

    def ask(self, step: Step) -> None:
        """Have the callee do one more thing after its script; once it has answered, if it has not."""
        self._asked.append(step)
        self._wake.set()

    def add(self, listener: Listener) -> None:
        """Let somebody listen, from the next tick on."""
        self._listeners.append(listener)
        self._wake.set()

    def remove(self, listener: Listener) -> None:
        """Let somebody listen no longer."""
        self._listeners.remove(listener)

    async def run(self) -> None:
        """Carry sound from the answer on, until cancelled."""
        began = anyio.current_time()
        person = Person(self.callee, self._speak, began)
        ticks = 0
        while True:
            if self._wake.is_set():
                self._wake = anyio.Event()
            self._tick(person, began + ticks * FRAME_SECONDS)
            if self._is_busy(person):
                ticks += 1
            else:
                await self._sleep(person.due_at)
                # Still on the same grid, however long it slept; a tick that carried nothing may come again.
                late = (anyio.current_time() - began) / FRAME_SECONDS
                ticks = max(ticks, math.ceil(late - 1e-6))
            await anyio.sleep_until(began + ticks * FRAME_SECONDS)

    async def _sleep(self, until: float | None) -> None:
        with anyio.CancelScope(deadline=math.inf if until is None else until):
            await self._wake.wait()

    def _is_busy(self, person: Person) -> bool:
        return (
            person.speaking
            or self._sound is not None
            or any(listener.wants_frames for listener in self._listeners)
        )

    def _tick(self, person: Person, now: float) -> None:
        while self._asked:
            person.do_next(self._asked.pop(0), now)
        for news in person.act(now):
            if isinstance(news, HungUp):
                self._on_hang_up()
            for listener in tuple(self._listeners):
                listener.learn(news)
        played = self._play_frame(person, now)
        spoken = person.take_frame() or SILENCE
        for listener in tuple(self._listeners):
            if listener.wants_frames:
                listener.frame(BothWays(spoken, played))

    def _play_frame(self, person: Person, now: float) -> bytes:
        played = self._sound.next_frame() if self._sound else None
        if self._sound is None or not played:
            self.ear.end()
            if self._sound is not None and self._sound.over:
                self._sound = None
            return b""
        self.ear.hear(played, self._sound.kind)
        if is_voiced(played):
            person.hears_voice(now)
        return played
