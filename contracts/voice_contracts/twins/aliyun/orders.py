"""What requests ask for, and the codes with which Aliyun refuses them."""

import json
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.aliyun.leg import Order
from voice_domain.errors import VoiceError

__all__ = ("RefusedOrderError", "conversation_of", "notice_of", "parties_of")

_NUMBER: Final = re.compile(r"[0-9]{7,15}")
_VARIABLE: Final = re.compile(r"\$([^$,]+)\$")
_SLOT: Final = re.compile(r"\$\{([^}]+)\}")


class RefusedOrderError(VoiceError):
    """Aliyun does not do this."""

    kind: ClassVar[str] = "refused_order"

    def __init__(self, code: str) -> None:
        super().__init__(f"refused with {code}; look it up")
        self.code = code


def parties_of(fields: Mapping[str, str], account: AliyunAccount) -> tuple[str, str]:
    """Return who calls whom.

    Raises:
        RefusedOrderError: if the account has not bought the one number, or the other is none.
    """
    shown, called = fields.get("CalledShowNumber", ""), fields.get("CalledNumber", "")
    if shown not in account.numbers:
        raise RefusedOrderError("isv.DISPLAY_NUMBER_ILLEGAL")
    if not _NUMBER.fullmatch(called) or called.startswith("86"):
        raise RefusedOrderError("isv.MOBILE_NUMBER_ILLEGAL")
    return shown, called


def conversation_of(fields: Mapping[str, str]) -> Order:
    """Read a SmartCall.

    Raises:
        RefusedOrderError: if something is missing or out of range.
    """
    values = _object(fields.get("VoiceCodeParam", "{}"))
    code = fields.get("VoiceCode", "")
    names = _VARIABLE.findall(code)
    if not code or not set(names) <= set(values):
        raise RefusedOrderError("isv.VOICE_FILE_ILLEGAL")
    text = _VARIABLE.sub(lambda found: values[found[1]], code)
    return Order(
        conversation=True,
        text=text,
        out_id=_out_id(fields),
        dynamic_id=fields.get("DynamicId", ""),
        interruptible=_flag(fields.get("ActionCodeBreak", "false")),
        mute_seconds=_between(fields.get("MuteTime", "10000"), 1000, 20_000) / 1000,
        session_seconds=_between(fields.get("SessionTimeout", "3600"), 1, 3600),
    )


def notice_of(fields: Mapping[str, str], account: AliyunAccount) -> Order:
    """Read a SingleCallByTts.

    Raises:
        RefusedOrderError: if there is no such template, or its variables are others.
    """
    template = account.templates.get(fields.get("TtsCode", ""))
    if template is None:
        raise RefusedOrderError("isv.TTS_TEMPLATE_ILLEGAL")
    values = _object(fields.get("TtsParam", "{}"))
    if set(_SLOT.findall(template)) != set(values):
        raise RefusedOrderError("isv.TEMPLATE_PARAMS_ILLEGAL")
    text = _SLOT.sub(lambda found: values[found[1]], template)
    times = _between(fields.get("PlayTimes", "1"), 1, 3)
    return Order(conversation=False, text=text * times, out_id=_out_id(fields))


def _out_id(fields: Mapping[str, str]) -> str:
    name = fields.get("OutId", "")
    if len(name.encode()) > 15:
        raise RefusedOrderError("isv.INVALID_PARAMETERS")
    return name


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise RefusedOrderError("isv.INVALID_PARAMETERS")
    return text == "true"


def _between(text: str, least: int, most: int) -> int:
    if not text.isdigit() or not least <= int(text) <= most:
        raise RefusedOrderError("isv.INVALID_PARAMETERS")
    return int(text)


def _object(text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise RefusedOrderError("isv.INVALID_PARAMETERS") from error
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise RefusedOrderError("isv.INVALID_PARAMETERS")
    return value
