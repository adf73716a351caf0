"""Whoever reaches the public listener of a gateway at Twilio; it knows the secret where a test says so."""

import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from support.stranger import Api

from voice_contracts.twins.twilio.signature import sign

__all__ = ("ACCOUNT", "FRIEND", "GREETING", "PLAIN", "PUBLIC", "SETTINGS", "TOKEN", "Stranger")

TOKEN, ACCOUNT = "a-token-0123456789abcdef", "AC00000000000000000000000000000001"
PUBLIC = "https://voice.example.com/voice/webhook"
FRIEND = "+15550008123"
GREETING = "Hi & <Hangup/> \"x\" 'y'"
SETTINGS: dict[str, Any] = {
    "provider": "twilio",
    "fromNumber": "+15550000000",
    "publicUrl": PUBLIC,
    "inboundPolicy": "allowlist",
    "allowFrom": [FRIEND],
    "inboundGreeting": GREETING,
    "maxConcurrentCalls": 20,
    "outbound": {"denyNumbers": ["+1900"]},
    # Keys that would change every object of some languages, and every attribute of ours.
    "tts": {"__proto__": {"provider": "edge"}, "openai": {"constructor": {"voice": "x"}, "voice": "coral"}},
    # Nobody listens there: whatever we want of the carrier is refused at once, and told nobody outside.
    "twilio": {"accountSid": ACCOUNT, "authToken": TOKEN, "apiBaseUrl": "http://127.0.0.1:9"},
    "responseModel": "echo",
}
PLAIN: Mapping[str, Any] = {
    "timeout": 20,
    "trust_env": False,
    "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
}


class Stranger:
    """Whoever can reach the public listener; it knows the carrier's secret only where a test gives it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.url = api.gateway.webhook_url
        there = urlsplit(self.url)
        self.address = (there.hostname or "", there.port or 0)
        self._count = 0

    def fields(self, caller: str = "+15550001111", **more: str) -> dict[str, str]:
        """Return what Twilio says of a call that comes in."""
        self._count += 1
        said = {
            "CallSid": f"CA{self._count:032x}",
            "AccountSid": ACCOUNT,
            "From": caller,
            "To": "+15550000000",
            "CallStatus": "ringing",
            "Direction": "inbound",
        }
        return said | more

    def calls(self) -> list[dict[str, Any]]:
        """Return all calls, the newest first."""
        return list(self.api.ask("history", limit=1_000)["calls"])

    def hang_up(self) -> None:
        """Tell the end of every call, as the carrier does: what is over needs no carrier when the gateway stops."""
        for call in self.api.ask("status")["calls"]:
            self.send(self.fields(CallSid=call["providerCallId"], CallStatus="completed"))
        assert self.api.ask("status") == {"calls": []}

    def send(self, fields: Mapping[str, str], *, signed: str = PUBLIC, **headers: str) -> httpx.Response:
        """Post a webhook that is signed for the URL *signed*."""
        sent = {"X-Twilio-Signature": sign(TOKEN, signed, fields.items()), **headers}
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        return httpx.post(self.url, content=urlencode(fields), headers=sent, **PLAIN)

    def send_to(self, url: str, fields: Mapping[str, str]) -> httpx.Response:
        """Post a webhook to a public URL that one of our documents names."""
        sent = {"X-Twilio-Signature": sign(TOKEN, url, fields.items())}
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        local = f"{self.url}?{urlsplit(url).query}"
        return httpx.post(local, content=urlencode(fields), headers=sent, **PLAIN)

    def raw(self, request: bytes) -> bytes:
        """Send bytes and return the beginning of what comes back, with the connection left open."""
        with socket.create_connection(self.address, timeout=20) as wire:
            wire.sendall(request)
            return wire.recv(4_096)
