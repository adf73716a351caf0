"""An event of a call as clients see it, in `voicecall.event` notifications and server-sent events.

The fields of each type, and their schema, are read off the domain's event class: there is no second declaration.
What is not known, and an empty source, is absent.
"""

import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from voice_contracts.status import SUMMARY_SCHEMA, summary_of
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
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

__all__ = ("EVENT_METHOD", "EVENT_TYPES", "event_object", "event_type", "events_schema", "notification_of")

EVENT_METHOD = "voicecall.event"

EVENT_TYPES: Mapping[type, str] = types.MappingProxyType(
    {
        Opened: "call.initiated",
        Dialled: "call.dialled",
        Rang: "call.ringing",
        Answered: "call.answered",
        Bridged: "call.active",
        ClosingBegan: "call.closing",
        Ended: "call.ended",
        SpeechQueued: "call.speech.queued",
        SpeechStarted: "call.speech.started",
        SpeechHeard: "call.speech.heard",
        SpeechOver: "call.speech.over",
        CounterpartSpoke: "call.floor.taken",
        VoiceStarted: "call.voice.started",
        VoiceStopped: "call.voice.stopped",
        PartialHeard: "call.utterance.partial",
        UtteranceHeard: "call.utterance",
        DigitsPressed: "call.digits.pressed",
        DigitsSent: "call.digits.sent",
        Transferred: "call.transferred",
        TurnAsked: "call.turn.asked",
        TurnDropped: "call.turn.dropped",
        TurnFinished: "call.turn.finished",
        TurnMeasured: "call.turn.measured",
        WaiterSet: "call.waiter.set",
        WaiterReleased: "call.waiter.released",
        StreamOpened: "call.stream.opened",
        StreamLost: "call.stream.lost",
        HearingFailed: "call.hearing.failed",
        StatusAsked: "call.status.asked",
        TransferDenied: "call.transfer.denied",
        TransferFailed: "call.transfer.failed",
        SpeechResumed: "call.speech.resumed",
        NewsIgnored: "call.news.ignored",
    }
)
"""The word for each event; a test holds it against the closed union."""

_WIRE_NAMES: Mapping[str, str] = types.MappingProxyType(
    {
        "at_ms": "timestamp",
        "carrier": "provider",
        "carrier_call_id": "providerCallId",
        "caller": "from",
        "callee": "to",
        "speech_id": "speechId",
        "call_id": "callId",
    }
)


def event_type(event: CallEvent) -> str:
    """Return the word for *event*."""
    return EVENT_TYPES[type(event)]


def event_object(sequence: int, call: Call, event: CallEvent) -> dict[str, Any]:
    """Return *event* as JSON, with a summary of the *call* right after it.

    *sequence* grows with every event of the gateway; with a filter on one call it has gaps.
    """
    return {
        "sequence": sequence,
        "type": event_type(event),
        **_CONVERTER.unstructure(event),
        "callId": str(call.call_id),
        "call": summary_of(call),
    }


def notification_of(sequence: int, call: Call, event: CallEvent) -> dict[str, Any]:
    """Return the JSON-RPC notification that tells subscribers of *event*."""
    return {"jsonrpc": "2.0", "method": EVENT_METHOD, "params": event_object(sequence, call, event)}


def events_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of every notification's `params`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CallEvent",
        "description": f"The params of a `{EVENT_METHOD}` notification.",
        "oneOf": [_event_schema(kind, word) for kind, word in EVENT_TYPES.items()],
        "$defs": {"CallSummary": SUMMARY_SCHEMA},
    }


def _wire_name(name: str) -> str:
    if name in _WIRE_NAMES:
        return _WIRE_NAMES[name]
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _wire_hook(kind: type) -> Callable[[Any], dict[str, Any]]:
    """Return how a value of *kind* is written: under the wire's names, without what is not known."""
    renames: dict[str, Any] = {
        field.name: override(
            rename=_wire_name(field.name), unstruct_hook=dict if field.name == "notes" else None
        )
        for field in attrs.fields(kind)
    }
    whole: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn(kind, _CONVERTER, **renames)

    def known(value: Any) -> dict[str, Any]:
        shown = {name: part for name, part in whole(value).items() if part is not None}
        if shown.get("source") == "":
            del shown["source"]
        return shown

    return known


_CONVERTER = Converter()
_CONVERTER.register_unstructure_hook_factory(attrs.has, _wire_hook)
_CONVERTER.register_unstructure_hook(PhoneNumber, str)


def _event_schema(kind: type, word: str) -> dict[str, Any]:
    properties, required = _properties(kind)
    return {
        "title": word,
        "description": (kind.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "properties": {
            "sequence": {"type": "integer", "description": "Grows with every event of the gateway."},
            "type": {"const": word},
            "callId": {"type": "string"},
            **properties,
            "call": {"$ref": "#/$defs/CallSummary"},
        },
        "required": sorted({"sequence", "type", "callId", "call", *required}),
        "additionalProperties": False,
    }


def _properties(kind: type) -> tuple[dict[str, Any], list[str]]:
    hints = get_type_hints(kind)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, wire in ((field.name, _wire_name(field.name)) for field in attrs.fields(kind)):
        schema, optional = _type_schema(hints[name])
        properties[wire] = schema
        if not optional and name != "source":
            required.append(wire)
    return properties, required


def _type_schema(hint: Any) -> tuple[dict[str, Any], bool]:
    """Return the schema of a field's type, and whether the field may be absent."""
    if get_origin(hint) in (Union, types.UnionType):
        present = next(part for part in get_args(hint) if part is not type(None))
        return _type_schema(present)[0], True
    hint = getattr(hint, "__supertype__", hint)
    if get_origin(hint) is tuple:
        return {"type": "object", "additionalProperties": {"type": "string"}}, False
    if issubclass(hint, Enum):
        return {"type": "string", "enum": [member.value for member in hint]}, False
    if issubclass(hint, PhoneNumber):
        return {"type": "string", "description": "E.164"}, False
    if attrs.has(hint):
        properties, required = _properties(hint)
        return {"type": "object", "properties": properties, "required": required}, False
    return {"type": _JSON_TYPES[hint]}, False


_JSON_TYPES: Mapping[type, str] = types.MappingProxyType(
    {str: "string", int: "integer", float: "number", bool: "boolean"}
)
