"""What Twilio's webhooks tell, in our words. Pure: the same webhook always tells the same, under the same ids."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from voice_adapters.carriers.twilio.documents import AFTER_SPEECH_SECONDS
from voice_adapters.carriers.twilio.fields import Fields, Topic
from voice_adapters.carriers.twilio.statuses import END_REASONS
from voice_adapters.media.estimate import speech_seconds
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
    the arrival: Twilio's own are whole seconds, of a clock that is not ours.
    """
    moment = _Moment(now_ms, fields.leg)
    told = _NEWS_OF_TOPIC[fields.topic](fields, moment)
    return tuple(
        CarrierSignal(
            news=attrs.evolve(news, carrier_call_id=fields.leg),
            carrier_call_id=fields.leg,
            call_id=fields.call_id,
            direction=None if fields.topic is Topic.TRANSFER else fields.direction,
            caller=None if fields.topic is Topic.TRANSFER else fields.caller,
            callee=None if fields.topic is Topic.TRANSFER else fields.callee,
        )
        for news in told
    )


def stream_problem(fields: Fields) -> str:
    """Return Twilio's code or text for a media stream that broke; empty if none did."""
    broke = fields.topic is Topic.STREAM and fields.text("StreamEvent").lower() == "stream-error"
    return (
        (fields.text("StreamError") or fields.text("StreamErrorCode") or "no reason given") if broke else ""
    )


def _document(fields: Fields, moment: _Moment) -> _Told:
    yield from _detected(fields, moment) or _line(fields, moment, fields.status)
    yield from _handed_over(fields, moment)
    if fields.has_result:
        yield from _cut(fields, moment)
    yield from _gathered(fields, moment)
    yield from _read_out(fields, moment)


def _line(fields: Fields, moment: _Moment, name: str) -> tuple[CarrierNews, ...]:
    """Return what the state of the call means; *name* tells repeated states apart, or not."""
    status, at_ms = fields.status, moment.at_ms
    event_id = moment.id(name or "connected")
    if status in END_REASONS:
        sip = fields.text("SipResponseCode")
        cause = f"{status} (SIP {sip})" if sip else status
        return (LineEnded(at_ms, END_REASONS[status], cause, event_id),)
    if status == "in-progress":
        return (LineAnswered(at_ms, event_id),)
    if status == "ringing" or fields.is_offer:
        return (LineRang(at_ms, event_id),)
    if fields.topic is Topic.DOCUMENT:
        # Whatever the state is called: a leg that asks what to do is connected to us.
        return (LineBridged(at_ms, event_id),)
    return ()


def _status(fields: Fields, moment: _Moment) -> _Told:
    # Repeated deliveries have the same number; the status keeps numbers apart that were given twice.
    yield from _line(fields, moment, f"status-{fields.text('SequenceNumber')}:{fields.status}")


def _detected(fields: Fields, moment: _Moment) -> tuple[CarrierNews, ...]:
    """Return what answered, when it was no person."""
    answered_by = fields.text("AnsweredBy").lower()
    if fields.status in END_REASONS:
        return ()
    if answered_by.startswith("machine_"):
        return (MachineAnswered(moment.at_ms, moment.id("machine")),)
    if answered_by != "fax":
        return ()
    if fields.topic is Topic.DOCUMENT:
        return (LineEnded(moment.at_ms, EndReason.FAILED, "fax", moment.id("fax")),)
    # Nothing but a command ends the leg here, and an error is what leads to one.
    return (LineFailed(moment.at_ms, "a fax machine answered", event_id=moment.id("fax")),)


def _detection(fields: Fields, moment: _Moment) -> _Told:
    yield from _detected(fields, moment) or (LineAnswered(moment.at_ms, moment.id("in-progress")),)


def _handed_over(fields: Fields, moment: _Moment) -> _Told:
    """Tell that the counterpart has talked to whoever the call was transferred to; see `_transfer`."""
    if fields.text("DialCallStatus").lower() in ("completed", "answered"):
        yield LineEnded(moment.at_ms, EndReason.COMPLETED, _HANDED_OVER, moment.id(_HANDED_OVER))


