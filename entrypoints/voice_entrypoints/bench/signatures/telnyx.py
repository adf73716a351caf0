"""Telnyx' signatures: JSON, with Ed25519."""

from typing import Any, Final

import msgspec

from voice_adapters.carriers.telnyx import TelnyxSignature, read_public_key
from voice_adapters.clock import SystemClock
from voice_contracts.twins.stage import Notice
from voice_contracts.twins.telnyx.stage import STAGE
from voice_entrypoints.bench.signatures.contest import (
    ARRANGED,
    REQUESTS,
    URL,
    Check,
    Contest,
    fields_of,
    posted,
)

__all__ = ("CONTEST",)

_KNOWN: Final = STAGE.settings(ARRANGED)["telnyx"]


def _requests() -> list[tuple[bytes, dict[str, str]]]:
    now_ms = SystemClock().now_ms()
    bodies = [msgspec.json.encode({"data": {"payload": fields_of(number)}}) for number in range(REQUESTS)]
    return [(body, STAGE.signed(ARRANGED, Notice(url=URL, body=body, at_ms=now_ms))) for body in bodies]


def _ours() -> Check:
    checker = TelnyxSignature(public_key=read_public_key(_KNOWN["publicKey"]), clock=SystemClock())
    requests = [posted(body, headers) for body, headers in _requests()]

    def check(number: int) -> None:
        checker.authenticate(requests[number])
        msgspec.json.decode(requests[number].body)

    return check


def _theirs() -> Check:
    import nacl.signing  # noqa: F401 - the library imports it too late to be missed in time
    from telnyx import Telnyx

    webhooks: Any = Telnyx(api_key=_KNOWN["apiKey"], public_key=_KNOWN["publicKey"]).webhooks
    requests = [(body.decode(), headers) for body, headers in _requests()]

    def check(number: int) -> None:
        body, headers = requests[number]
        webhooks.unwrap(body, headers=headers)

    return check


CONTEST: Final = Contest("telnyx, Ed25519 and JSON", _ours, _theirs, "telnyx[webhooks]")
