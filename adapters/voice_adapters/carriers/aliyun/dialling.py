"""What Aliyun is asked for when a call is placed: a conversation, or a template that is read to the callee."""

import math
import re
from collections.abc import Mapping
from typing import Final

import attrs
import msgspec

from voice_adapters.carriers.aliyun.answers import HEARTBEAT_MS
from voice_adapters.carriers.aliyun.error_codes import CARRIER
from voice_adapters.carriers.aliyun.legs import outside_name
from voice_adapters.carriers.aliyun.numbers import dialled_digits
from voice_adapters.carriers.aliyun.texts import UnspeakableTextError, checked_text, spoken_text
from voice_domain.mode_rules import MODE_RULES, Mode
from voice_domain.ports.carrier import CarrierError, DialRequest

__all__ = ("MESSAGE_VARIABLE", "Order", "Scripts")

MESSAGE_VARIABLE: Final = "message"
_VARIABLE: Final = re.compile(r"\$([^$,]+)\$")
_LONGEST_SESSION_SECONDS: Final = 3600


@attrs.frozen
class Order:
    """One request that places a call."""

    action: str
    parameters: Mapping[str, str] = attrs.field(repr=False)
    asks: bool
    """Whether Aliyun will ask what to do in the call."""


@attrs.frozen(kw_only=True)
class Scripts:
    """How calls open."""

    tts_code: str | None = None
    """The approved template of notify calls; None: they are conversations that end by themselves."""
    tts_param: str = "text"
    """The template's variable that takes the message."""
    voice_code: str = f"${MESSAGE_VARIABLE}$"
    """How a conversation opens: names of files and variables in dollar signs, joined by commas."""

    def order(self, request: DialRequest) -> Order:
        """Return what places the call.

        Raises:
            CarrierError: if the message cannot be read by Aliyun; nothing was asked for then.
        """
        try:
            if self.tts_code is not None and request.mode is Mode.NOTIFY:
                return self._template(request, self.tts_code)
            return self._conversation(request)
        except UnspeakableTextError as error:
            raise CarrierError(CARRIER, str(error)) from error

    def _template(self, request: DialRequest, tts_code: str) -> Order:
        message = checked_text(request.opening)
        parameters = {
            **_numbers(request),
            "TtsCode": tts_code,
            "TtsParam": msgspec.json.encode({self.tts_param: message}).decode(),
            "PlayTimes": "1",
        }
        return Order("SingleCallByTts", parameters, asks=False)

    def _conversation(self, request: DialRequest) -> Order:
        interruptible = MODE_RULES[request.mode].interruptible
        seconds = min(_LONGEST_SESSION_SECONDS, max(1, math.ceil(request.cap_ms / 1000)))
        parameters = {
            **_numbers(request),
            "VoiceCode": self.voice_code,
            "ActionCodeBreak": "true" if interruptible else "false",
            "DynamicId": outside_name(request.call_id),
            "MuteTime": str(HEARTBEAT_MS),
            "RecordFlag": "false",
            # Nobody can end the call from outside, so that it must end by itself if we are gone.
            "SessionTimeout": str(seconds),
        }
        values = self._values(request.opening)
        if values:
            parameters["VoiceCodeParam"] = msgspec.json.encode(values).decode()
        return Order("SmartCall", parameters, asks=True)

    def _values(self, opening: str) -> dict[str, str]:
        names = set(_VARIABLE.findall(self.voice_code))
        unknown = sorted(names - {MESSAGE_VARIABLE})
        if unknown:
            raise UnspeakableTextError(
                f"aliyun.voiceCode 中的变量 {unknown[0]} 没有内容，只支持 $message$；"
                f"Nothing is known to fill the variable {unknown[0]} of aliyun.voiceCode: use $message$"
            )
        if not names:
            return {}
        message = spoken_text(opening)
        if not message:
            raise UnspeakableTextError(
                "开场内容为空，请填写 message；The opening is empty: write what is to be said"
            )
        return {MESSAGE_VARIABLE: message}


def _numbers(request: DialRequest) -> dict[str, str]:
    return {
        "CalledShowNumber": dialled_digits(request.caller),
        "CalledNumber": dialled_digits(request.callee),
        "OutId": outside_name(request.call_id),
    }
