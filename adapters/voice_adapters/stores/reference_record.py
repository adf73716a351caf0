"""The records of OpenClaw's voice-call plugin (`calls.jsonl`), as the events of calls of ours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from voice_domain.e164 import InvalidNumberError, PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.events import (
    Answered,
    CallEvent,
    Dialled,
    Ended,
    Opened,
    SpeechHeard,
    SpeechOver,
    SpeechQueued,
    SpeechStarted,
    UtteranceHeard,
)
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction, EndReason, Purpose

__all__ = ("FormatError", "events_of_record")

_LIVE_END: Final = "it was imported while its record had no end"
_REASONS: Final = {reason.value: reason for reason in EndReason}


class FormatError(VoiceError):
    """A line of a file of calls cannot be read."""


def events_of_record(record: Mapping[str, Any]) -> tuple[CallEvent, ...]:
    """Return a history that adds up to *record*; it always ends.

    Raises:
        FormatError: if a field is missing or wrong; it is named.
    """
    opened = _opened(record)
    entries = tuple(_entries(record, opened.at_ms))
    events: list[CallEvent] = [opened]
    carrier_call_id = record.get("providerCallId")
    if opened.direction is Direction.OUTBOUND and isinstance(carrier_call_id, str) and carrier_call_id:
        events.append(Dialled(opened.at_ms, CarrierCallId(carrier_call_id)))
    answered = _time(record, "answeredAt") or (entries[0][0] if entries else None)
    if answered is not None:
        events.append(Answered(max(answered, opened.at_ms)))
    for number, (at_ms, ours, text) in enumerate(entries):
        events.extend(
            _said(max(at_ms, events[-1].at_ms), text, number) if ours else [_heard(at_ms, text, events)]
        )
    events.append(_ended(record, events[-1].at_ms))
    return tuple(events)


def _opened(record: Mapping[str, Any]) -> Opened:
    metadata = record.get("metadata")
    notes = metadata if isinstance(metadata, dict) else {}
    inbound = record.get("direction") == "inbound"
    carrier_call_id = record.get("providerCallId")
    return Opened(
        at_ms=_needed_time(record, "startedAt"),
        call_id=CallId(_text(record, "callId")),
        carrier=_text(record, "provider"),
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        caller=_caller(record, inbound=inbound),
        callee=_number(record, "to"),
        mode=Mode.NOTIFY if notes.get("mode") == "notify" else Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        opening=str(notes.get("initialMessage") or ""),
        session_key=str(record.get("sessionKey") or ""),
        carrier_call_id=CarrierCallId(carrier_call_id)
        if inbound and isinstance(carrier_call_id, str)
        else None,
        notes=(("imported", "yes"),),
    )


def _caller(record: Mapping[str, Any], *, inbound: bool) -> PhoneNumber | None:
    """Return who called; a caller whose number is not one is withheld, but ours has to be one."""
    try:
        return _number(record, "from")
    except FormatError:
        if not inbound:
            raise
        return None


def _entries(record: Mapping[str, Any], began_ms: int) -> Iterator[tuple[int, bool, str]]:
    transcript = record.get("transcript", [])
    if not isinstance(transcript, list):
        raise FormatError("transcript is no list")
    for place, entry in enumerate(transcript):
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            raise FormatError(f"transcript[{place}] has no text")
        at_ms = entry.get("timestamp")
        speaker = entry.get("speaker")
        if speaker not in ("bot", "user"):
            raise FormatError(f"transcript[{place}].speaker is neither bot nor user")
        if entry["text"].strip():
            yield at_ms if isinstance(at_ms, int) else began_ms, speaker == "bot", entry["text"]


def _said(at_ms: int, text: str, number: int) -> Sequence[CallEvent]:
    speech_id = SpeechId(f"imported-{number}")
    return (
        SpeechQueued(at_ms, speech_id, 0, text, Purpose.COMMAND, last=True),
        SpeechStarted(at_ms, speech_id),
        SpeechHeard(at_ms, speech_id, 0, text),
        SpeechOver(at_ms),
    )


def _heard(at_ms: int, text: str, events: Sequence[CallEvent]) -> CallEvent:
    return UtteranceHeard(max(at_ms, events[-1].at_ms), text)


def _ended(record: Mapping[str, Any], last_ms: int) -> Ended:
    word = record.get("endReason") or record.get("state")
    at_ms = max(_time(record, "endedAt") or last_ms, last_ms)
    reason = _REASONS.get(str(word))
    if reason is None:
        return Ended(at_ms, EndReason.ERROR, _LIVE_END, cause=str(word or ""))
    return Ended(at_ms, reason, str(record.get("error") or ""))


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise FormatError(f"{name} is missing or no text")
    return value


def _number(record: Mapping[str, Any], name: str) -> PhoneNumber:
    try:
        return PhoneNumber(_text(record, name))
    except InvalidNumberError as error:
        raise FormatError(f"{name} is no E.164 number") from error


def _time(record: Mapping[str, Any], name: str) -> int | None:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise FormatError(f"{name} is no time in epoch milliseconds")
    return int(value)


def _needed_time(record: Mapping[str, Any], name: str) -> int:
    value = _time(record, name)
    if value is None:
        raise FormatError(f"{name} is missing")
    return value
