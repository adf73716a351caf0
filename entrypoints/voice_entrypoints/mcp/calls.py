"""Calls as resources of MCP: the list of live ones, and each by its id."""

import json
from collections.abc import Mapping
from typing import Any, Final

from mcp import types

from voice_domain.e164 import mask_number
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.mcp.desk import Desk

__all__ = ("LIVE_CALLS_URI", "call_template", "call_uri", "list_calls", "read_calls")

LIVE_CALLS_URI: Final = "voicecall://calls"
_JSON: Final = "application/json"
_PAST: Final = 20


def call_uri(call_id: str) -> str:
    """Return the address of one call."""
    return f"{LIVE_CALLS_URI}/{call_id}"


def call_template() -> types.ResourceTemplate:
    """Return how the address of any call, live or past, is made."""
    return types.ResourceTemplate(
        uri_template=call_uri("{callId}"),
        name="call",
        description="The record of a call: state, times, transcript.",
        mime_type=_JSON,
    )


async def list_calls(desk: Desk) -> list[types.Resource]:
    """Return the list of live calls, each of them, and the latest past ones. Names mask numbers.

    Raises:
        VoiceError: if nobody can be asked.
    """
    history = await desk.ask("voicecall.history", {"limit": _PAST})
    live = types.Resource(
        uri=LIVE_CALLS_URI, name="live calls", description="Every call that lives now.", mime_type=_JSON
    )
    return [live, *(_resource(record) for record in history["calls"])]


async def read_calls(desk: Desk, uri: str) -> str:
    """Return what *uri* names as JSON.

    Raises:
        CallNotFoundError: if it names no call.
        VoiceError: if nobody can be asked.
    """
    if uri == LIVE_CALLS_URI:
        return json.dumps(await desk.ask("voicecall.status", {}), ensure_ascii=False)
    call_id = uri.removeprefix(call_uri(""))
    result = await desk.ask("voicecall.status", {"callId": call_id}) if call_id != uri else {"found": False}
    if not result["found"]:
        raise CallNotFoundError(call_id)
    return json.dumps(result["call"], ensure_ascii=False)


def _resource(record: Mapping[str, Any]) -> types.Resource:
    outbound = record["direction"] == "outbound"
    number = str(record["to" if outbound else "from"])
    masked = mask_number(number) if number.startswith("+") else number
    return types.Resource(
        uri=call_uri(record["callId"]),
        name=f"{record['mode']} call {'to' if outbound else 'from'} {masked}: {record['state']}",
        mime_type=_JSON,
    )
