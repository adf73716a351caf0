"""Runs the agent tool `voice_call`. An agent must be able to read what went wrong, so errors are results here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from voice_contracts.rpc_params import DIGITS_PROBLEM, are_digits
from voice_contracts.status import record_of
from voice_contracts.tool import TOOL_ACTIONS
from voice_domain.errors import VoiceError
from voice_domain.mode_rules import Mode
from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.command_result import command_result

__all__ = ("run_tool",)

_Result: TypeAlias = dict[str, Any]
_Texts: TypeAlias = Mapping[str, str]


async def run_tool(api: PhoneApi, arguments: Mapping[str, Any]) -> _Result:
    """Do what *arguments* ask and return the payload; whatever fails on purpose is returned as `{error}`.

    Besides the schema's form, the older one without `action` is understood: `{mode: "call", to?, message?}` and
    `{mode: "status", sid}`.
    """
    texts = {
        name: value.strip() for name, value in arguments.items() if isinstance(value, str) and value.strip()
    }
    action = texts.get("action", "")
    try:
        if not action and texts.get("mode") in ("call", "status"):
            return await _older_form(api, texts)
        run = _ACTIONS.get(action)
        if run is None:
            return {"error": f"action must be one of {', '.join(TOOL_ACTIONS)}"}
        return await run(api, texts)
    except VoiceError as error:
        return {"error": str(error)}


async def _older_form(api: PhoneApi, texts: _Texts) -> _Result:
    if texts["mode"] == "status":
        if "sid" not in texts:
            return {"error": "sid required for status"}
        return await _status(api, {"callId": texts["sid"]})
    if "to" not in texts:
        return {"error": "to required for call"}
    return await _place(api, texts["to"], texts.get("message", ""), None)


async def _initiate(api: PhoneApi, texts: _Texts) -> _Result:
    if "message" not in texts:
        return {"error": "message required"}
    mode = texts.get("mode")
    return await _place(api, texts.get("to"), texts["message"], mode if mode in _MODES else None)


async def _place(api: PhoneApi, to: str | None, message: str, mode: str | None) -> _Result:
    call = await api.call(to=to, message=message, mode=mode)
    return {"callId": str(call.call_id), "initiated": True}


async def _continue(api: PhoneApi, texts: _Texts) -> _Result:
    if not {"callId", "message"} <= texts.keys():
        return {"error": "callId and message required"}
    return {"success": True, "transcript": await api.continue_call(texts["callId"], texts["message"])}


async def _speak(api: PhoneApi, texts: _Texts) -> _Result:
    if not {"callId", "message"} <= texts.keys():
        return {"error": "callId and message required"}
    return command_result(api, await api.speak(texts["callId"], texts["message"]))


async def _end(api: PhoneApi, texts: _Texts) -> _Result:
    if "callId" not in texts:
        return {"error": "callId required"}
    return command_result(api, await api.end(texts["callId"]))


async def _status(api: PhoneApi, texts: _Texts) -> _Result:
    if "callId" not in texts:
        return {"error": "callId required"}
    call = await api.status(texts["callId"])
    return {"found": False} if call is None else {"found": True, "call": record_of(call)}


async def _digits(api: PhoneApi, texts: _Texts) -> _Result:
    if not {"callId", "digits"} <= texts.keys():
        return {"error": "callId and digits required"}
    if not are_digits(texts["digits"]):
        return {"error": DIGITS_PROBLEM}
    await api.send_digits(texts["callId"], texts["digits"])
    return {"success": True}


async def _transfer(api: PhoneApi, texts: _Texts) -> _Result:
    if not {"callId", "to"} <= texts.keys():
        return {"error": "callId and to required"}
    await api.transfer(texts["callId"], texts["to"])
    return {"success": True}


_MODES = frozenset(mode.value for mode in Mode)

_ACTIONS: Mapping[str, Callable[[PhoneApi, _Texts], Awaitable[_Result]]] = {
    "initiate_call": _initiate,
    "continue_call": _continue,
    "speak_to_user": _speak,
    "end_call": _end,
    "get_status": _status,
    "send_dtmf": _digits,
    "transfer_call": _transfer,
}
