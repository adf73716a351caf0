"""Aliyun's news of the end of a call."""

from typing import Final

import msgspec

from voice_entrypoints.bench.webhooks.news import News, PlacedCall, Told

__all__ = ("NEWS",)


def _ended(call: PlacedCall) -> Told:
    report = {
        "call_id": call.sid,
        "start_time": "",
        "end_time": "2026-02-02 10:40:47",
        "duration": "0",
        "status_code": "200003",
        "smart_status_code": "NO_ANSWER",
        "status_msg": "用户无人接听",
        "out_id": call.call_id,
        "caller": "05710000000",
        "callee": "13900000000",
        "originate_time": "2026-02-02 10:40:00",
        "ring_time": "2026-02-02 10:40:02",
        "hangup_direction": "",
        "voice_type": "asr",
    }
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    return Told(body=msgspec.json.encode([report]), headers=headers)


NEWS: Final = News(ended=_ended)
