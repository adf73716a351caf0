"""The playback queue of one call: strictly ordered, bounded, and honest about what was heard.

Text goes in, frames go out to the call's media link, paced against absolute deadlines with a small lead, so that
`clear` takes back almost everything. What was heard is known by the marks that the far end echoes; between marks it
is the frames whose time has passed since the far end began to play.
"""

import logging
from collections.abc import Callable

import anyio

from voice_adapters.media.pacer import FRAME_SECONDS, Pacer
from voice_adapters.media.part import Part
from voice_adapters.media.sign_of_life import known_until
from voice_adapters.media.synthesis import Synthesis
from voice_adapters.media.voice import SpeechMoments
from voice_domain.effects import Play
from voice_domain.inputs import CallInput, HangUpRequested, PartFailed, PartHeard, PartStarted
from voice_domain.ports.media import MediaLink
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.vocabulary import EndReason

__all__ = ("PLAYBACK_LIMIT", "Playback")

_log = logging.getLogger(__name__)

PLAYBACK_LIMIT = 64
"""Parts that may wait in one call; a further one fails at once."""

_LEAD_FRAMES = 4
_MARK_GRACE_SECONDS = 2.0
_LINK_SECONDS = 5.0

Report = Callable[[CallInput], None]
FrameSent = Callable[[bytes, float], None]
"""Told every frame and the loop's time at which it will be heard."""


