"""Telnyx' news of the end of a call."""

import base64
import itertools
from typing import Final

import msgspec

from voice_contracts.twins.telnyx.stage import STAGE
from voice_entrypoints.bench.webhooks.news import ARRANGED, News, PlacedCall, Told

__all__ = ("NEWS",)

_CONNECTION_ID: Final = STAGE.settings(ARRANGED)["telnyx"]["connectionId"]
_SERIALS: Final = itertools.count(1)


def _ended(call: PlacedCall) -> Told:
    payload = {
        "call_control_id": call.sid,
        "call_leg_id": f"leg-{call.sid}",
        "call_session_id": f"session-{call.sid}",
        "connection_id": _CONNECTION_ID,
        "client_state": base64.b64encode(f"C-{call.call_id}".encode()).decode(),
        "from": ARRANGED.number,
        "to": "+15550005678",
        "hangup_cause": "timeout",
        "hangup_source": "unknown",
        "sip_hangup_cause": "487",
    }
    event = {
        "record_type": "event",
        "event_type": "call.hangup",
        "id": f"00000000-0000-4000-8000-{next(_SERIALS):012d}",
        "occurred_at": "2026-02-02T02:40:00.000000Z",
        "payload": payload,
    }
    meta = {"attempt": 1, "delivered_to": ARRANGED.webhook_url}
    body = msgspec.json.encode({"data": event, "meta": meta})
    return Told(body=body, headers={"Content-Type": "application/json"})


NEWS: Final = News(ended=_ended)
