"""How each event changes a call: the fold that turns a call's history into its state."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from voice_domain.call import Call
from voice_domain.errors import VoiceError
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
    Opened,
    PartialHeard,
    Rang,
    SpeechHeard,
    SpeechOver,
    SpeechQueued,
    SpeechStarted,
    StreamLost,
    StreamOpened,
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
from voice_domain.identity import SpeechId
from voice_domain.speech import Speech, reply_id
from voice_domain.states import Floor, FloorFact, Line, LineFact, floor_after, line_after
from voice_domain.terms import Timer
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Direction, Purpose, Speaker

__all__ = ("BrokenHistoryError", "evolve", "fold", "opened_call")

_SEEN_LIMIT = 500


class BrokenHistoryError(VoiceError):
    """A list of events is not the history of a call."""

    kind = "broken_history"

    def __init__(self, problem: str) -> None:
        super().__init__(f"These events are not a call's history: {problem}; restore the store from a backup")


def opened_call(opened: Opened) -> Call:
    """Return the call that *opened* begins."""
    inbound = opened.direction is Direction.INBOUND
    terms, at = opened.terms, opened.at_ms
    due = {Timer.RING: at + terms.ring_ms, Timer.HARD_CAP: at + terms.ring_ms + terms.max_ms}
    if terms.stale_ms:
        due[Timer.STALE] = at + terms.stale_ms
    return Call(
        opened=opened,
        version=1,
        line=Line.RINGING if inbound else Line.DIALLING,
        floor=Floor.NOBODY,
        last_at_ms=at,
        carrier_call_id=opened.carrier_call_id,
        due=due,
        seen={opened.source: None} if opened.source else {},
    )


def fold(events: Iterable[CallEvent]) -> Call:
    """Return the call whose history *events* is.

    Raises:
        BrokenHistoryError: if the first event, and only it, is not `Opened`.
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
    """Return *call* after *event*, the next of its history."""
    changes = _changes(call, event)
    changes["version"] = call.version + 1
    changes["last_at_ms"] = event.at_ms
    if event.source:
        changes["seen"] = _remember(call.seen, event.source)
    return attrs.evolve(call, **changes)


def _changes(call: Call, event: CallEvent) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one case an event
    match event:
        case SpeechQueued():
            return _speech_queued(call, event)
        case SpeechStarted():
            return _speech_started(call, event)
        case SpeechHeard():
            return _speech_heard(call, event)
        case SpeechOver():
            return _speech_over(call, event)
        case VoiceStarted():
            return _voice_started(call, event)
        case VoiceStopped():
            return {"voice_active": False, "due": _after_words(call, event.at_ms, silent=True)}
        case PartialHeard():
            due = _after_words(call, event.at_ms, silent=not call.voice_active, partial=True)
            return {"partial": event.text, "due": due}
        case CounterpartSpoke():
            return _counterpart_spoke(call, event)
        case UtteranceHeard():
            return _utterance_heard(call, event)
        case TurnAsked():
            due = {**call.due, Timer.RESPONSE: event.at_ms + call.terms.response_ms}
            return {"turn": event.turn, "turns": event.turn, "due": due}
        case TurnDropped() | TurnFinished():
            return _turn_over(call, event.turn)
        case TurnMeasured():
            return {"latencies": (*call.latencies, event.parts.total_ms)}
        case WaiterSet():
            return {"waiter_id": event.waiter_id, "waiter_speech_id": event.speech_id}
        case WaiterReleased():
            return _waiter_released(call, event)
        case Dialled():
            return {"line": _line(call, LineFact.DIALLED), "carrier_call_id": event.carrier_call_id}
        case Rang():
            return {"line": _line(call, LineFact.RANG)}
        case Answered():
            return _answered(call, event)
        case Bridged():
            return {"line": _line(call, LineFact.BRIDGED), "bridged": True}
        case StreamOpened():
            return {"bridged": True, "due": _without(call.due, Timer.STREAM_GRACE)}
        case StreamLost():
            return {"due": {**call.due, Timer.STREAM_GRACE: event.at_ms + call.terms.stream_grace_ms}}
        case DigitsPressed():
            return {"digits_pressed": call.digits_pressed + event.digits}
        case DigitsSent():
            return {}
        case Transferred():
            return {"transferred": event.to}
        case ClosingBegan():
            return _closing_began(call, event)
        case Ended():
            return _ended(call, event)
        case Opened():
            raise BrokenHistoryError("it begins twice")


