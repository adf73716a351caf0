"""News of the end of a call, as each carrier but Twilio words and signs them, ready to be sent."""

import base64
import itertools
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import attrs
import msgspec

from voice_contracts.twins.plivo.signature import sign_v3
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_entrypoints.bench.webhooks.notices import AUTH_TOKEN, PUBLIC_URL, PlacedCall

__all__ = ("ENDINGS", "Ending")

_CALLBACK_TOKEN: Final = "bench-callback-token"  # noqa: S105 - of an account that does not exist
_OURS, _THEIRS = "15550000000", "15550005678"
_SERIALS: Final = itertools.count(1)


@attrs.frozen
class Ending:
    """How one carrier tells that nobody answered."""

    settings: Mapping[str, Any]
    """Of the gateway, besides what every carrier needs."""
    notice: Callable[[PlacedCall], bytes]
    """Returns a whole HTTP request."""


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    told = {"Host": parts.netloc, "Content-Length": str(len(body)), "Accept": "*/*", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def _telnyx(call: PlacedCall) -> bytes:
    payload = {
        "call_control_id": call.sid,
        "call_leg_id": f"leg-{call.sid}",
        "call_session_id": f"session-{call.sid}",
        "connection_id": _ACCOUNT.connection_id,
        "client_state": base64.b64encode(f"C-{call.call_id}".encode()).decode(),
        "from": f"+{_OURS}",
        "to": f"+{_THEIRS}",
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
    body = msgspec.json.encode({"data": event, "meta": {"attempt": 1, "delivered_to": PUBLIC_URL}})
    stamp = str(int(time.time()))
    mac = base64.b64encode(_KEY.sign(f"{stamp}|".encode() + body)).decode()
    headers = {
        "Content-Type": "application/json",
        "telnyx-timestamp": stamp,
        "telnyx-signature-ed25519": mac,
    }
    return _posted(PUBLIC_URL, body, headers)


def _plivo(call: PlacedCall) -> bytes:
    url = f"{PUBLIC_URL}?callId={call.call_id}&flow=hangup"
    fields = {
        "CallUUID": f"leg-{call.sid}",
        "RequestUUID": call.sid,
        "From": _OURS,
        "To": _THEIRS,
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
    nonce = f"{next(_SERIALS):020d}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Plivo-Signature-V3": sign_v3(AUTH_TOKEN, "POST", url, nonce, fields.items()),
        "X-Plivo-Signature-V3-Nonce": nonce,
    }
    return _posted(url, urlencode(fields).encode(), headers)


def _aliyun(call: PlacedCall) -> bytes:
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
    return _posted(f"{PUBLIC_URL}/{_CALLBACK_TOKEN}", msgspec.json.encode([report]), headers)


_ACCOUNT: Final = TelnyxAccount()
_KEY: Final = _ACCOUNT.signing_key()

ENDINGS: Final[Mapping[str, Ending]] = MappingProxyType(
    {
        "telnyx": Ending(
            {
                "provider": "telnyx",
                "telnyx": {
                    "apiKey": "KEY-bench",
                    "connectionId": _ACCOUNT.connection_id,
                    "publicKey": _ACCOUNT.public_key,
                },
            },
            _telnyx,
        ),
        "plivo": Ending(
            {"provider": "plivo", "plivo": {"authId": "MABENCH0000000000000", "authToken": AUTH_TOKEN}},
            _plivo,
        ),
        "aliyun": Ending(
            {
                "provider": "aliyun",
                "fromNumber": "+8657112345678",
                "aliyun": {
                    "accessKeyId": "bench",
                    "accessKeySecret": "bench",
                    "callbackToken": _CALLBACK_TOKEN,
                },
            },
            _aliyun,
        ),
    }
)
"""By the word in the settings."""
