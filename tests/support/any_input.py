"""Inputs of every kind, drawn byte by byte: a run of bytes is a run of inputs, and shrinks as one."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from support.call_invariants import World
from support.story import CALLEE, LEG

from voice_domain.call import Call
from voice_domain.events import LatencyParts
from voice_domain.identity import CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    DialAccepted,
    DialRefused,
    DigitsRequested,
    GoodbyeRequested,
    HangUpConfirmed,
    HangUpRequested,
    HearingLost,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    PartFailed,
    PartHeard,
    PartStarted,
    ReplyFailed,
    ReplyFinished,
    ReplySentence,
    SpeakRequested,
    StatusTold,
    StreamClosed,
    StreamStarted,
    TransferForbidden,
    TransferRefused,
    TransferRequested,
    TurnTimed,
    VoiceBegan,
    VoiceEnded,
    WaiterWithdrawn,
    WordsHeard,
)
from voice_domain.vocabulary import EndReason

__all__ = ("AnyInput", "Bytes")

T = TypeVar("T")

_LEGS = (None, None, None, LEG, LEG, CarrierCallId("leg-2"))
_CLOCKS = (0, 0, 0, -1, -700, -1_000_000_000, 40_000, 9_000_000_000)
_TEXTS = ("Yes.", "What are your hours?", "", "请稍等。", "No")


class Bytes:
    """Bytes that are used up one by one."""

    def __init__(self, data: bytes) -> None:
        self._left = iter(data)
        self.empty = not data

    def number(self) -> int:
        """Return the next byte; 0 when there is none."""
        value = next(self._left, None)
        self.empty = self.empty or value is None
        return value or 0

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        return options[self.number() % len(options)]


class AnyInput:
    """Makes inputs that fit what is under way for a call, and inputs that do not."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._count = 0

    def spoken(self, data: Bytes, call: Call, world: World) -> CallInput:
        """Return a report of our own speech, true or not."""
        outstanding = [
            (speech.speech_id, part, text)
            for speech in call.speeches
            for part, text in enumerate(speech.parts)
            if speech.heard[part] is None
        ]
        pick = data.number()
        parts = outstanding if outstanding and pick % 8 else (world.parts or [(SpeechId("none"), 0, "None.")])
        name, part, text = parts[0] if pick % 3 else data.one_of(parts)
        choice = (pick // 8) % 8
        if choice < 3:
            return PartStarted(name, part)
        if choice < 6:
            return PartHeard(name, part, text)
        cut = text[: pick % 5]
        return PartHeard(name, part, cut) if choice == 6 else PartFailed(name, part, "no voice", cut)

    def heard(self, data: Bytes, _call: Call, _world: World) -> CallInput:
        """Return something that the counterpart does."""
        at, name, leg = self._told(data)
        text = data.one_of(_TEXTS)
        makers: tuple[Callable[[], CallInput], ...] = (
            lambda: VoiceBegan(at, name, leg),
            lambda: VoiceEnded(at, name, leg),
            lambda: VoiceBegan(at, name, leg),
            lambda: VoiceEnded(at, name, leg),
            lambda: WordsHeard(at, text, final=False, event_id=name, carrier_call_id=leg),
            lambda: WordsHeard(at, text, event_id=name, carrier_call_id=leg),
            lambda: KeysPressed(at, data.one_of(("1", "#", "")), name, leg),
        )
        return data.one_of(makers)()

    def replied(self, data: Bytes, call: Call, _world: World) -> CallInput:
        """Return something that the responder does, for this turn or another."""
        turn = data.one_of((call.turns, call.turns, call.turns, call.turns + 1, call.turns - 1))
        makers: tuple[Callable[[], CallInput], ...] = (
            lambda: ReplySentence(turn, data.one_of(_TEXTS)),
            lambda: ReplySentence(turn, data.one_of(_TEXTS)),
            lambda: ReplyFinished(turn),
            lambda: ReplyFinished(turn),
            lambda: ReplyFailed(turn, "overloaded"),
            lambda: TurnTimed(turn, LatencyParts(responder_ms=300)),
        )
        return data.one_of(makers)()

    def commanded(self, data: Bytes, call: Call, _world: World) -> CallInput:
        """Return something that a host wants, except that the call ends."""
        self._count += 1
        speech = SpeechId(f"speech-{self._count}")
        waiter = WaiterId(f"waiter-{self._count}")
        text = data.one_of(_TEXTS)
        makers: tuple[Callable[[], CallInput], ...] = (
            lambda: SpeakRequested(speech, text),
            lambda: ContinueRequested(speech, text, waiter),
            lambda: WaiterWithdrawn(call.waiter_id or waiter),
            lambda: DigitsRequested("1#"),
            lambda: TransferRequested(CALLEE),
            lambda: TransferRefused("no such number"),
            lambda: TransferForbidden("refused; denied"),
            lambda: ContinueRequested(speech, text, waiter),
        )
        return data.one_of(makers)()

    def signalled(self, data: Bytes, call: Call, _world: World) -> CallInput:
        """Return what a carrier tells of a line that lives, or that never comes to be answered."""
        at, name, leg = self._told(data)
        unanswered = call.answered_at_ms is None
        makers: tuple[Callable[[], CallInput], ...] = (
            lambda: LineRang(at, name, leg),
            lambda: LineAnswered(at, name, leg),
            lambda: LineBridged(at, name, leg),
            lambda: StreamStarted(at, name, leg),
            lambda: StreamClosed(at, name, leg),
            lambda: LineFailed(at, "overloaded", retryable=True, event_id=name, carrier_call_id=leg),
            lambda: DialAccepted(data.one_of(_LEGS[3:]) or LEG),
            lambda: LineEnded(at, EndReason.BUSY, "", name, leg) if unanswered else LineRang(at, name, leg),
        )
        return data.one_of(makers)()

    def confirmed(self, data: Bytes, _call: Call, _world: World) -> CallInput:
        """Return a report of the carrier's that the call may not be waiting for."""
        return data.one_of(
            (
                HangUpConfirmed(),
                TransferRefused("no such number"),
                DialAccepted(LEG),
                DialRefused("no credit left"),
                StreamClosed(self.now_ms),
                StatusTold(
                    alive=data.one_of((False, True, None)),
                    reason=data.one_of((None, EndReason.BUSY)),
                    answered=data.one_of((None, False, True)),
                    answered_at_ms=data.one_of((None, self.now_ms, self.now_ms - 5_000)),
                ),
            )
        )

    def ended(self, data: Bytes, _call: Call, _world: World) -> CallInput:
        """Return something that ends a call, or confirms it."""
        at, name, leg = self._told(data)
        self._count += 1
        farewell = GoodbyeRequested(SpeechId(f"speech-{self._count}"), data.one_of(_TEXTS))
        makers: tuple[Callable[[], CallInput], ...] = (
            HangUpConfirmed,
            HangUpConfirmed,
            lambda: LineEnded(at, data.one_of(tuple(EndReason)), "cause", name, leg),
            lambda: HangUpRequested(data.one_of((EndReason.HANGUP_BOT, EndReason.ERROR))),
            lambda: farewell,
            lambda: farewell,
            lambda: MachineAnswered(at, name, leg),
            lambda: HearingLost("deaf"),
            lambda: LineFailed(at, "broken", event_id=name, carrier_call_id=leg),
            lambda: DialRefused("no credit left"),
        )
        return data.one_of(makers)()

    def _told(self, data: Bytes) -> tuple[int, str, CarrierCallId | None]:
        """Return the carrier's time, event id (or none) and name for the leg (or none)."""
        pick = data.number()
        self._count += 1
        event_id = f"event-{self._count}" if pick % 2 else ""
        return self.now_ms + _CLOCKS[pick // 2 % len(_CLOCKS)], event_id, _LEGS[pick // 16 % len(_LEGS)]
