"""The report of a call that is over, as subscribers, the webhook and `voicecall.report` give it."""

from typing import Any

from voice_contracts.status import RECORD_SCHEMA, record_of
from voice_domain.call import Call

__all__ = ("REPORT_METHOD", "REPORT_SCHEMA", "report_notification", "report_of")

REPORT_METHOD = "voicecall.report"

_TAKEN = (
    "callId",
    "provider",
    "direction",
    "from",
    "to",
    "mode",
    "startedAt",
    "answeredAt",
    "endedAt",
    "transcript",
)
_OUTCOME = "Why the call is over; `state` of its record."

REPORT_SCHEMA: dict[str, Any] = {
    "title": "CallReport",
    "type": "object",
    "properties": {
        **{name: RECORD_SCHEMA["properties"][name] for name in _TAKEN},
        "outcome": {**RECORD_SCHEMA["properties"]["endReason"], "description": _OUTCOME},
        "answered": {"type": "boolean", "description": "Whether somebody or something answered."},
        "seconds": {
            "type": "number",
            "description": "From the answer to the end, which carriers bill; 0 if unanswered.",
        },
        "summary": {
            "type": "string",
            "description": "What came of it, by the language model; absent if there is none.",
        },
        "error": {"type": "string", "description": "What went wrong, for a person."},
    },
    "required": [
        *("callId", "provider", "direction", "from", "to", "mode", "startedAt", "endedAt", "transcript"),
        *("outcome", "answered", "seconds"),
    ],
    "additionalProperties": False,
}


def report_of(call: Call, summary: str) -> dict[str, Any]:
    """Return the report of *call*, which is over, as JSON. Numbers and transcript are whole."""
    record = record_of(call)
    report = {name: record[name] for name in _TAKEN if name in record}
    report["outcome"] = record["endReason"]
    report["answered"] = "answeredAt" in record
    report["seconds"] = (record["endedAt"] - record.get("answeredAt", record["endedAt"])) / 1000
    if summary:
        report["summary"] = summary
    if "error" in record:
        report["error"] = record["error"]
    return report


def report_notification(report: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON-RPC notification that gives subscribers a report."""
    return {"jsonrpc": "2.0", "method": REPORT_METHOD, "params": report}
