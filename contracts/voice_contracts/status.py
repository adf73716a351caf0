"""The record of a call as clients see it: one table of fields that yields both the JSON and its schema.

Times are epoch milliseconds. What is not known (yet) is absent: there are no nulls.
"""

from collections.abc import Callable
from typing import Any

import attrs

from voice_domain.call import Call
from voice_domain.mode_rules import Mode
from voice_domain.states import Floor
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Direction, EndReason, Speaker

__all__ = ("RECORD_SCHEMA", "STATE_WORDS", "SUMMARY_SCHEMA", "record_of", "summary_of")

STATE_WORDS = (
    *("initiated", "ringing", "answered", "active", "speaking", "listening"),
    *(reason.value for reason in EndReason),
)
"""Every word that `state` can be: six live ones in order, then the end reasons."""

_UNKNOWN_CALLER = "unknown"


@attrs.frozen
class _Field:
    name: str
    schema: dict[str, Any]
    read: Callable[[Call], Any]
    """None leaves the field out."""
    always: bool = True


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _word(description: str, words: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "description": description, "enum": list(words)}


def _time(description: str) -> dict[str, Any]:
    return {"type": "integer", "description": f"{description} Epoch milliseconds."}


def _words(kind: type[Direction | EndReason | Floor | Mode | Speaker]) -> tuple[str, ...]:
    return tuple(member.value for member in kind)


_TRANSCRIPT_SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "Who said what, in the order in which it was heard.",
    "items": {
        "type": "object",
        "properties": {
            "timestamp": _time("When it began."),
            "speaker": _word("bot is us, user the counterpart.", _words(Speaker)),
            "text": _text("What was said; of ours, what was heard."),
            "isFinal": {"type": "boolean", "description": "False only while we are still saying it."},
            "intended": _text("The whole of what we wanted to say, when less was heard."),
            "interrupted": {"type": "boolean", "description": "Present and true when less was heard."},
        },
        "required": ["timestamp", "speaker", "text", "isFinal"],
        "additionalProperties": False,
    },
}

_METADATA_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What else is known, and the notes of a host, a route or the dial policy.",
    "properties": {
        "mode": _word("What kind of call it is.", _words(Mode)),
        "initialMessage": _text("What we wanted to say first."),
        "turnCount": {"type": "integer", "description": "How many utterances were put to the responder."},
        "lastTurnLatencyMs": {
            "type": "integer",
            "description": "From the counterpart's last word to our first, in the latest measured turn.",
        },
        "digits": _text("All keys that the counterpart pressed."),
        "transferredTo": _text("The number that the counterpart was handed over to."),
        "transferVerdict": _text("What the dial policy said of the last number to be handed over to."),
        "transferRefusal": _text("What the dial policy said of the last transfer that it refused."),
        "cause": _text("The carrier's own word for the end reason."),
        "rejectionReason": _text("Why an inbound call was refused."),
    },
    "additionalProperties": {"type": "string"},
}


def _entry(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "timestamp": entry.at_ms,
        "speaker": entry.speaker.value,
        "text": entry.text,
        "isFinal": entry.final,
    }
    if entry.interrupted:
        shown |= {"intended": entry.intended, "interrupted": True}
    return shown


def _metadata(call: Call) -> dict[str, Any]:
    known = {
        "mode": call.mode.value,
        "initialMessage": call.opened.opening or None,
        "turnCount": call.turns,
        "lastTurnLatencyMs": call.latencies[-1] if call.latencies else None,
        "digits": call.digits_pressed or None,
        "transferredTo": None if call.transferred is None else str(call.transferred),
        "transferVerdict": call.transfer_verdict or None,
        "transferRefusal": call.transfer_refusal or None,
        "cause": call.cause or None,
        "rejectionReason": call.error if _was_refused(call) else None,
    }
    # What the call itself knows wins over a note of the same name.
    return {**dict(call.opened.notes), **{name: value for name, value in known.items() if value is not None}}


def _was_refused(call: Call) -> bool:
    """Whether this is an inbound call that we did not take; to refuse is no failure, so it is not its error."""
    unanswered = call.direction is Direction.INBOUND and call.answered_at_ms is None
    return unanswered and call.final_reason is EndReason.HANGUP_BOT and bool(call.error)


def _error(call: Call) -> str | None:
    return None if _was_refused(call) else call.error or None


def _caller(call: Call) -> str:
    return _UNKNOWN_CALLER if call.opened.caller is None else str(call.opened.caller)


_SHARED = (
    _Field("callId", _text("Our name for the call."), lambda call: str(call.call_id)),
    _Field("provider", _text("The carrier."), lambda call: call.opened.carrier),
    _Field(
        "direction",
        _word("Who dialled, seen from us.", _words(Direction)),
        lambda call: call.direction.value,
    ),
    _Field("state", _word("What it does, or why it is over.", STATE_WORDS), lambda call: call.word),
    _Field("from", _text("E.164; `unknown` for a withheld number."), _caller),
    _Field("to", _text("E.164."), lambda call: str(call.opened.callee)),
    _Field("mode", _word("What kind of call it is.", _words(Mode)), lambda call: call.mode.value),
    _Field("startedAt", _time("When it was placed or offered."), lambda call: call.started_at_ms),
    _Field("answeredAt", _time("When it was answered."), lambda call: call.answered_at_ms, always=False),
    _Field("endedAt", _time("When it was over."), lambda call: call.ended_at_ms, always=False),
    _Field(
        "endReason",
        _word("Why it is over.", _words(EndReason)),
        lambda call: None if call.end_reason is None else call.end_reason.value,
        always=False,
    ),
)

_FIELDS = (
    *_SHARED,
    _Field(
        "providerCallId", _text("The carrier's name for it."), lambda call: call.carrier_call_id, always=False
    ),
    _Field(
        "sessionKey",
        _text("The responder's conversation that it belongs to."),
        lambda call: call.opened.session_key or None,
        always=False,
    ),
    _Field("transcript", _TRANSCRIPT_SCHEMA, lambda call: [_entry(entry) for entry in call.transcript]),
    _Field("metadata", _METADATA_SCHEMA, _metadata),
    _Field("error", _text("What went wrong, for a person."), _error, always=False),
)

_SUMMARY_FIELDS = (
    *_SHARED,
    _Field("floor", _word("Who may speak now.", _words(Floor)), lambda call: call.floor.value),
    _Field("turnCount", {"type": "integer", "description": "Turns so far."}, lambda call: call.turns),
    _Field(
        "partial",
        _text("What the counterpart is saying, as far as it is understood."),
        lambda call: call.partial or None,
        always=False,
    ),
)


def _schema(title: str, fields: tuple[_Field, ...]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields if field.always],
        "additionalProperties": False,
    }


RECORD_SCHEMA = _schema("Call", _FIELDS)
SUMMARY_SCHEMA = _schema("CallSummary", _SUMMARY_FIELDS)


def record_of(call: Call) -> dict[str, Any]:
    """Return *call* as its JSON record. Numbers are whole: whoever asks has shown the token."""
    return _shown(call, _FIELDS)


def summary_of(call: Call) -> dict[str, Any]:
    """Return the part of the record that goes with every event: no transcript, but the floor."""
    return _shown(call, _SUMMARY_FIELDS)


def _shown(call: Call, fields: tuple[_Field, ...]) -> dict[str, Any]:
    values = ((field.name, field.read(call)) for field in fields)
    return {name: value for name, value in values if value is not None}
