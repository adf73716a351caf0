"""Plivo's news of the end of a call."""

import itertools
from typing import Final
from urllib.parse import urlencode

from voice_entrypoints.bench.webhooks.news import ARRANGED, News, PlacedCall, Told

__all__ = ("NEWS",)

_SERIALS: Final = itertools.count(1)


def _ended(call: PlacedCall) -> Told:
    fields = {
        "CallUUID": f"leg-{call.sid}",
        "RequestUUID": call.sid,
        "From": ARRANGED.number.removeprefix("+"),
        "To": "15550005678",
        "Direction": "outbound",
        "CallStatus": "no-answer",
        "Event": "Hangup",
        "HangupCause": "NO_ANSWER",
        "HangupCauseCode": "3000",
        "HangupCauseName": "No Answer",
        "HangupSource": "Carrier",
        "Duration": "0",
        "BillDuration": "0",
        "TotalCost": "0.00000",
        "SessionStart": "2026-02-02 02:40:00.000000",
        "EndTime": "2026-02-02 02:40:47",
    }
    return Told(
        query=f"callId={call.call_id}&flow=hangup",
        body=urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        fields=tuple(fields.items()),
        serial=next(_SERIALS),
    )


NEWS: Final = News(ended=_ended)
