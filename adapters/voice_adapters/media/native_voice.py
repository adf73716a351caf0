"""The mouth and ear of a call that has no media stream: the carrier's own voices and its own transcription."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

import anyio

from voice_adapters.media.estimate import speech_seconds
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_domain.effects import Play
from voice_domain.errors import VoiceError
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import CallInput, HearingLost, PartFailed, PartHeard, PartStarted
from voice_domain.ports.carrier import CarrierError, NativeSpeech, SpeechPlayed, SpokenText, UnsupportedError
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.transcript import heard_part

__all__ = ("NativeVoice",)

_log = logging.getLogger(__name__)

_COMMAND_SECONDS = 15.0
_GRACE_SECONDS = 10.0
"""How much longer than estimated a text may take, where the carrier tells its end."""
_OVERDUE_SECONDS = 9.0
"""How much later than estimated the news of an end is not only late, but lost."""
_BREATH_SECONDS = 0.5
_SECOND_ATTEMPT_SECONDS = 1.0
_LIMIT = 64


class NativeVoice(Voice):
    """Has one part read at a time; what was heard of a part that is cut is estimated from the time it had."""

    def __init__(
        self,
        speech: NativeSpeech,
        *,
        carrier_call_id: Callable[[], CarrierCallId | None],
        report: Callable[[CallInput], None],
        moments: SpeechMoments,
        voice: str | None = None,
        failed: Callable[[VoiceError], None] | None = None,
    ) -> None:
        self._speech = speech
        self._voice = voice
        self._failed = failed
        """Is told what the carrier did not do."""
        self._carrier_call_id = carrier_call_id
        self._report = report
        self._moments = moments
        self._orders: deque[Play] = deque()
        self._began_at: float | None = None
        self._cut_at: float | None = None
        """When something first cut what is read, as far as its carrier has told; None if nothing did."""
        self._doubted_at: float | None = None
        """Since when keys of ours may have cut it; what the carrier tells of its end knows better."""
        self._giving: anyio.CancelScope | None = None
        """Cancelled when what the carrier is being asked to read is not wanted any more."""
        self._over = anyio.Event()
        self._changed = anyio.Event()
        self._silence_wanted = False
        self._locale: str | None = None
        self._listening = False

    async def prepare(self, text: str, *, locale: str) -> None:
        """Nothing to do: the carrier reads a text when it is given one."""

    def play(self, order: Play) -> None:
        """Have a part read after all others."""
        if len(self._orders) >= _LIMIT:
            self._report(PartFailed(order.speech_id, order.part, "too much waits to be said already"))
            return
        self._orders.append(order)
        self._changed.set()

    def foresee(self, order: Play) -> None:
        """Nothing to do, as for `prepare`."""

    def forget(self) -> None:
        """Nothing was begun."""

    def clear(self) -> None:
        """Stop and drop everything, reporting what was heard of it."""
        for report in self.cut():
            self._report(report)

    def cut(self) -> list[CallInput]:
        """As `clear`, but return the reports."""
        reports: list[CallInput] = []
        for place, order in enumerate(self._orders):
            heard = self._heard(order) if place == 0 and self._began_at is not None else ""
            reports.append(PartHeard(order.speech_id, order.part, heard))
        self._silence_wanted = self._began_at is not None
        self._orders.clear()
        self._began_at = None
        if self._giving is not None:
            self._giving.cancel()
        self._over.set()
        self._changed.set()
        return reports

    def pause(self) -> None:
        """A carrier's voice cannot hold its breath; words will cut it."""

    def resume(self) -> None:
        """Nothing was held."""

    def listen(self, locale: str) -> None:
        """Have the counterpart transcribed from now on."""
        self._locale = locale
        self._changed.set()

    def stop_listening(self) -> None:
        """Have nobody transcribed any more."""
        self._locale = None
        self._changed.set()

    def keys_sent(self) -> None:
        """Keys may cut what is read, and the news of it may never come."""
        if self._speech.tells_end and self._doubted_at is None:
            self._doubted_at = anyio.current_time()

    def attach(self, link: MediaLink) -> MediaListener:
        """Refuse: this call was given no stream.

        Raises:
            UnsupportedError: always.
        """
        link.close()
        raise UnsupportedError("this call", "a media stream")

    def played(self, played: SpeechPlayed) -> None:
        """The carrier reads a part no more."""
        head = self._orders[0] if self._orders else None
        if head is not None and (head.speech_id, head.part) == (played.speech_id, played.part):
            if played.cut_at_ms is not None:
                cut_at = anyio.current_time() - (played.at_ms - played.cut_at_ms) / 1000
                self._cut_at = cut_at if self._cut_at is None else min(self._cut_at, cut_at)
            if played.over:
                self._doubted_at = None
                self._over.set()

    async def run(self) -> None:
        """Give the carrier one command after the other until cancelled."""
        while True:
            self._changed = anyio.Event()
            if self._silence_wanted:
                self._silence_wanted = False
                await self._command(self._speech.silence)
            elif self._orders:
                await self._read(self._orders[0])
                continue
            if self._locale is not None and not self._listening:
                self._listening = True
                await self._begin_to_listen(self._locale)
            elif self._locale is None and self._listening:
                self._listening = False
                await self._command(self._speech.stop_listening)
            if not (self._orders or self._silence_wanted):
                await self._changed.wait()

    async def _read(self, order: Play) -> None:
        carrier_call_id = self._carrier_call_id()
        if carrier_call_id is None:
            self._finish(
                order, PartFailed(order.speech_id, order.part, "the carrier has not named the call yet")
            )
            return
        then_listen = self._locale is not None
        spoken = SpokenText(
            speech_id=order.speech_id,
            part=order.part,
            text=order.text,
            locale=order.locale,
            interruptible=order.interruptible,
            then_listen=then_listen,
            voice=self._voice,
        )
        self._over, self._cut_at, self._doubted_at = anyio.Event(), None, None
        try:
            self._moments.first_byte(order.speech_id, order.part)
            # A carrier that does not answer must not keep the next words waiting, nor be asked again for these.
            with anyio.fail_after(_COMMAND_SECONDS), anyio.CancelScope() as self._giving:
                await self._speech.speak(carrier_call_id, spoken)
        except (CarrierError, UnsupportedError, TimeoutError) as error:
            self._finish(order, PartFailed(order.speech_id, order.part, self._problem(error)))
            return
        finally:
            self._giving = None
        if not self._is_head(order):
            self._silence_wanted = True  # it was cleared while the carrier took it
            return
        self._listening = then_listen
        self._began_at = anyio.current_time()
        self._moments.first_frame(order.speech_id, order.part)
        self._report(PartStarted(order.speech_id, order.part))
        grace = _GRACE_SECONDS if self._speech.tells_end else _BREATH_SECONDS
        with anyio.move_on_after(speech_seconds(order.text) + grace):
            await self._over.wait()
        if self._is_head(order):
            self._finish(order, PartHeard(order.speech_id, order.part, self._heard_when_over(order)))

    def _finish(self, order: Play, report: CallInput) -> None:
        if self._is_head(order):
            self._orders.popleft()
            self._began_at = None
            self._report(report)

    def _is_head(self, order: Play) -> bool:
        return bool(self._orders) and self._orders[0] is order

    def _heard_when_over(self, order: Play) -> str:
        cut = self._cut_at is not None or self._doubted_at is not None
        told = self._over.is_set() or not self._speech.tells_end
        return order.text if told and not cut else self._heard(order)

    def _heard(self, order: Play) -> str:
        """Return what was heard until now, or until something first cut it, by the time that it takes to be said.

        Once the news of its end is long overdue, nothing is known: what the counterpart cut it with is lost as well.
        """
        assert self._began_at is not None  # only what began can have been heard
        now = anyio.current_time()
        cuts = [at for at in (self._cut_at, self._doubted_at) if at is not None]
        whole = max(speech_seconds(order.text), 0.1)
        overdue = self._speech.tells_end and now - self._began_at > whole + _OVERDUE_SECONDS
        if overdue and not cuts and order.interruptible and not self._over.is_set():
            return ""
        return heard_part(order.text, played=max(0.0, min([now, *cuts]) - self._began_at) / whole)

    async def _begin_to_listen(self, locale: str) -> None:
        """Have the counterpart transcribed; that nobody can do it is told after a second attempt."""
        listen = partial(self._speech.listen, locale=locale)
        if not await self._command(listen):
            return
        # Meanwhile it may be told that the call is over, which is the usual reason.
        await anyio.sleep(_SECOND_ATTEMPT_SECONDS)
        problem = await self._command(listen)
        if problem:
            self._report(HearingLost(problem))

    async def _command(self, command: Callable[[CarrierCallId], Awaitable[None]]) -> str:
        """Give a command; return why it was not carried out, empty if it was."""
        carrier_call_id = self._carrier_call_id()
        if carrier_call_id is None:
            return ""
        try:
            with anyio.fail_after(_COMMAND_SECONDS):
                await command(carrier_call_id)
        except (CarrierError, UnsupportedError, TimeoutError) as error:
            problem = self._problem(error)
            _log.warning("the carrier did not change its speech: %s", problem)
            return problem
        return ""

    def _problem(self, error: VoiceError | TimeoutError) -> str:
        if isinstance(error, TimeoutError):
            return f"the carrier did not answer within {_COMMAND_SECONDS:.0f} s"
        if self._failed is not None:
            self._failed(error)
        return str(error)
