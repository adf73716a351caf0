"""The methods of the JSON-RPC interface: names, parameters, results and failures, in one table.

The gateway's dispatcher, the OpenRPC document and the documentation are all made from it.
"""

from typing import Any

import attrs

from voice_contracts.rpc_params import (
    CallParams,
    ContinueParams,
    DigitsParams,
    HistoryParams,
    InitiateParams,
    InjectParams,
    MaybeCallParams,
    NoParams,
    OperationParams,
    PlanParams,
    SpeakParams,
    StartParams,
    TransferParams,
)

__all__ = ("METHODS", "Method")


@attrs.frozen
class Method:
    """What can be asked of a gateway."""

    name: str
    summary: str
    params: type
    """A frozen class; see `voice_contracts.shape`."""
    result: dict[str, Any]
    """JSON Schema."""
    errors: tuple[str, ...] = ()
    """The kinds of failure that belong to it; any method may also be `unavailable`."""


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TRUE: dict[str, Any] = {"const": True}
_STRING: dict[str, Any] = {"type": "string"}
_BOOLEAN: dict[str, Any] = {"type": "boolean"}
_STRING_OR_NULL: dict[str, Any] = {"oneOf": [_STRING, {"const": None}]}
_ROUTE = _object(
    streamed=_BOOLEAN,
    voice=_STRING,
    responder=_STRING_OR_NULL,
    publicUrl=_STRING_OR_NULL,
    tunnel=_STRING_OR_NULL,
)
_CALL = {"$ref": "#/components/schemas/Call"}
_REPORT = {"$ref": "#/components/schemas/CallReport"}
_CALLS = {"type": "array", "items": _CALL}
_SUCCESS = _object(success=_TRUE)
_PENDING = {
    **_SUCCESS,
    "properties": {
        "success": _TRUE,
        "pending": {"const": True, "description": "Present when it waits for the carrier's next question."},
    },
}
_LIVE = {
    **_object(calls=_CALLS),
    "properties": {
        "calls": _CALLS,
        "problem": {
            "type": "string",
            "description": "Present while no new calls are taken: why, as in `/readyz`.",
        },
    },
}
_HEARD = _object(success=_TRUE, transcript=_STRING)
_PLACED = _object(callId=_STRING, initiated=_TRUE)

_PLACE_ERRORS = ("invalid_number", "policy_refused", "limit_reached", "carrier_error")
_CALL_ERRORS = ("call_not_found", "call_ended", "not_connected", "carrier_error")

METHODS = (
    Method(
        "voicecall.initiate",
        "Place a call and say a message once it is answered.",
        InitiateParams,
        _PLACED,
        _PLACE_ERRORS,
    ),
    Method(
        "voicecall.start",
        "Place a call that may begin in silence.",
        StartParams,
        _PLACED,
        _PLACE_ERRORS,
    ),
    Method(
        "voicecall.continue",
        "Say a message and wait for the counterpart's next utterance.",
        ContinueParams,
        _HEARD,
        (*_CALL_ERRORS, "already_waiting", "timeout"),
    ),
    Method(
        "voicecall.continue.start",
        "Begin a `voicecall.continue` without waiting for it; for clients that must not wait long.",
        ContinueParams,
        _object(operationId=_STRING),
        ("call_not_found",),
    ),
    Method(
        "voicecall.continue.result",
        "Ask for the result of a `voicecall.continue.start`; it is kept for ten minutes.",
        OperationParams,
        {"oneOf": [_object(done={"const": False}), _HEARD]},
        ("operation_not_found", *_CALL_ERRORS, "already_waiting", "timeout"),
    ),
    Method("voicecall.speak", "Say something more.", SpeakParams, _PENDING, _CALL_ERRORS),
    Method("voicecall.end", "Hang up.", CallParams, _PENDING, ("call_not_found", "carrier_error")),
    Method(
        "voicecall.status",
        "Return one call, live or ended, or all live ones.",
        MaybeCallParams,
        {
            "oneOf": [
                _object(found={"const": True}, call=_CALL),
                _object(found={"const": False}),
                _LIVE,
            ]
        },
    ),
    Method(
        "voicecall.history",
        "Return calls, live and ended, newest first.",
        HistoryParams,
        _object(calls=_CALLS),
    ),
    Method(
        "voicecall.report",
        "Return the report of a call that is over: outcome, summary, transcript.",
        CallParams,
        {"oneOf": [_object(found={"const": True}, report=_REPORT), _object(found={"const": False})]},
        ("call_not_found",),
    ),
    Method("voicecall.dtmf", "Press keys.", DigitsParams, _SUCCESS, _CALL_ERRORS),
    Method(
        "voicecall.transfer",
        "Hand the counterpart over to another number.",
        TransferParams,
        _SUCCESS,
        (*_CALL_ERRORS, "invalid_number", "policy_refused"),
    ),
    Method(
        "voicecall.subscribe",
        "Be told of every event of one call, or of all, as `voicecall.event` notifications on this connection, and of "
        "each call's report as `voicecall.report`.",
        MaybeCallParams,
        _object(subscribed=_TRUE),
        ("call_not_found",),
    ),
    Method(
        "voicecall.plan",
        "Say whether a call would be placed, and how; nothing is dialled.",
        PlanParams,
        {
            "type": "object",
            "properties": {
                "allowed": _BOOLEAN,
                "reasons": {"type": "array", "items": _STRING},
                "to": _STRING,
                "from": _STRING,
                "carrier": _STRING,
                "mode": {"enum": ["notify", "conversation"]},
                "locale": _STRING,
                "route": {"oneOf": [_ROUTE, {"const": None}]},
            },
            "required": ["allowed", "reasons", "to", "from", "carrier"],
        },
        ("invalid_number",),
    ),
    Method(
        "voicecall.inject",
        "Make events happen; only with the mock carrier.",
        InjectParams,
        _object(accepted={"type": "integer"}),
    ),
    Method("rpc.discover", "Return this interface as an OpenRPC document.", NoParams, {"type": "object"}),
)