def _line(call: Call, fact: LineFact) -> Line:
    after = line_after(call.line, fact)
    return after if isinstance(after, Line) else call.line


def _floor(call: Call, fact: FloorFact) -> Floor:
    after = floor_after(call.floor, fact)
    return after if isinstance(after, Floor) else call.floor


def _without(due: Mapping[Timer, int], *timers: Timer) -> Mapping[Timer, int]:
    if not any(timer in due for timer in timers):
        return due
    return {timer: at for timer, at in due.items() if timer not in timers}


def _remember(seen: Mapping[str, None], source: str) -> Mapping[str, None]:
    remembered = {**seen, source: None}
    if len(remembered) > _SEEN_LIMIT:
        del remembered[next(iter(remembered))]
    return remembered


def _answered(call: Call, event: Answered) -> dict[str, Any]:
    due = dict(_without(call.due, Timer.RING, Timer.STALE))
    due[Timer.MAX_DURATION] = event.at_ms + call.terms.max_ms
    if call.rules.hangs_up_after_speech and not call.opened.opening:
        due[Timer.NOTIFY_HANGUP] = event.at_ms + call.terms.notify_hangup_ms
    return {"line": _line(call, LineFact.ANSWERED), "answered_at_ms": event.at_ms, "due": due}


def _closing_began(call: Call, event: ClosingBegan) -> dict[str, Any]:
    return {
        "line": _line(call, LineFact.CLOSING_BEGAN),
        "closing_reason": event.reason,
        "error": event.error,
        "due": {},
    }


def _ended(call: Call, event: Ended) -> dict[str, Any]:
    transcript = call.transcript
    for speech in call.speeches:
        transcript = _finished(transcript, speech)
    return {
        "line": _line(call, LineFact.ENDED),
        "ended_at_ms": event.at_ms,
        "end_reason": event.reason,
        "error": event.error or call.error,
        "cause": event.cause,
        "transcript": transcript,
        "speeches": (),
        "turn": None,
        "voice_active": False,
        "held": False,
        "due": {},
    }


def _speech_queued(call: Call, event: SpeechQueued) -> dict[str, Any]:
    known = call.speech(event.speech_id) or Speech(event.speech_id, event.purpose)
    speech = known.with_part(event.text, last=event.last)
    changes = _with_speech(call, speech)
    if speech.started and event.text:
        changes["transcript"] = _rewritten(call.transcript, speech, text=speech.intended_text)
    due = _without(call.due, Timer.NOTIFY_HANGUP)
    if event.purpose is Purpose.REPLY and event.text and call.turn is not None:
        due = {**due, Timer.RESPONSE: event.at_ms + call.terms.response_ms}
    changes["due"] = due
    changes["leaving"] = call.leaving or event.purpose is Purpose.FAREWELL
    return changes


def _with_speech(call: Call, speech: Speech) -> dict[str, Any]:
    """Return the change that puts *speech* in its place, or out of the list when it is over."""
    others = [known for known in call.speeches if known.speech_id != speech.speech_id]
    if speech.over:
        changes: dict[str, Any] = {"speeches": tuple(others)}
        if speech.started:
            changes["transcript"] = _finished(call.transcript, speech)
        return changes
    if len(others) == len(call.speeches):
        return {"speeches": (*call.speeches, speech)}
    return {"speeches": tuple(speech if s.speech_id == speech.speech_id else s for s in call.speeches)}


def _speech_started(call: Call, event: SpeechStarted) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "floor": _floor(call, FloorFact.SPEECH_STARTED),
        "held": False,
        "due": _without(call.due, Timer.NOTIFY_HANGUP, Timer.BARGE_IN, Timer.TRANSCRIPT),
    }
    speech = call.speech(event.speech_id)
    if speech is None or speech.started:
        return changes
    started = attrs.evolve(speech, started=True)
    entry = Entry(event.at_ms, Speaker.US, started.intended_text, final=False, speech_id=started.speech_id)
    changes["speeches"] = tuple(started if s is speech else s for s in call.speeches)
    changes["transcript"] = (*call.transcript, entry)
    return changes


