"""The agent tool `voice_call`: its name, description and schema.

The schema is one flat object: some model vendors refuse a union at the root. Which fields an action needs is said in
words, and checked when the tool runs.
"""

from typing import Any

from voice_domain.mode_rules import Mode

__all__ = ("TOOL_ACTIONS", "TOOL_DESCRIPTION", "TOOL_NAME", "tool_document", "tool_schema")

TOOL_NAME = "voice_call"

TOOL_DESCRIPTION = (
    "Place and hold real phone calls. initiate_call dials and speaks; continue_call speaks and returns what the "
    "counterpart says next; speak_to_user only speaks; get_status tells how a call goes; send_dtmf presses keys; "
    "transfer_call hands over; end_call hangs up."
)

TOOL_ACTIONS = (
    "initiate_call",
    "continue_call",
    "speak_to_user",
    "end_call",
    "get_status",
    "send_dtmf",
    "transfer_call",
)


def tool_schema() -> dict[str, Any]:
    """Return the JSON Schema of the tool's arguments."""
    return {
        "type": "object",
        "properties": {
            "action": {
                "type": "string",
                "enum": list(TOOL_ACTIONS),
                "description": (
                    "initiate_call needs message; continue_call and speak_to_user callId and message; "
                    "send_dtmf callId and digits; transfer_call callId and to; end_call and get_status callId."
                ),
            },
            "message": {"type": "string", "description": "What to say."},
            "to": {
                "type": "string",
                "description": "The number to call, E.164 such as +15550001234; optional if a default is set.",
            },
            "mode": {
                "type": "string",
                "enum": [mode.value for mode in Mode],
                "description": "notify says the message and hangs up; conversation takes turns.",
            },
            "callId": {"type": "string", "description": "What initiate_call returned."},
            "digits": {"type": "string", "description": "Keys to press: 0-9 * # and w or , for a pause."},
        },
        "required": ["action"],
        "additionalProperties": False,
    }


def tool_document() -> dict[str, Any]:
    """Return the tool as `voicecall tool` prints it."""
    return {"name": TOOL_NAME, "description": TOOL_DESCRIPTION, "parameters": tool_schema()}
