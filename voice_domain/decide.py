"""The one decision function: what an input means for a call.

Pure: no input, output, clock, chance or logging. The gate table says whether an input is taken at all; the rules
say what is recorded and ordered; the difference in due times becomes timer effects, so that every timer that is
started is cancelled or fires.
"""

from collections.abc import Mapping

import attrs

from voice_domain.call import Call
from voice_domain.effects import Answer, CancelTimer, Dial, Effect, Reject, StartTimer
from voice_domain.events import CallEvent, ClosingBegan, NewsIgnored, Opened
from voice_domain.evolve import opened_call
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
    TimerFired,
    TransferForbidden,
    TransferRefused,
    TransferRequested,
    TurnTimed,
    VoiceBegan,
    VoiceEnded,
    WaiterWithdrawn,
    WordsHeard,
)
from voice_domain.refusals import CallEndedError, NotConnectedError
from voice_domain.rules import commands, hearing, leaving, line, playback, speech, timers, turns
from voice_domain.rules.draft import Draft
from voice_domain.states import Gate, InputKind, gate_of
from voice_domain.terms import Timer
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("KIND_OF_INPUT", "Decision", "adopt_call", "decide", "open_call", "refuse_call")

_K = InputKind

KIND_OF_INPUT: Mapping[type, InputKind] = {
    SpeakRequested: _K.COMMAND,
    ContinueRequested: _K.COMMAND,
    DigitsRequested: _K.COMMAND,
    TransferRequested: _K.COMMAND,
    WaiterWithdrawn: _K.HANG_UP,
    HangUpRequested: _K.HANG_UP,
    GoodbyeRequested: _K.HANG_UP,
    DialAccepted: _K.DIAL_REPORT,
    DialRefused: _K.DIAL_REPORT,
    HangUpConfirmed: _K.CLOSE_REPORT,
    LineRang: _K.LINE_NEWS,
    LineAnswered: _K.LINE_NEWS,
    LineBridged: _K.LINE_NEWS,
    MachineAnswered: _K.LINE_NEWS,
    LineEnded: _K.LINE_NEWS,
    LineFailed: _K.LINE_NEWS,
    VoiceBegan: _K.HEARING,
    VoiceEnded: _K.HEARING,
    WordsHeard: _K.HEARING,
    KeysPressed: _K.HEARING,
    PartStarted: _K.SPEECH_REPORT,
    PartHeard: _K.SPEECH_REPORT,
    PartFailed: _K.SPEECH_REPORT,
    ReplySentence: _K.REPLY,
    ReplyFinished: _K.REPLY,
    ReplyFailed: _K.REPLY,
    TurnTimed: _K.REPLY,
    StreamStarted: _K.STREAM_OPENED,
    StreamClosed: _K.STREAM_LOST,
    HearingLost: _K.STREAM_LOST,
    StatusTold: _K.STATUS_REPORT,
    TransferRefused: _K.TRANSFER_REPORT,
    TransferForbidden: _K.TRANSFER_VERDICT,
    TimerFired: _K.TIMER,
}
"""Which row of the gate table judges which input."""


@attrs.frozen
class Decision:
    """What follows from an input."""

    call: Call
    """The call after the events."""
    events: tuple[CallEvent, ...]
    """What happened, to be made durable before anything else is done."""
    effects: tuple[Effect, ...]
    """What to do about it, in this order."""


def open_call(opened: Opened) -> Decision:
    """Return how a call begins: an outbound one is dialled, an inbound one is answered."""
    call = opened_call(opened)
    effects: list[Effect] = []
    if opened.direction is Direction.OUTBOUND:
        assert opened.caller is not None  # our own number is never withheld
        terms = opened.terms
        effects.append(
            Dial(opened.caller, opened.callee, ring_ms=terms.ring_ms, cap_ms=terms.ring_ms + terms.max_ms)
        )
    elif opened.carrier_call_id is not None:
        effects.append(Answer(opened.carrier_call_id))
    return Decision(call, (opened,), (*effects, *_timer_effects({}, call.due)))


def adopt_call(opened: Opened) -> Decision:
    """Return how a call begins that others have dialled: nothing is asked of the carrier."""
    assert opened.carrier_call_id is not None  # that is how we know of it
    call = opened_call(opened)
    return Decision(call, (opened,), tuple(_timer_effects({}, call.due)))


