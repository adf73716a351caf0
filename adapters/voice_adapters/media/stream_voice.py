"""The mouth and ear of a call whose audio comes to us frame by frame."""

import logging
from collections.abc import Awaitable, Callable

import anyio
import attrs

from voice_adapters.audio.voice_gate import VoiceGate, VoiceTurn
from voice_adapters.media.pacer import Pacer
from voice_adapters.media.playback import Playback
from voice_adapters.media.recording import CallRecording
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_domain.effects import Play
from voice_domain.identity import CallId
from voice_domain.inputs import (
    CallInput,
    HearingLost,
    StreamClosed,
    StreamStarted,
    VoiceBegan,
    VoiceEnded,
    WordsHeard,
)
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.clock import Clock
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Transcriber, TranscriptionError, TranscriptionSession, Words

__all__ = ("StreamVoice", "VoiceParts")

_log = logging.getLogger(__name__)

_FRAME_MS = 20
_VOICE_SILENCE_MS = 240


@attrs.frozen(kw_only=True)
class VoiceParts:
    """What the voices of all calls share."""

    synthesizer: Synthesizer
    transcriber: Transcriber
    pacer: Pacer
    clock: Clock
    prepare: Callable[[str, str], Awaitable[None]] | None = None
    """Synthesises a text (in a locale) beforehand; None where that is not possible."""
    silence_seconds: float = 8.0
    """How long the synthesizer may be silent before a part has failed."""


class StreamVoice(Voice):
    """Speaks through a playback queue, listens through a transcriber, and notices voices by their energy."""

    def __init__(
        self,
        call_id: CallId,
        parts: VoiceParts,
        *,
        report: Callable[[CallInput], None],
        moments: SpeechMoments,
        recording: CallRecording | None,
    ) -> None:
        self._call_id = call_id
        self._parts = parts
        self._report = report
        self._recording = recording
        self._playback = Playback(
            parts.synthesizer,
            parts.pacer,
            report=report,
            moments=moments,
            frame_sent=None if recording is None else recording.ours,
            silence_seconds=parts.silence_seconds,
        )
        self._link: MediaLink | None = None
        self._listener: _LinkListener | None = None
        self._gate = VoiceGate(_VOICE_SILENCE_MS)
        self._frames = 0
        self._ear: TranscriptionSession | None = None
        self._locale: str | None = None
        self._changed = anyio.Event()

    async def prepare(self, text: str, *, locale: str) -> None:
        """Synthesise *text* while it rings."""
        if self._parts.prepare is not None:
            await self._parts.prepare(text, locale)

    def play(self, order: Play) -> None:
        """Say a part after all others."""
        self._playback.play(order)

    def foresee(self, order: Play) -> None:
        """Begin to synthesise a part that will be ordered next."""
        self._playback.foresee(order)

    def forget(self) -> None:
        """What was foreseen is not ordered now."""
        self._playback.forget()

    def clear(self) -> None:
        """Stop and drop everything, reporting what was heard of it."""
        self._playback.clear()

    def cut(self) -> list[CallInput]:
        """As `clear`, but return the reports."""
        return self._playback.cut()

    def pause(self) -> None:
        """Be silent and remember where."""
        self._playback.pause()

    def resume(self) -> None:
        """Go on from there."""
        self._playback.resume()

    def listen(self, locale: str) -> None:
        """Transcribe the counterpart from now on."""
        self._locale = locale
        self._changed.set()

    def stop_listening(self) -> None:
        """Transcribe no more."""
        self._locale = None
        self._changed.set()

    def keys_sent(self) -> None:
        """What they cut of a stream, its marks do not confirm."""

    def attach(self, link: MediaLink) -> MediaListener:
        """Use this media link; an older one is closed and what it says counts no more."""
        older = self._link
        self._link = link
        self._listener = _LinkListener(self)
        if older is not None:
            older.close()
        self._playback.attach(link)
        self._report(StreamStarted(self._parts.clock.now_ms()))
        self._changed.set()
        return self._listener

    def played(self, played: SpeechPlayed) -> None:
        """Marks tell what a stream has played; a carrier's own voice says nothing here."""

    def frame_arrived(self, listener: "_LinkListener", payload: bytes) -> None:
        """Take a frame of the current link."""
        if listener is not self._listener:
            return
        if self._recording is not None:
            self._recording.theirs(payload)
        self._frames += 1
        change = self._gate.push(payload)
        if change is not None:
            ago_ms = (self._frames - change.at_frame) * _FRAME_MS
            at_ms = self._parts.clock.now_ms() - ago_ms
            started = change.turn is VoiceTurn.VOICE_STARTED
            self._report(VoiceBegan(at_ms) if started else VoiceEnded(at_ms))
            if started and self._ear is not None:
                self._ear.voice_began()
        if self._ear is not None:
            self._ear.feed(payload)

    def mark_played(self, listener: "_LinkListener", name: str) -> None:
        """The current link has played everything up to a mark."""
        if listener is self._listener:
            self._playback.mark_played(name)

    def link_closed(self, listener: "_LinkListener") -> None:
        """The current link broke."""
        if listener is self._listener:
            self._link = self._listener = None
            self._playback.detach()
            self._report(StreamClosed(self._parts.clock.now_ms()))

    async def run(self) -> None:
        """Work until cancelled, then close the link."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._playback.run)
                tasks.start_soon(self._hear)
                if self._recording is not None:
                    tasks.start_soon(self._recording.run)
        finally:
            self._listener = None
            if self._link is not None:
                self._link.close()
                self._link = None

    async def _hear(self) -> None:
        """Keep a transcription session open while the call listens and has a link."""
        while True:
            locale = self._locale
            if locale is None or self._link is None:
                await self._wait()
                continue
            try:
                await self._transcribe(locale)
            except TranscriptionError as error:
                # It has tried again by itself for as long as that makes sense.
                self._stop_hearing(str(error))
            except Exception as error:  # noqa: BLE001 - a transcriber is foreign code, and a counterpart talks
                self._stop_hearing(f"the transcriber broke: {type(error).__name__}")

    def _stop_hearing(self, problem: str) -> None:
        _log.warning("call %s: %s", self._call_id, problem)
        self._locale = None
        self._report(HearingLost(problem))

    async def _transcribe(self, locale: str) -> None:
        session = self._parts.transcriber.open(self._call_id, locale=locale, hearing=self._heard)
        async with session as ear:
            self._ear = ear
            try:
                while self._locale == locale:
                    await self._wait()
            finally:
                self._ear = None

    async def _wait(self) -> None:
        self._changed = anyio.Event()
        await self._changed.wait()

    def _heard(self, words: Words) -> None:
        at_ms = self._parts.clock.now_ms()
        until_ms = at_ms - self._gate.quiet_frames * _FRAME_MS if self._gate.voiced else None
        self._report(
            WordsHeard(
                at_ms,
                words.text,
                words.final,
                words.confidence,
                voice_until_ms=until_ms,
                ended_at_ms=None if words.ended_ago_ms is None else at_ms - words.ended_ago_ms,
            )
        )


class _LinkListener(MediaListener):
    """The ear of one link; once a newer link is attached, nobody listens to it."""

    __slots__ = ("_voice",)

    def __init__(self, voice: StreamVoice) -> None:
        self._voice = voice

    def frame_arrived(self, payload: bytes) -> None:
        self._voice.frame_arrived(self, payload)

    def mark_played(self, name: str) -> None:
        self._voice.mark_played(self, name)

    def link_closed(self) -> None:
        self._voice.link_closed(self)