def _transfer(fields: Fields, moment: _Moment) -> _Told:
    """Tell that our part is over as soon as the other number answers."""
    if fields.status == "in-progress":
        yield LineEnded(moment.at_ms, EndReason.COMPLETED, _HANDED_OVER, moment.id(_HANDED_OVER))


def _gathered(fields: Fields, moment: _Moment) -> _Told:
    """Tell what was heard; of speech and keys together, the speech."""
    name = _gather_name(fields)
    speech = fields.text("SpeechResult")
    keys = fields.text("Digits") or fields.text("FinishedOnKey")
    if speech:
        yield WordsHeard(
            moment.at_ms,
            speech,
            confidence=_share(fields.text("Confidence")),
            event_id=moment.id(name, "speech"),
        )
    elif keys:
        yield KeysPressed(moment.at_ms, keys, moment.id(name, "keys"))


def _read_out(fields: Fields, moment: _Moment) -> _Told:
    """Tell that the text of this address is read no more: it came to its end, or was cut by an answer or keys."""
    cut = fields.query.get("cut", "")
    for played in _played(fields, moment):
        yield attrs.evolve(
            played,
            event_id=moment.id(str(fields.turn), "said"),
            cut_at_ms=int(cut) if cut.isascii() and cut.isdigit() and len(cut) < 20 else None,
        )


def _cut(fields: Fields, moment: _Moment) -> _Told:
    """Tell that words or keys of the counterpart may have cut the text of this address, at the latest by now.

    Before they are told, because what follows from them waits for the disk. Twilio does not say when it stopped, nor
    whether it had come to the end; whoever speaks has begun as long ago as their words take.
    """
    text = fields.text("SpeechResult")
    ago_ms = (
        round(1000 * (speech_seconds(text) + AFTER_SPEECH_SECONDS)) if text else 1000 * AFTER_SPEECH_SECONDS
    )
    for played in _played(fields, moment):
        yield attrs.evolve(played, cut_at_ms=moment.at_ms - ago_ms, over=False)


def _played(fields: Fields, moment: _Moment) -> Iterator[SpeechPlayed]:
    speech_id, part, turn = fields.query.get("said", ""), fields.query.get("part", ""), fields.turn
    if speech_id and part.isascii() and part.isdigit() and turn is not None:
        yield SpeechPlayed(SpeechId(speech_id), int(part), moment.at_ms, moment.id(str(turn), "cut"))


def _partial(fields: Fields, moment: _Moment) -> _Told:
    text = joined([fields.text("StableSpeechResult"), fields.text("UnstableSpeechResult")])
    if text:
        for played in _played(fields, moment):
            yield attrs.evolve(played, cut_at_ms=moment.at_ms, over=False)
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        number = fields.text("SequenceNumber")
        event_id = moment.id(_gather_name(fields), "partial", number, digest)
        yield WordsHeard(moment.at_ms, text, final=False, event_id=event_id)


def _stream(fields: Fields, moment: _Moment) -> _Told:
    name = fields.text("StreamSid")
    problem = stream_problem(fields)
    if problem:
        error = f"Twilio's media stream broke ({problem})"
        yield LineFailed(moment.at_ms, error, retryable=True, event_id=moment.id(name, "error"))
    elif fields.text("StreamEvent").lower() == "stream-started":
        yield LineBridged(moment.at_ms, moment.id(name, "started"))


def _gather_name(fields: Fields) -> str:
    """Return what tells one Gather from another: our token, else all that was said."""
    token = fields.query.get("turn", "")
    if token:
        return f"turn-{token}"
    return hashlib.sha256(repr(sorted(fields.said.items())).encode("utf-8", "replace")).hexdigest()[:16]


def _share(text: str) -> float | None:
    """Return a number from 0 to 1; None if it is missing or none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


_NEWS_OF_TOPIC: Mapping[Topic, Callable[[Fields, _Moment], _Told]] = {
    Topic.DOCUMENT: _document,
    Topic.STATUS: _status,
    Topic.PARTIAL: _partial,
    Topic.DETECTION: _detection,
    Topic.STREAM: _stream,
    Topic.TRANSFER: _transfer,
}
