"""Why ElevenLabs refused a request, and what to do about it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from voice_adapters.services.fault import Explanation, Fault
from voice_adapters.services.http_stream import RefusedError
from voice_adapters.services.problem_text import json_object, shown

__all__ = ("explain", "may_pass")

_VOICE = "it has no such voice; check tts.elevenlabs.voiceId"
_PLAN = "the plan does not include this voice, model or format; upgrade it or choose another"
_KNOWN: Mapping[str, tuple[str, Fault]] = MappingProxyType(
    {
        "invalid_api_key": ("the key is wrong; check tts.elevenlabs.apiKey", Fault.ACCOUNT),
        "missing_permissions": (
            "the key may not synthesize speech; give it the text-to-speech permission",
            Fault.ACCOUNT,
        ),
        # It is a 401 like a wrong key, so the code decides and not the status.
        "quota_exceeded": ("the account's quota is used up; upgrade the plan or wait for it", Fault.ACCOUNT),
        "voice_not_found": (_VOICE, Fault.ACCOUNT),
        "model_not_found": ("it has no such model; check tts.elevenlabs.modelId", Fault.ACCOUNT),
        "max_character_limit_exceeded": (
            "the text is too long for the model; say it in parts",
            Fault.REQUEST,
        ),
        "too_many_concurrent_requests": (
            "the plan does not allow more voices at once; wait for one to finish, or upgrade it",
            Fault.PASSING,
        ),
        "system_busy": ("it is busy; try again in a moment", Fault.PASSING),
    }
)
_STATUSES: Mapping[int, tuple[str, Fault]] = MappingProxyType(
    {
        401: _KNOWN["invalid_api_key"],
        402: (_PLAN, Fault.ACCOUNT),
        403: (_PLAN, Fault.ACCOUNT),
        404: (_VOICE, Fault.ACCOUNT),
        429: _KNOWN["system_busy"],
    }
)


def may_pass(refused: RefusedError) -> bool:
    """Whether the same request may succeed in a moment."""
    return explain(refused).fault is Fault.PASSING


def explain(refused: RefusedError, *, key: str = "") -> Explanation:
    """Return why *refused* happened; *key* is kept out of it."""
    code, message = _detail(json_object(refused.body), key)
    if code in _KNOWN:
        return Explanation(*_KNOWN[code], code)
    if code.startswith("only_for_"):
        return Explanation(_PLAN, Fault.ACCOUNT, code)
    said = f" ({message})" if message else ""
    if refused.status in _STATUSES:
        problem, fault = _STATUSES[refused.status]
        return Explanation(f"{problem}{said}", fault, code)
    fault = Fault.PASSING if refused.status >= 500 or refused.status == 408 else Fault.REQUEST
    advice = "; try again later" if fault is Fault.PASSING else ""
    return Explanation(f"status {refused.status}{said}{advice}", fault, code)


def _detail(body: Mapping[str, Any], key: str) -> tuple[str, str]:
    """Return code and message of the three shapes that `detail` has."""
    match body.get("detail"):
        case {**detail}:
            code = detail.get("status") or detail.get("code") or ""
            return shown(code, key), shown(detail.get("message"), key)
        case [{**first}, *_]:
            place = ".".join(str(step) for step in _list(first.get("loc")))
            return shown(first.get("type"), key), shown(f"{place}: {first.get('msg', '')}", key)
        case str(text):
            return "", shown(text, key)
        case _:
            return "", ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
