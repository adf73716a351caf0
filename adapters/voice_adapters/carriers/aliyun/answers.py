"""What Aliyun is answered: the next thing to do in a conversation, and that a report has arrived."""

from typing import Any, Final

import msgspec

from voice_domain.identity import CarrierCallId
from voice_domain.ports.webhook_reader import WebhookResponse

__all__ = ("CARRY_ON", "HANG_UP", "HEARTBEAT_MS", "NOTED", "STOP", "answer", "reading")

HEARTBEAT_MS: Final = 1000
"""After so much silence Aliyun asks again (1000 to 20000). What we want to say waits no longer than that."""

CARRY_ON: Final = {"action": "donothing"}
STOP: Final = {"action": "break"}
HANG_UP: Final = {"action": "hangup"}

_JSON: Final = "application/json;charset=UTF-8"

NOTED: Final = WebhookResponse(200, _JSON, msgspec.json.encode({"code": 0, "msg": "接收成功"}))
"""The answer to reports, exactly as Aliyun wants it; anything else makes it repeat them."""


def reading(text: str, *, interruptible: bool, name: str) -> dict[str, Any]:
    """Return the action that reads *text*; *name* comes back with the next question, empty for none."""
    action = {
        "action": "play",
        "action_code": "$tts$",
        "action_code_param": msgspec.json.encode({"tts": text}).decode(),
        "action_break": interruptible,
        "action_code_break": interruptible,
        "mute_time": HEARTBEAT_MS,
    }
    return {**action, "dynamic_id": name} if name else action


def answer(carrier_call_id: CarrierCallId, action: dict[str, Any]) -> WebhookResponse:
    """Return the answer that has *action* done in a call."""
    document = {
        "result": "success",
        "msg": "",
        "code": 200,
        "data": {"call_id": carrier_call_id, **action},
    }
    return WebhookResponse(200, _JSON, msgspec.json.encode(document))
