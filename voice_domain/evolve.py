"""How events add up to a call: the fold that turns a call's history into its state."""

from collections.abc import Iterable, Mapping

from voice_domain.call import Call
from voice_domain.changes import hearing, line, speech, turns
from voice_domain.changes.moves import BrokenHistoryError, Changes
from voice_domain.events import (
    Answered,
    Bridged,
    CallEvent,
    ClosingBegan,
    CounterpartSpoke,
    Dialled,
    DigitsPressed,
    DigitsSent,
    Ended,
    HearingFailed,
    NewsIgnored,
    Opened,
    PartialHeard,
    Rang,
    SpeechHeard,
    SpeechOver,
    SpeechQueued,
    SpeechResumed,
    SpeechStarted,
    StatusAsked,
    StreamLost,
    StreamOpened,
    TransferDenied,
    TransferFailed,
    Transferred,
    TurnAsked,
    TurnDropped,
    TurnFinished,
    TurnMeasured,
    UtteranceHeard,
    VoiceStarted,
    VoiceStopped,
    WaiterReleased,
    WaiterSet,
)
from voice_domain.states import Floor, Line
from voice_domain.terms import Timer
from voice_domain.vocabulary import Direction

__all__ = ("SEEN_LIMIT", "BrokenHistoryError", "evolve", "fold", "opened_call")

SEEN_LIMIT = 500
"""How many of the carrier's event ids a call remembers; the oldest is forgotten first."""


def opened_call(opened: Opened) -> Call:
    """Return the call that *opened* begins."""
    inbound = opened.direction is Direction.INBOUND
    terms, at = opened.terms, opened.at_ms
    due = {Timer.RING: at + terms.ring_ms, Timer.HARD_CAP: at + terms.ring_ms + terms.max_ms}
    if terms.stale_ms:
        due[Timer.STALE] = at + terms.stale_ms
    begin = Line.RINGING if inbound else Line.DIALLING
    return Call(
        opened=opened,
        version=1,
        line=begin,
        reached=begin,
        floor=Floor.NOBODY,
        last_at_ms=at,
        carrier_call_id=opened.carrier_call_id,
        due=due,
        seen={opened.source: None} if opened.source else {},
    )


def fold(events: Iterable[CallEvent]) -> Call:
    """Return the call whose history *events* is.

    Raises:
        BrokenHistoryError: if the first event, and only it, is not `Opened`, or a move is illegal.
    """
    call: Call | None = None
    for event in events:
        if isinstance(event, Opened):
            if call is not None:
                raise BrokenHistoryError("it begins twice")
            call = opened_call(event)
        elif call is None:
            raise BrokenHistoryError("it does not begin with the call being opened")
        else:
            call = evolve(call, event)
    if call is None:
        raise BrokenHistoryError("it is empty")
    return call


def evolve(call: Call, event: CallEvent) -> Call:
    """Return *call* after *event*, the next of its history.

    Raises:
        BrokenHistoryError: if the tables call the move illegal.
    """
    changes = _changes(call, event)
    changes["version"] = call.version + 1
    changes["last_at_ms"] = event.at_ms
    if event.source:
        changes["seen"] = _remember(call.seen, event.source)
    return call.changed(changes)


def _changes(call: Call, event: CallEvent) -> Changes:  # noqa: C901, PLR0911, PLR0912 - one case an event
    match event:
        case SpeechQueued():
            return speech.speech_queued(call, event)
        case SpeechStarted():
            return speech.speech_started(call, event)
        case SpeechHeard():
            return speech.speech_heard(call, event)
        case SpeechOver():
            return speech.speech_over(call, event)
        case SpeechResumed():
            return speech.speech_resumed(call)
        case VoiceStarted():
            return hearing.voice_started(call, event)
        case VoiceStopped():
            return hearing.voice_stopped(call, event)
        case PartialHeard():
            return hearing.partial_heard(call, event)
        case CounterpartSpoke():
            return hearing.counterpart_spoke(call, event)
        case UtteranceHeard():
            return hearing.utterance_heard(call, event)
        case TurnAsked():
            return turns.turn_asked(call, event)
        case TurnDropped() | TurnFinished():
            return turns.turn_over(call, event.turn)
        case TurnMeasured():
            return {"latencies": (*call.latencies, event.parts.total_ms)}
        case WaiterSet():
            return turns.waiter_set(call, event)
        case WaiterReleased():
            return turns.waiter_released(call, event)
        case NewsIgnored() | DigitsSent():
            return {}
        case DigitsPressed():
            return {"digits_pressed": call.digits_pressed + event.digits}
        case Dialled():
            return line.dialled(call, event)
        case Rang():
            return line.rang(call)
        case Answered():
            return line.answered(call, event)
        case Bridged():
            return line.bridged(call)
        case StreamOpened():
            return {"bridged": True, **line.without_doubt(call, Timer.STREAM_GRACE)}
        case StreamLost():
            return line.stream_lost(call, event)
        case HearingFailed():
            return {"error": event.error}
        case StatusAsked():
            return line.status_asked(call, event)
        case Transferred():
            return line.transferred(call, event)
        case TransferDenied():
            return {"transfer_refusal": event.verdict}
        case TransferFailed():
            return line.transfer_failed(call, event)
        case ClosingBegan():
            return line.closing_began(call, event)
        case Ended():
            return line.ended(call, event)
        case Opened():
            raise BrokenHistoryError("it begins twice")


def _remember(seen: Mapping[str, None], source: str) -> Mapping[str, None]:
    if source in seen:
        return seen
    remembered = {**seen, source: None}
    if len(remembered) > SEEN_LIMIT:
        del remembered[next(iter(remembered))]
    return remembered
