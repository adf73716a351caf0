"""The one table of errors: what each kind of failure is on every way in.

A kind is the word that a `VoiceError` carries. The table turns it into a JSON-RPC code, an HTTP status and an exit
code of the command line, and holds a remedy for those kinds whose messages name none.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from voice_domain.errors import VoiceError

__all__ = (
    "ERROR_TABLE",
    "INTERNAL_ERROR",
    "INVALID_PARAMS",
    "INVALID_REQUEST",
    "METHOD_NOT_FOUND",
    "PARSE_ERROR",
    "ErrorRow",
    "RemoteError",
    "error_object",
    "error_row",
    "exit_code_of",
    "http_status_of",
    "kind_of",
)

# JSON-RPC 2.0, section 5.1.
PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603


@attrs.frozen
class ErrorRow:
    """What one kind of failure is outside."""

    code: int
    """JSON-RPC; -32000 to -32019 are ours. Kinds that no client tells apart share -32000."""
    http_status: int
    exit_code: int
    """1 failed, 2 usage, 3 gateway unreachable, 4 refused by policy."""
    remedy: str = ""
    """What to do, where the message itself does not say; empty where it does."""


ERROR_TABLE: Mapping[str, ErrorRow] = MappingProxyType(
    {
        "error": ErrorRow(-32000, 500, 1, "look at the gateway's log"),
        "call_not_found": ErrorRow(-32001, 404, 1),
        "call_ended": ErrorRow(-32002, 409, 1),
        "not_connected": ErrorRow(-32003, 409, 1),
        "limit_reached": ErrorRow(-32004, 429, 4),
        "policy_refused": ErrorRow(-32005, 403, 4),
        "carrier_error": ErrorRow(-32006, 502, 1, "see the carrier's own log for its code"),
        "timeout": ErrorRow(-32007, 504, 1),
        "unavailable": ErrorRow(-32008, 503, 1),
        "already_waiting": ErrorRow(-32009, 409, 1, "wait for the first one, or speak without waiting"),
        "unauthorized": ErrorRow(-32010, 401, 1),
        "gateway_unreachable": ErrorRow(-32011, 503, 3),
        "operation_not_found": ErrorRow(-32012, 404, 1),
        "home_in_use": ErrorRow(-32013, 409, 1),
        "port_busy": ErrorRow(-32014, 409, 1),
        "too_slow": ErrorRow(-32015, 503, 1),
        "invalid_settings": ErrorRow(-32016, 500, 1, "run `voicecall config check`"),
        "not_authentic": ErrorRow(-32017, 401, 1, "check the carrier's credentials and publicUrl"),
        "bad_webhook": ErrorRow(-32018, 400, 1),
        "broken_history": ErrorRow(-32019, 500, 1),
        "invalid_number": ErrorRow(INVALID_PARAMS, 400, 2),
        "invalid_params": ErrorRow(INVALID_PARAMS, 400, 2),
        "invalid_request": ErrorRow(INVALID_PARAMS, 400, 2),
        "usage": ErrorRow(INVALID_PARAMS, 400, 2),
        "bad_media": ErrorRow(-32000, 400, 1),
        "invalid_pairing_code": ErrorRow(INVALID_PARAMS, 400, 2),
        "unknown_pairing_code": ErrorRow(-32000, 404, 1),
        "damaged_pairing_book": ErrorRow(-32000, 500, 1),
        "forbidden": ErrorRow(-32000, 403, 1),
        "token_file": ErrorRow(-32000, 500, 1),
        "socket_error": ErrorRow(-32000, 503, 3),
    }
)

_DATA_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "call_id": "callId",
        "operation_id": "operationId",
        "carrier": "carrier",
        "code": "carrierCode",
        "status": "carrierStatus",
        "retryable": "retryable",
        "ability": "ability",
        "field": "field",
        "limit": "limit",
        "reason": "reason",
        "reasons": "reasons",
        "port": "port",
        "pid": "pid",
    }
)
"""Which attributes of an error the outside sees, and under which name. Nothing else ever leaves."""


class RemoteError(VoiceError):
    """A gateway answered a request with an error; it keeps the gateway's own kind, code and data."""

    def __init__(self, code: int, message: str, data: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code = code
        """The JSON-RPC code."""
        self.data = data
        self.remote_kind = str(data.get("kind", self.kind))


def kind_of(error: VoiceError) -> str:
    """Return the kind of *error*; that of a `RemoteError` is the gateway's."""
    return error.remote_kind if isinstance(error, RemoteError) else error.kind


def error_row(kind: str) -> ErrorRow:
    """Return the row of *kind*; a kind that a third party brought gets that of `error`."""
    return ERROR_TABLE.get(kind, ERROR_TABLE["error"])


def exit_code_of(error: VoiceError) -> int:
    """Return what a command that failed with *error* exits with."""
    return error_row(kind_of(error)).exit_code


def http_status_of(error: VoiceError) -> int:
    """Return the HTTP status for *error*, where the protocol has no better place for it."""
    return error_row(kind_of(error)).http_status


def error_object(error: VoiceError) -> dict[str, Any]:
    """Return *error* as the `error` member of a JSON-RPC answer: code, message, and data with at least its kind."""
    if isinstance(error, RemoteError):
        return {"code": error.code, "message": str(error), "data": {**error.data, "kind": error.remote_kind}}
    row = error_row(error.kind)
    data: dict[str, Any] = {"kind": error.kind}
    for attribute, name in _DATA_NAMES.items():
        value = _plain(getattr(error, attribute, None))
        if value not in (None, ""):
            data[name] = value
    if row.remedy:
        data["remedy"] = row.remedy
    return {"code": row.code, "message": str(error), "data": data}


def _plain(value: object) -> Any:
    """Return *value* as JSON; None for what is no text, number or tuple of texts or coded reasons."""
    if isinstance(value, tuple):
        items = [getattr(item, "code", item) for item in value]
        return [str(item) for item in items] if all(isinstance(item, str) for item in items) else None
    return value if isinstance(value, str | int | float) else None
