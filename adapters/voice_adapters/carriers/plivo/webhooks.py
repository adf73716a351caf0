"""What Plivo's webhooks tell, in our words. Pure: the same webhook always tells the same, under the same ids."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from voice_adapters.carriers.plivo.causes import end_reason
from voice_adapters.carriers.plivo.fields import Fields, Topic
from voice_adapters.carriers.plivo.transfers import is_bridged
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.inputs import (
    CarrierNews,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    WordsHeard,
)
from voice_domain.ports.carrier import CarrierSignal, SpeechPlayed
from voice_domain.transcript import joined
from voice_domain.vocabulary import EndReason

__all__ = ("signals_of", "stream_problem")

_Told = Iterator[CarrierNews | SpeechPlayed]
_HANDED_OVER: Final = "transferred"
# Pages of Plivo's call them differently.
_STREAM_BEGAN: Final = frozenset({"startstream", "started"})
_STREAM_BROKE: Final = frozenset({"droppedstream", "failed"})
_STREAM_SUFFERS: Final = frozenset({"degradedstream"})


@attrs.frozen
class _Moment:
    """When it arrived, and where the ids of its news begin."""

    at_ms: int
    leg: CarrierCallId

    def id(self, *parts: str) -> str:
        return ":".join((self.leg, *parts))


def signals_of(fields: Fields, *, now_ms: int) -> tuple[CarrierSignal, ...]:
    """Return what a webhook tells, in order.

    A webhook that wants a document always tells something of the line, so that its call is found. Times are those of
    the arrival: Plivo's own are whole seconds, of a clock that is not ours.
    """
    moment = _Moment(now_ms, fields.leg)
    is_far_leg = fields.topic is Topic.TRANSFER
    told = _end(fields, moment) if fields.is_end else _NEWS_OF_TOPIC[fields.topic](fields, moment)
    return tuple(
        CarrierSignal(
            # The news bring the call's own name, under which it goes on.
            news=attrs.evolve(news, carrier_call_id=fields.leg),
            carrier_call_id=_known_as(fields),
            call_id=fields.call_id,
            direction=None if is_far_leg else fields.direction,
            caller=None if is_far_leg else fields.caller,
            callee=None if is_far_leg else fields.callee,
        )
        for news in told
    )


def stream_problem(fields: Fields) -> str:
    """Return Plivo's word for a media stream that broke or suffers; empty if none does."""
    word = fields.text("Event")
    bad = word.lower() in _STREAM_BROKE | _STREAM_SUFFERS
    return word if fields.topic is Topic.STREAM and bad else ""


def _known_as(fields: Fields) -> CarrierCallId:
    """Return the name that placing the call gave, where the address names the call too; else the call's own."""
    return fields.request_id if fields.call_id and fields.request_id else fields.leg


def _end(fields: Fields, moment: _Moment) -> _Told:
    code, source = fields.text("HangupCauseCode"), fields.text("HangupSource")
    reason = end_reason(code, source, fields.direction, status=fields.status, was_up=fields.was_up)
    said = fields.text("HangupCauseName") or fields.text("HangupCause") or fields.status or "no cause given"
    yield LineEnded(moment.at_ms, reason, f"{said} ({code})" if code.isdigit() else said, moment.id("end"))


def _document(fields: Fields, moment: _Moment) -> _Told:
    if fields.is_offer:
        yield LineRang(moment.at_ms, moment.id("ringing"))
        return
    yield from _detection(fields, moment)
    if is_bridged(fields):
        yield _handed_over(moment)
    yield from _heard(fields, moment)
    yield from _read_out(fields, moment)


def _ring(fields: Fields, moment: _Moment) -> _Told:
    if fields.status == "in-progress":
        yield LineAnswered(moment.at_ms, moment.id("in-progress"))
    else:
        yield LineRang(moment.at_ms, moment.id("ringing"))


def _detection(fields: Fields, moment: _Moment) -> _Told:
    """Tell what answered. Whatever the state is called: a leg that asks what to do, or was listened to, is up."""
    if fields.text("Machine").lower() == "true":
        yield MachineAnswered(moment.at_ms, moment.id("machine"))
    else:
        yield LineAnswered(moment.at_ms, moment.id("in-progress"))


def _transfer(fields: Fields, moment: _Moment) -> _Told:
    """Tell that our part is over as soon as the other number answers."""
    if is_bridged(fields):
        yield _handed_over(moment)


def _handed_over(moment: _Moment) -> LineEnded:
    return LineEnded(moment.at_ms, EndReason.COMPLETED, _HANDED_OVER, moment.id(_HANDED_OVER))


def _heard(fields: Fields, moment: _Moment) -> _Told:
    """Tell what GetInput heard; of speech and keys together, the speech."""
    speech, keys = fields.text("Speech"), fields.text("Digits")
    if speech:
        yield WordsHeard(
            moment.at_ms,
            speech,
            confidence=_share(fields.text("SpeechConfidenceScore")),
            event_id=moment.id(_input_name(fields), "speech"),
        )
    elif keys:
        yield KeysPressed(moment.at_ms, keys, moment.id(_input_name(fields), "keys"))


def _read_out(fields: Fields, moment: _Moment) -> _Told:
    """Tell that the document of this address has read its text."""
    speech_id, part, turn = fields.query.get("said", ""), fields.query.get("part", ""), fields.turn
    if speech_id and part.isascii() and part.isdigit() and len(part) < 10 and turn is not None:
        yield SpeechPlayed(SpeechId(speech_id), int(part), moment.at_ms, moment.id(str(turn), "said"))


def _partial(fields: Fields, moment: _Moment) -> _Told:
    text = joined([fields.text("StableSpeech"), fields.text("UnstableSpeech")])
    if text:
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        number = fields.text("SequenceNumber")
        event_id = moment.id(_input_name(fields), "partial", number, digest)
        yield WordsHeard(moment.at_ms, text, final=False, event_id=event_id)


def _stream(fields: Fields, moment: _Moment) -> _Told:
    word, name = fields.text("Event").lower(), fields.text("StreamID")
    if word in _STREAM_BEGAN:
        # Nothing else tells that a call to us, whose first document is a stream, is answered by it.
        yield LineAnswered(moment.at_ms, moment.id("in-progress"))
        yield LineBridged(moment.at_ms, moment.id(name, "started"))
    elif word in _STREAM_BROKE:
        error = f"Plivo's media stream broke ({word})"
        yield LineFailed(moment.at_ms, error, retryable=True, event_id=moment.id(name, "broke"))


def _input_name(fields: Fields) -> str:
    """Return what tells one GetInput from another: our token, else all that was said."""
    token = fields.query.get("turn", "")
    if token:
        return f"turn-{token}"
    return hashlib.sha256(repr(sorted(fields.said.items())).encode("utf-8", "replace")).hexdigest()[:16]


def _share(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


_NEWS_OF_TOPIC: Mapping[Topic, Callable[[Fields, _Moment], _Told]] = {
    Topic.DOCUMENT: _document,
    Topic.RING: _ring,
    Topic.HANGUP: _end,
    Topic.PARTIAL: _partial,
    Topic.DETECTION: _detection,
    Topic.STREAM: _stream,
    Topic.TRANSFER: _transfer,
}