class Playback:
    """Says what it is told to, in order; lives in the scope of its call."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        pacer: Pacer,
        *,
        report: Report,
        moments: SpeechMoments,
        frame_sent: FrameSent | None = None,
        silence_seconds: float = 8.0,
    ) -> None:
        self._synthesis = Synthesis(
            synthesizer,
            silence_seconds=silence_seconds,
            moments=moments,
            give=self._add,
            complete=self._beat_on,
        )
        self._pacer = pacer
        self._report = report
        self._moments = moments
        self._frame_sent = frame_sent
        self._link: MediaLink | None = None
        self._realtime = True
        # Lists, because they are short and an empty deque weighs ten times as much.
        self._parts: list[Part] = []
        self._foreseen: list[Part] = []
        self._beating = False
        self._paused = False
        self._epoch = 0
        self._marks: dict[str, Part] = {}
        self._base: float | None = None
        self._sent = 0
        self._heard = 0
        self._waiting_since = 0.0

    def attach(self, link: MediaLink) -> None:
        """Say everything to *link* from now on; what an older link has not played is said again."""
        self._take_back()
        self._link = link
        self._realtime = link.realtime
        self._beat_on()

    def detach(self) -> None:
        """The link is gone; wait for another one."""
        self._take_back()
        self._link = None
        self._waiting_since = anyio.current_time()

    def play(self, order: Play) -> None:
        """Say a part after all others."""
        if len(self._parts) >= PLAYBACK_LIMIT:
            self._report(PartFailed(order.speech_id, order.part, "too much waits to be said already"))
            return
        if not self._parts:
            self._waiting_since = anyio.current_time()
        part = next((part for part in self._foreseen if part.order == order), None)
        if part is None:
            part = self._begun(order)
        else:
            self._foreseen.remove(part)
        self._parts.append(part)
        if part.frames:
            self._send_at_once()
        else:
            self._beat_on()

    def foresee(self, order: Play) -> None:
        """Begin to make the sound of a part that will be ordered next; nothing of it is heard before that."""
        if len(self._parts) + len(self._foreseen) < PLAYBACK_LIMIT:
            self._foreseen.append(self._begun(order))

    def forget(self) -> None:
        """What was foreseen is not ordered now."""
        for part in self._foreseen:
            self._synthesis.drop(part)
        self._foreseen.clear()

    def _begun(self, order: Play) -> Part:
        part = Part(order)
        self._synthesis.want(part)
        return part

    def clear(self) -> None:
        """Stop at once and drop everything that can be interrupted or not; report what was heard of each part."""
        for report in self.cut():
            self._report(report)

    def cut(self) -> list[CallInput]:
        """Stop at once, drop everything, and return what was heard of each part."""
        self._silence_link()
        self._synthesis.drop_all()
        reports: list[CallInput] = [
            PartHeard(part.order.speech_id, part.order.part, part.heard_text())
            for part in self._parts
            if not part.reported
        ]
        for part in self._parts:
            part.reported = True
        self._parts.clear()
        self._foreseen.clear()
        self._paused = False
        self._new_run()
        return reports

    def pause(self) -> None:
        """Be silent at once, and remember where."""
        self._take_back()
        self._paused = True

    def resume(self) -> None:
        """Go on from where it was paused."""
        self._paused = False
        for part in self._parts:
            if part.started and not part.reported:
                part.started = False
                break
        self._beat_on()

    def mark_played(self, name: str) -> None:
        """The far end has played everything up to this mark."""
        part = self._marks.pop(name, None)
        if part is None:
            return
        for earlier in self._parts:
            self._heard += earlier.acknowledge(len(earlier.unheard))
            if earlier is part:
                break
        self._finish(part)

    async def run(self) -> None:
        """Turn parts into frames, one after the other, until cancelled."""
        await self._synthesis.run()

    def _add(self, part: Part, frames: list[bytes]) -> None:
        awaited = not part.frames
        part.frames.extend(frames)
        part.total += len(frames)
        if awaited and frames and part not in self._foreseen:
            self._send_at_once()

    def _send_at_once(self) -> None:
        """Somebody waits for what there is now: it does not wait for the next tick."""
        now = anyio.current_time()
        self._start_afresh_if_dry(now)
        if not self._beating:
            self._beat_on()
        elif self._link is not None and not self._paused:
            self._send_due(now, self._link)

    def _beat_on(self) -> None:
        if not self._beating and self._parts and not self._paused:
            self._beating = True
            if self.beat(anyio.current_time()):
                self._pacer.add(self._tick)

    def _tick(self, now: float) -> bool:
        try:
            return self.beat(now)
        except Exception as error:  # noqa: BLE001 - a link is foreign code; without sound the call is to end
            _log.exception("the sound of a call broke")
            self._report(HangUpRequested(EndReason.ERROR, f"internal error: {type(error).__name__}"))
            return False

    def beat(self, now: float) -> bool:
        """Send what is due; return whether there is more to wait for."""
        if not self._parts or self._paused:
            self._beating = False
            return False
        if self._link is None:
            self._give_up_without_link(now)
        else:
            self._send_due(now, self._link)
            if self._marks:
                self._give_up_marks(known_until(now, self._link))
        self._beating = bool(self._parts) and not self._paused
        return self._beating

    def _send_due(self, now: float, link: MediaLink) -> None:
        if self._base is None:
            self._base = now
        played = self._played(now)
        while self._sent < played + _LEAD_FRAMES or not self._realtime:
            part = self._next_to_send(link)
            if part is None:
                break
            if not part.frames:
                self._start_afresh_if_dry(now)
                break
            self._send(part, link)
        self._acknowledge(min(played, self._played(known_until(now, link))))

    def _start_afresh_if_dry(self, now: float) -> None:
        """When the far end has played everything while the synthesizer works, what follows starts a new stretch."""
        if self._realtime and self._base is not None and self._sent <= self._played(now):
            self._base = now - self._sent * FRAME_SECONDS

    def _played(self, now: float) -> int:
        """Return how many frames of this stretch the far end has had time to play."""
        if self._base is None:
            return 0
        return int((now - self._base) / FRAME_SECONDS + 1e-6) if self._realtime else self._sent

    def _next_to_send(self, link: MediaLink) -> Part | None:
        """Return the part whose frame is next, closing those that are wholly sent on the way."""
        if self._parts and self._parts[0].frames:
            return self._parts[0]
        for part in tuple(self._parts):
            if part.frames or not part.complete:
                return part
            if part.total == 0:
                self._finish(part)
            elif part.mark == "":
                part.mark = f"{self._epoch}.{part.order.speech_id}.{part.order.part}"
                self._marks[part.mark] = part
                base = self._base or 0.0
                part.mark_due = base + self._sent * FRAME_SECONDS + _MARK_GRACE_SECONDS
                link.send_mark(part.mark)
        return None

    def _send(self, part: Part, link: MediaLink) -> None:
        frame = part.take()
        link.send_frame(frame)
        if self._frame_sent is not None:
            self._frame_sent(frame, (self._base or 0.0) + self._sent * FRAME_SECONDS)
        self._sent += 1
        if not part.started:
            part.started = True
            self._moments.first_frame(part.order.speech_id, part.order.part)
            self._report(PartStarted(part.order.speech_id, part.order.part))
        self._synthesis.frame_taken(part)

    def _acknowledge(self, heard: int) -> None:
        for part in self._parts:
            if self._heard >= heard:
                break
            self._heard += part.acknowledge(heard - self._heard)

    def _silence_link(self) -> None:
        """Make the far end drop what it has not played; its marks come back at once and mean nothing then."""
        self._marks.clear()
        if self._link is not None:
            self._acknowledge(self._played(known_until(anyio.current_time(), self._link)))
            if self._sent > self._heard:
                self._link.clear()

    def _take_back(self) -> None:
        """Silence the far end and put what it has not played back in front of the queue."""
        self._silence_link()
        for part in self._parts:
            part.take_back()
        self._new_run()

    def _new_run(self) -> None:
        self._epoch += 1
        self._marks.clear()
        self._base = None
        self._sent = self._heard = 0
        for part in self._parts:
            part.mark = ""

    def _finish(self, part: Part) -> None:
        """A part is over: report it and make room."""
        if part in self._parts:
            self._parts.remove(part)
        if part.reported:
            return
        part.reported = True
        name, number = part.order.speech_id, part.order.part
        if part.error:
            self._report(PartFailed(name, number, part.error, part.heard_text()))
        else:
            self._report(PartHeard(name, number, part.heard_text()))

    def _give_up_marks(self, now: float) -> None:
        """A mark that does not come back counts as played after its time plus a grace, while the far end lives."""
        overdue = [name for name, part in self._marks.items() if now > part.mark_due]
        for name in overdue:
            self.mark_played(name)

    def _give_up_without_link(self, now: float) -> None:
        if now - self._waiting_since < _LINK_SECONDS:
            return
        for part in tuple(self._parts):
            part.error = part.error or f"the call had no media stream for {_LINK_SECONDS:.0f} s"
            self._finish(part)
        self._foreseen.clear()
        self._synthesis.drop_all()  # else it waits for room in a part that nobody will play
