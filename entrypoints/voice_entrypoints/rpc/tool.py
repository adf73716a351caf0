"""Runs the agent tool `voice_call`. An agent must be able to read what went wrong, so errors are results here."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from voice_contracts.rpc_params import DIGITS_PROBLEM, are_digits
from voice_contracts.tool import TOOL_ACTIONS
from voice_domain.errors import VoiceError
from voice_domain.mode_rules import Mode

__all__ = ("Ask", "run_tool")

Ask: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Returns the result of a JSON-RPC method with these params; raises a `VoiceError` where RPC answers with an error."""

_Result: TypeAlias = dict[str, Any]
_Texts: TypeAlias = Mapping[str, str]


@attrs.frozen
class _Action:
    """What an action of the tool is over RPC."""

    method: str
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    """Besides what it needs."""


_ACTIONS: Final[Mapping[str, _Action]] = MappingProxyType(
    {
        "initiate_call": _Action("voicecall.initiate", ("message",), ("to", "mode")),
        "continue_call": _Action("voicecall.continue", ("callId", "message")),
        "speak_to_user": _Action("voicecall.speak", ("callId", "message")),
        "end_call": _Action("voicecall.end", ("callId",)),
        "get_status": _Action("voicecall.status", ("callId",)),
        "send_dtmf": _Action("voicecall.dtmf", ("callId", "digits")),
        "transfer_call": _Action("voicecall.transfer", ("callId", "to")),
    }
)
_MODES: Final = frozenset(mode.value for mode in Mode)


async def run_tool(ask: Ask, arguments: Mapping[str, Any]) -> _Result:
    """Do what *arguments* want and return the payload; whatever fails on purpose is returned as `{error}`.

    Besides the schema's form, the older one without `action` is understood: `{mode: "call", to?, message?}` and
    `{mode: "status", sid}`.
    """
    texts = {
        name: value.strip() for name, value in arguments.items() if isinstance(value, str) and value.strip()
    }
    try:
        if "action" not in texts and texts.get("mode") in ("call", "status"):
            return await _older_form(ask, texts)
        return await _run(ask, texts)
    except VoiceError as error:
        return {"error": str(error)}


async def _run(ask: Ask, texts: _Texts) -> _Result:
    action = _ACTIONS.get(texts.get("action", ""))
    if action is None:
        return {"error": f"action must be one of {', '.join(TOOL_ACTIONS)}"}
    if not texts.keys() >= set(action.needs):
        return {"error": f"{' and '.join(action.needs)} required"}
    if "digits" in action.needs and not are_digits(texts["digits"]):
        return {"error": DIGITS_PROBLEM}
    params = {name: texts[name] for name in (*action.needs, *action.takes) if name in texts}
    if params.get("mode") not in _MODES:
        params.pop("mode", None)
    return dict(await ask(action.method, params))


async def _older_form(ask: Ask, texts: _Texts) -> _Result:
    if texts["mode"] == "status":
        if "sid" not in texts:
            return {"error": "sid required for status"}
        return dict(await ask("voicecall.status", {"callId": texts["sid"]}))
    if "to" not in texts:
        return {"error": "to required for call"}
    wanted = {"to": texts["to"], "message": texts.get("message", "")}
    return dict(await ask("voicecall.start", wanted))
