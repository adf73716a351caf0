"""The promises of a carrier's media stream, `MediaLink` and `MediaListener`, as checks.

For carriers that claim `media_stream`; used like those of the carrier. The callee of the stage need not speak: silence
is audio.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.carrier_stage import CarrierStage, NotedAudio, NotingExchange
from voice_contracts.conformance.carrier_suite import CarrierSuite
from voice_contracts.conformance.promise import promise
from voice_domain.identity import CallId

__all__ = ("CarrierAudioConformance",)

_CALL = CallId("call-1")
_FRAME = b"\x10" * 160
_FRAME_SECONDS = 0.02
_PROMPT_SECONDS = 2.0
_LONG_FRAMES = 500


class CarrierAudioConformance(CarrierSuite):
    """Everything that playback, and the truth about what was heard, rely on."""

    sends_silence: bool = True
    """Whether frames come although nobody speaks; carriers with real telephone lines behind them send all the time."""

    plays_in_real_time: bool = True
    """Whether audio takes the time that it lasts."""

    @about(Area.AUDIO, supposes="media_stream")
    async def test_an_answered_call_has_audio_under_our_name_for_it(self) -> None:
        """The stream is bound to its call."""
        async with self._connected() as (_, exchange, _audio):
            names = list(exchange.audio)

        promise("A call's audio is attached under our name for the call.", kept=names == [_CALL], seen=names)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_a_mark_comes_back_when_what_precedes_it_was_played(self) -> None:
        """What was heard is known by marks."""
        sentence = "A mark comes back once everything that was sent before it was played."
        async with self._connected() as (_, exchange, audio):
            sent_at = anyio.current_time()
            self._say(audio, 50, "end")
            too_early = list(audio.marks)
            await exchange.until(
                sentence, lambda: "end" in audio.marks, deadline_seconds=1 + self.deadline_seconds
            )
            took_seconds = anyio.current_time() - sent_at

        promise("A mark is not called back while it is being sent.", kept=not too_early, seen=too_early)
        enough = took_seconds >= 50 * _FRAME_SECONDS * 0.9 or not self.plays_in_real_time
        promise("A mark does not come back before its audio was played.", kept=enough, seen=took_seconds)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_marks_come_back_once_and_in_order(self) -> None:
        """Each part of a speech is acknowledged by a mark of its own."""
        sentence = "Every mark comes back, one that follows nothing too."
        async with self._connected() as (_, exchange, audio):
            for number in range(3):
                self._say(audio, 5 * number, str(number))
            await exchange.until(
                sentence, lambda: len(audio.marks) >= 3, deadline_seconds=self.deadline_seconds
            )
            await anyio.sleep(_PROMPT_SECONDS)

        promise("Marks come back once each, in order.", kept=audio.marks == ["0", "1", "2"], seen=audio.marks)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_clear_brings_the_marks_of_what_it_drops_back_at_once(self) -> None:
        """Whoever interrupts us must not have to listen on."""
        sentence = "`clear` drops what was not played, and its marks come back at once."
        async with self._connected() as (_, exchange, audio):
            self._say(audio, _LONG_FRAMES, "cut")
            await anyio.sleep(_FRAME_SECONDS * 5)
            audio.link.clear()
            await exchange.until(sentence, lambda: "cut" in audio.marks, deadline_seconds=_PROMPT_SECONDS)

        promise("A mark that was cleared comes back once.", kept=audio.marks == ["cut"], seen=audio.marks)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_what_follows_a_clear_is_played(self) -> None:
        """After an interruption we answer it."""
        sentence = "What is sent after `clear` is played, without waiting for what was dropped."
        async with self._connected() as (_, exchange, audio):
            self._say(audio, _LONG_FRAMES, "cut")
            audio.link.clear()
            self._say(audio, 5, "next")
            await exchange.until(sentence, lambda: "next" in audio.marks, deadline_seconds=_PROMPT_SECONDS)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_the_counterparts_audio_comes_in_frames(self) -> None:
        """Everything behind the link counts in frames of 20 ms."""
        sentence = "The counterpart's audio comes while the call is up, silence included."
        async with self._connected() as (_, exchange, audio):
            if self.sends_silence:
                await exchange.until(
                    sentence, lambda: len(audio.frames) >= 10, deadline_seconds=self.deadline_seconds
                )
            sizes = sorted({len(frame) for frame in audio.frames} - {160})

        promise("The counterpart's audio comes in frames of 160 bytes.", kept=not sizes, seen=sizes)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_closing_a_link_may_be_repeated_and_ends_its_callbacks(self) -> None:
        """An older link is closed when a newer one takes over, and again at the end of the call."""
        async with self._connected() as (_, _exchange, audio):
            self._say(audio, 5, "late")
            audio.link.close()
            audio.link.close()
            await anyio.sleep(_PROMPT_SECONDS)

        promise("A closed link calls no mark back.", kept=not audio.marks, seen=audio.marks)

    @about(Area.AUDIO, supposes="media_stream")
    async def test_the_end_of_the_call_closes_the_link(self) -> None:
        """Nobody waits for audio that cannot come."""
        sentence = "When the call ends, the listener is told that its link is closed."
        async with self._connected() as (stage, exchange, audio):
            leg = next(signal.carrier_call_id for signal in exchange.signals if signal.carrier_call_id)
            await stage.hang_up(leg)
            await exchange.until(sentence, lambda: audio.closed, deadline_seconds=self.deadline_seconds)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[CarrierStage, NotingExchange, NotedAudio]]:
        """Open a stage with an answered call that has audio."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            await self.answered(stage, exchange)
            await exchange.until(
                "An answered call's audio is attached.",
                lambda: bool(exchange.audio),
                deadline_seconds=self.deadline_seconds,
            )
            yield stage, exchange, next(iter(exchange.audio.values()))

    def _say(self, audio: NotedAudio, frames: int, mark: str) -> None:
        for _ in range(frames):
            audio.link.send_frame(_FRAME)
        audio.link.send_mark(mark)
