"""What the suites for carriers stand on: a carrier at work, its far end, and an exchange that notes everything."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import anyio
import anyio.lowlevel

from voice_contracts.conformance.promise import promise_in_time
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import Carrier, CarrierSignal, Exchange
from voice_domain.ports.media import MediaLink, MediaListener

__all__ = ("CarrierStage", "FailingStage", "NotedAudio", "NotingExchange", "PressingStage", "TalkingStage")

_N = TypeVar("_N")


class NotedAudio(MediaListener):
    """One call's audio, as it reached us."""

    def __init__(self, link: MediaLink, changed: Callable[[], None]) -> None:
        self.link = link
        self.frames: list[bytes] = []
        """The newest hundred."""
        self.marks: list[str] = []
        self.closed = False
        self._changed = changed

    def frame_arrived(self, payload: bytes) -> None:
        """Note a frame."""
        self.frames = [*self.frames[-99:], payload]
        self._changed()

    def mark_played(self, name: str) -> None:
        """Note a mark."""
        self.marks.append(name)
        self._changed()

    def link_closed(self) -> None:
        """Note the end."""
        self.closed = True
        self._changed()


class NotingExchange(Exchange):
    """Takes everything that a carrier tells and gives, and lets a check wait for it."""

    def __init__(self) -> None:
        self.signals: list[CarrierSignal] = []
        self.audio: dict[CallId, NotedAudio] = {}
        self._changed = anyio.Event()

    async def tell(self, signal: CarrierSignal) -> None:
        """Note a signal."""
        await anyio.lowlevel.checkpoint()
        self.signals.append(signal)
        self._change()

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        """Note a link."""
        self.audio[call_id] = audio = NotedAudio(link, self._change)
        self._change()
        return audio

    async def until(self, sentence: str, happened: Callable[[], bool], *, deadline_seconds: float) -> None:
        """Wait until something *happened*; fail with the promise *sentence* if it does not in time."""
        with promise_in_time(sentence, deadline_seconds=deadline_seconds):
            while not happened():
                await self._changed.wait()

    def news(self, kind: type[_N], carrier_call_id: CarrierCallId) -> list[_N]:
        """Return the news of one kind about one leg, in order, also under a name that news have given it since."""
        names = {carrier_call_id}
        for signal in self.signals:
            renamed = getattr(signal.news, "carrier_call_id", None)
            if signal.carrier_call_id in names and renamed is not None:
                names.add(renamed)
        return [
            signal.news
            for signal in self.signals
            if isinstance(signal.news, kind) and signal.carrier_call_id in names
        ]

    def _change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


class CarrierStage(Protocol):
    """A carrier at work, and the people at its far end. Nobody there does anything unless told to."""

    @property
    def carrier(self) -> Carrier:
        """The carrier under test; it tells the exchange that the stage was opened with."""
        ...

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Have the callee of a dialled leg answer."""
        ...

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """Have the counterpart of an answered leg hang up."""
        ...

    async def ring_in(self) -> CarrierCallId:
        """Have somebody call our number; returns once the exchange was told. Asked of carriers with `inbound` only."""
        ...


class TalkingStage(Protocol):
    """A stage whose people speak; carriers that claim `native_listening` are shown on one."""

    async def say(self, carrier_call_id: CarrierCallId, words: str) -> None:
        """Have the counterpart of an answered leg say *words*."""
        ...


class PressingStage(Protocol):
    """A stage whose people press keys."""

    async def press(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Have the counterpart of an answered leg press *digits*."""
        ...


class FailingStage(Protocol):
    """A stage whose network can be out of order."""

    async def fail(self) -> None:
        """Have the network refuse whatever the carrier asks for, from now on."""
        ...
