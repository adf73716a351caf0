"""The OpenRPC document of the JSON-RPC interface, made from the table of methods."""

from typing import Any

from voice_contracts.errors import error_row
from voice_contracts.report import REPORT_SCHEMA
from voice_contracts.rpc import METHODS, Method
from voice_contracts.shape import field_names, shape_schema
from voice_contracts.status import RECORD_SCHEMA

__all__ = ("openrpc_document",)

# The version of this interface, not of the product: it changes when a client could notice.
_INTERFACE_VERSION = "1.0.0"


def openrpc_document() -> dict[str, Any]:
    """Return the document (OpenRPC 1.3), as `rpc.discover` answers."""
    return {
        "openrpc": "1.3.2",
        "info": {
            "title": "voicecall",
            "version": _INTERFACE_VERSION,
            "description": "Place and take real phone calls. Times are epoch milliseconds.",
        },
        "methods": [_method(method) for method in METHODS],
        "components": {"schemas": {"Call": RECORD_SCHEMA, "CallReport": REPORT_SCHEMA}},
    }


def _method(method: Method) -> dict[str, Any]:
    schema = shape_schema(method.params)
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": [
            {
                "name": name,
                "required": name in schema["required"],
                "description": schema["properties"][name]["description"],
                "schema": {
                    key: value for key, value in schema["properties"][name].items() if key != "description"
                },
            }
            for name in field_names(method.params)
        ],
        "result": {"name": "result", "schema": method.result},
        "errors": [_error(kind) for kind in (*method.errors, "unavailable")],
    }


def _error(kind: str) -> dict[str, Any]:
    return {"code": error_row(kind).code, "message": kind.replace("_", " "), "data": {"kind": kind}}
