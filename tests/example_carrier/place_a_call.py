"""A call on the installed carrier "Example": a whole gateway, and a stand-in for Example's network on loopback."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import anyio
import httpx
from example_carrier.network import running_network

from voice_contracts.twins.serving import serve_on_loopback
from voice_entrypoints.embed import open_voicecall

SECRET = "a secret of the demonstration"


async def main(home: Path) -> None:
    """Write, as JSON, what became of the call and what was heard at its other end."""
    async with httpx.AsyncClient() as http:

        async def deliver(body: bytes, headers: Mapping[str, str]) -> None:
            gateway = json.loads((home / "gateway.json").read_text())
            (await http.post(gateway["webhookUrl"], content=body, headers=headers)).raise_for_status()

        async with running_network(SECRET, deliver) as network, serve_on_loopback(network.handle) as api_url:
            network.picks_up = True
            settings = {
                "provider": "example",
                "fromNumber": "+15550000000",
                "publicUrl": "https://voice.example.com/voice/webhook",
                "serve": {"port": 0},
                "api": {"port": 0},
                "outbound": {"notifyHangupDelaySec": 0},
                "example": {"apiUrl": api_url, "apiKey": "key", "signingSecret": SECRET},
            }
            async with open_voicecall(settings, home=home, environ={}) as phone:
                placed = await phone.call(to="+15550005678", message="Your table is ready.", mode="notify")
                call = await phone.ended(placed.call_id)
            (leg,) = network.legs.values()
            became = {"carrier": call.opened.carrier, "end": call.end_reason, "heard": leg.heard}
            sys.stdout.write(json.dumps(became) + "\n")


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]))
