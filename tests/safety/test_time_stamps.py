"""How old a signed webhook may be, as a gateway at Telnyx judges it by the machine's clock: on real sockets."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.gateway import started_gateway
from support.recorder import recorder
from support.twilio_stranger import PLAIN, PUBLIC

MINUTES_5, MARGIN = 300, 30


def settings_with(public: str, api_url: str) -> dict[str, Any]:
    return {
        "provider": "telnyx",
        "fromNumber": "+15550000000",
        "publicUrl": PUBLIC,
        "telnyx": {
            "apiKey": "a-key-0123456789",
            "connectionId": "1",
            "publicKey": public,
            "apiBaseUrl": api_url,
        },
        "responseModel": "echo",
    }


def test_a_signed_time_stamp_may_be_five_minutes_off_either_way(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()

    def status(url: str, offset: int) -> int:
        payload = {"call_control_id": f"v3:{offset}", "direction": "incoming", "from": "+15550001111"}
        data = {
            "event_type": "call.initiated",
            "id": f"event{offset}",
            "payload": payload | {"to": "+15550000000"},
        }
        body, stamp = json.dumps({"data": data}).encode(), str(int(time.time()) + offset)
        signature = base64.b64encode(key.sign(stamp.encode() + b"|" + body)).decode()
        headers = {"Telnyx-Signature-Ed25519": signature, "Telnyx-Timestamp": stamp}
        return httpx.post(url, content=body, headers=headers, **PLAIN).status_code

    with (
        recorder() as carrier,
        started_gateway(tmp_path / "home", settings_with(public, carrier.url)) as gateway,
    ):
        near = [status(gateway.webhook_url, offset) for offset in (MARGIN - MINUTES_5, 0, MINUTES_5 - MARGIN)]
        far = [status(gateway.webhook_url, offset) for offset in (-MINUTES_5 - MARGIN, MINUTES_5 + MARGIN)]

    assert near == [200] * 3
    assert far == [401] * 2
