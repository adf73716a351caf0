"""What carriers tell of a call that nobody answers, signed as each does, and ready to be sent."""

import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import attrs
from starlette.types import ASGIApp

from voice_contracts.twins.stage import Arrangement, Notice
from voice_contracts.twins.staged import stage_of

__all__ = ("ARRANGED", "News", "PlacedCall", "Told", "as_request")

ARRANGED: Final = Arrangement(
    number="+15550000000",
    webhook_url="https://voice.example.com/voice/webhook",
    secret="bench-auth-token-0123456789abcdef",  # noqa: S106 - of an account that does not exist
)


@attrs.frozen
class PlacedCall:
    """A call that the measured gateway waits for news of."""

    call_id: str
    sid: str
    """The carrier's name for it."""


@attrs.frozen(kw_only=True)
class Told:
    """One webhook, before it is signed."""

    query: str = ""
    body: bytes
    headers: Mapping[str, str]
    fields: tuple[tuple[str, str], ...] = ()
    """The fields of a body that is a form."""
    serial: int = 1


@attrs.frozen(kw_only=True)
class News:
    """How one carrier words it; each has a `NEWS` in the module or folder of its name."""

    ended: Callable[[PlacedCall], Told]
    rang: Callable[[PlacedCall], Told] | None = None
    """None: that is not measured."""
    bare: ASGIApp | None = None
    """The least that takes this carrier's webhooks, to be measured beside ours; None: there is nothing."""


def as_request(carrier: str, told: Told) -> bytes:
    """Return a whole HTTP request that *carrier* signed."""
    stage = stage_of(carrier)
    address = stage.address(ARRANGED)
    url = f"{address}?{told.query}" if told.query else address
    notice = Notice(
        url=url,
        body=told.body,
        fields=told.fields,
        at_ms=time.time_ns() // 1_000_000,
        serial=told.serial,
    )
    parts = urlsplit(url)
    headers = {
        "Host": parts.netloc,
        "Content-Length": str(len(told.body)),
        "Accept": "*/*",
        **told.headers,
        **stage.signed(ARRANGED, notice),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + told.body