def refuse_call(opened: Opened, *, busy: bool, error: str) -> Decision:
    """Return how an inbound call that we do not take begins and is about to end: it is never answered."""
    assert opened.carrier_call_id is not None  # an inbound call has its carrier's name from the start
    draft = Draft(opened_call(opened), at_ms=opened.at_ms)
    reason = EndReason.BUSY if busy else EndReason.HANGUP_BOT
    draft.record(ClosingBegan(opened.at_ms, reason, error))
    return Decision(draft.call, (opened, *draft.events), (Reject(opened.carrier_call_id, busy=busy),))


def decide(call: Call, given: CallInput, now_ms: int) -> Decision:
    """Return what *given* means for *call* at *now_ms* (epoch milliseconds).

    Late and repeated news and obsolete reports change nothing; of the first, their event ids are remembered.

    Raises:
        NotConnectedError: for a command that needs an answered call.
        CallEndedError: for a command on a call that is over or closing.
        AlreadyWaitingError: for a second `ContinueRequested`.
    """
    source: str = getattr(given, "event_id", "")
    if source and source in call.seen:
        return Decision(call, (), ())
    gate = gate_of(KIND_OF_INPUT[type(given)], call.line)
    if gate is Gate.NOT_CONNECTED:
        raise NotConnectedError(call.call_id)
    if gate is Gate.CALL_ENDED:
        raise CallEndedError(call.call_id)
    told_ms: int = getattr(given, "at_ms", now_ms)
    draft = Draft(call, at_ms=max(call.last_at_ms, min(told_ms, now_ms)), source=source)
    line.adopt(draft, given)
    if gate is Gate.PROVES_ANSWER:
        line.answer(draft)
    if gate is not Gate.IGNORED:
        _apply(draft, given)
    if source and not draft.events and not call.is_over:
        draft.record(NewsIgnored(draft.at_ms, source))
    effects = (*draft.effects, *_timer_effects(call.due, draft.call.due))
    return Decision(draft.call, tuple(draft.events), effects)


def _apply(draft: Draft, given: CallInput) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an input
    match given:
        case PartStarted():
            speech.part_started(draft, given)
        case PartHeard():
            playback.part_heard(draft, given)
        case PartFailed():
            playback.part_failed(draft, given)
        case WordsHeard():
            hearing.words_heard(draft, given)
        case VoiceBegan():
            hearing.voice_began(draft)
        case VoiceEnded():
            hearing.voice_ended(draft)
        case KeysPressed():
            hearing.keys_pressed(draft, given)
        case ReplySentence():
            turns.reply_sentence(draft, given)
        case ReplyFinished():
            turns.reply_finished(draft, given)
        case ReplyFailed():
            turns.reply_failed(draft, given)
        case TurnTimed():
            turns.turn_timed(draft, given)
        case TimerFired():
            timers.timer_fired(draft, given)
        case SpeakRequested():
            commands.speak_requested(draft, given)
        case ContinueRequested():
            commands.continue_requested(draft, given)
        case WaiterWithdrawn():
            commands.waiter_withdrawn(draft, given)
        case DigitsRequested():
            commands.digits_requested(draft, given)
        case TransferRequested():
            commands.transfer_requested(draft, given)
        case TransferRefused():
            commands.transfer_refused(draft, given)
        case TransferForbidden():
            commands.transfer_forbidden(draft, given)
        case GoodbyeRequested():
            leaving.goodbye_requested(draft, given)
        case HangUpRequested():
            line.hang_up_requested(draft, given)
        case HangUpConfirmed():
            line.hang_up_confirmed(draft)
        case DialAccepted():
            pass  # the carrier's name was adopted above
        case DialRefused():
            line.dial_refused(draft, given)
        case LineRang():
            line.ring(draft)
        case LineAnswered():
            line.answer(draft)
        case LineBridged():
            line.bridge(draft)
        case MachineAnswered():
            line.close(draft, EndReason.VOICEMAIL)
        case LineEnded():
            line.line_ended(draft, given)
        case LineFailed():
            line.line_failed(draft, given)
        case StreamStarted():
            line.stream_started(draft)
        case StreamClosed():
            line.stream_closed(draft)
        case HearingLost():
            leaving.hearing_lost(draft, given)
        case StatusTold():
            timers.status_told(draft, given)


def _timer_effects(before: Mapping[Timer, int], after: Mapping[Timer, int]) -> list[Effect]:
    if before is after or before == after:
        return []
    effects: list[Effect] = [CancelTimer(timer) for timer in before if timer not in after]
    effects += [StartTimer(timer, due) for timer, due in after.items() if before.get(timer) != due]
    return effects
