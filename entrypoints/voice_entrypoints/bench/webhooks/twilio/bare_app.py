"""What any gateway must do at the least: take a request through Starlette and check its signature."""

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from voice_entrypoints.bench.webhooks.news import ARRANGED

__all__ = ("bare_app",)

_ORIGIN: Final = ARRANGED.webhook_url.rpartition("/voice/webhook")[0]


async def bare_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 204 to a form post that Twilio signed, 401 to anything else; keep nothing."""
    request = Request(scope, receive)
    form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
    fields = "".join(name + value for name, value in sorted(form))
    url = f"{_ORIGIN}{request.url.path}?{request.url.query}"
    mac = hmac.new(ARRANGED.secret.encode(), (url + fields).encode(), hashlib.sha1).digest()
    signature = request.headers.get("x-twilio-signature", "").encode()
    authentic = hmac.compare_digest(base64.b64encode(mac), signature)
    await Response(status_code=204 if authentic else 401)(scope, receive, send)