def _speech_heard(call: Call, event: SpeechHeard) -> dict[str, Any]:
    speech = call.speech(event.speech_id)
    return {} if speech is None else _with_speech(call, speech.with_heard(event.part, event.heard))


def _speech_over(call: Call, event: SpeechOver) -> dict[str, Any]:
    changes = {"floor": _floor(call, FloorFact.SPEECH_OVER), "held": False}
    due = dict(_without(call.due, Timer.BARGE_IN))
    if call.waiter_id is not None:
        due[Timer.TRANSCRIPT] = event.at_ms + call.terms.transcript_ms
    elif call.rules.hangs_up_after_speech:
        due[Timer.NOTIFY_HANGUP] = event.at_ms + call.terms.notify_hangup_ms
    return {**changes, "due": due}


def _voice_started(call: Call, event: VoiceStarted) -> dict[str, Any]:
    due = dict(_without(call.due, Timer.SILENCE))
    if event.over_us:
        due[Timer.BARGE_IN] = event.at_ms + call.terms.barge_in_ms
    return {"voice_active": True, "held": call.held or event.over_us, "due": due}


def _after_words(call: Call, at_ms: int, *, silent: bool, partial: bool = False) -> Mapping[Timer, int]:
    """Return the due times after a partial or the end of a voice: when to take the partial as final."""
    if not (partial or call.partial):
        return call.due
    local = silent and call.terms.silence_ms > 0
    return {**call.due, Timer.SILENCE: at_ms + (call.terms.silence_ms if local else call.terms.partial_ms)}


def _counterpart_spoke(call: Call, event: CounterpartSpoke) -> dict[str, Any]:
    due = dict(_without(call.due, Timer.BARGE_IN))
    if call.waiter_id is not None:
        due[Timer.TRANSCRIPT] = event.at_ms + call.terms.transcript_ms
    return {"floor": _floor(call, FloorFact.COUNTERPART_SPOKE), "held": False, "due": due}


def _utterance_heard(call: Call, event: UtteranceHeard) -> dict[str, Any]:
    entry = Entry(event.at_ms, Speaker.COUNTERPART, event.text)
    return {
        "transcript": (*call.transcript, entry),
        "partial": "",
        "due": _without(call.due, Timer.SILENCE),
    }


def _waiter_released(call: Call, event: WaiterReleased) -> dict[str, Any]:
    due = dict(_without(call.due, Timer.TRANSCRIPT))
    if call.rules.hangs_up_after_speech and not call.speeches and call.closing_reason is None:
        due[Timer.NOTIFY_HANGUP] = event.at_ms + call.terms.notify_hangup_ms
    return {"waiter_id": None, "waiter_speech_id": None, "due": due}


def _turn_over(call: Call, turn: int) -> dict[str, Any]:
    changes: dict[str, Any] = {"due": _without(call.due, Timer.RESPONSE)}
    if call.turn == turn:
        changes["turn"] = None
    speech = call.speech(SpeechId(reply_id(turn)))
    if speech is not None:
        changes.update(_with_speech(call, attrs.evolve(speech, closed=True)))
    return changes


def _finished(transcript: tuple[Entry, ...], speech: Speech) -> tuple[Entry, ...]:
    """Return the transcript with the entry of *speech* final, holding what was heard."""
    heard, intended = speech.heard_text, speech.intended_text
    cut = intended if heard != intended else None
    return _rewritten(transcript, speech, text=heard, intended=cut, final=True)


def _rewritten(
    transcript: tuple[Entry, ...],
    speech: Speech,
    *,
    text: str,
    intended: str | None = None,
    final: bool = False,
) -> tuple[Entry, ...]:
    return tuple(
        attrs.evolve(entry, text=text, intended=intended, final=final)
        if entry.speech_id == speech.speech_id and not entry.final
        else entry
        for entry in transcript
    )
