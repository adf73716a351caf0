"""From a media stream to the carrier's own voice, when our speech services fail, or a stream outlives no restart."""

import logging
from collections.abc import Callable

import anyio

from voice_adapters.media.voice import Voice
from voice_domain.effects import Play
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput, HearingLost, PartFailed, PartHeard
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.media import MediaLink, MediaListener

__all__ = ("FallbackVoice",)

_log = logging.getLogger(__name__)

Report = Callable[[CallInput], None]


class FallbackVoice(Voice):
    """Uses the stream until a part cannot be spoken or the transcriber is gone for good; from then on the carrier.

    So it does with a call that another process has left, if its stream is not back in time.

    The part that failed, and everything behind it, is said by the carrier's voice; nothing is said twice, because
    a part that was heard in part is reported as cut and not repeated. There is no way back within a call.
    """

    def __init__(
        self,
        call_id: CallId,
        *,
        make_stream: Callable[[Report], Voice],
        make_native: Callable[[Report], Voice],
        report: Report,
        native_listens: bool = True,
        back_within: float | None = None,
    ) -> None:
        self._call_id = call_id
        self._report = report
        self._native_listens = native_listens
        """Whether the carrier transcribes; where it does not, a transcriber that is gone is a call's loss."""
        self._back_within = back_within
        """Seconds that a call which had a stream in another process waits for it; None for any other call."""
        self._stream = make_stream(self._from_stream)
        self._native = make_native(report)
        self._current: Voice = self._stream
        self._orders: dict[tuple[str, int], Play] = {}
        self._locale: str | None = None
        self._fell = anyio.Event()
        self._came = anyio.Event()

    async def prepare(self, text: str, *, locale: str) -> None:
        """Get *text* ready for the stream."""
        await self._stream.prepare(text, locale=locale)

    def play(self, order: Play) -> None:
        """Say a part after all others."""
        self._orders[(order.speech_id, order.part)] = order
        self._current.play(order)

    def foresee(self, order: Play) -> None:
        """Begin to make the sound of a part that will be ordered next."""
        self._current.foresee(order)

    def forget(self) -> None:
        """What was foreseen is not ordered now."""
        self._current.forget()

    def clear(self) -> None:
        """Stop and drop everything, reporting what was heard of it."""
        self._orders.clear()
        self._current.clear()

    def cut(self) -> list[CallInput]:
        """As `clear`, but return the reports."""
        self._orders.clear()
        return self._current.cut()

    def pause(self) -> None:
        """Be silent and remember where."""
        self._current.pause()

    def resume(self) -> None:
        """Go on from there."""
        self._current.resume()

    def listen(self, locale: str) -> None:
        """Transcribe the counterpart from now on."""
        self._locale = locale
        self._current.listen(locale)

    def stop_listening(self) -> None:
        """Transcribe no more."""
        self._locale = None
        self._current.stop_listening()

    def keys_sent(self) -> None:
        """Keys are being pressed for us."""
        self._current.keys_sent()

    def attach(self, link: MediaLink) -> MediaListener:
        """Use this media link; after the fall it is refused.

        Raises:
            UnsupportedError: if the call has done without a stream already.
        """
        listener = self._current.attach(link)
        self._came.set()
        return listener

    def played(self, played: SpeechPlayed) -> None:
        """The carrier's own voice has read a part to its end."""
        self._current.played(played)

    async def run(self) -> None:
        """Work with the stream until it falls, then with the carrier, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._stream.run)
            if self._back_within is not None:
                tasks.start_soon(self._expect_stream, self._back_within)
            await self._fell.wait()
            tasks.cancel_scope.cancel()
        await self._native.run()

    async def _expect_stream(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._came.wait()
        if not self._came.is_set():
            self._fall("the media stream broke and did not come back")

    def _from_stream(self, given: CallInput) -> None:
        if self._fell.is_set():
            return  # a stream that we have left has nothing to say, least of all that it closed
        match given:
            case PartFailed(heard="") if (given.speech_id, given.part) in self._orders:
                self._fall(given.error)
            case PartHeard() | PartFailed():
                self._orders.pop((given.speech_id, given.part), None)
                self._report(given)
            case HearingLost() if self._native_listens:
                self._fall(given.error)
            case _:
                self._report(given)

    def _fall(self, problem: str) -> None:
        _log.warning("call %s: the carrier speaks and listens from now on: %s", self._call_id, problem)
        for report in self._stream.cut():
            assert isinstance(report, PartHeard)  # a voice that is cut tells what was heard, and nothing else
            if report.heard:
                self._orders.pop((report.speech_id, report.part), None)
                self._report(report)
        self._fell.set()
        self._current = self._native
        if self._locale is not None:
            self._native.listen(self._locale)
        for order in self._orders.values():
            self._native.play(order)
