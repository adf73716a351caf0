"""The outermost layer of both listeners: a bug becomes a 500 with an incident id, never a traceback."""

import logging
import secrets

import attrs
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ("Incidents",)

_log = logging.getLogger(__name__)


@attrs.frozen
class Incidents:
    """Wraps an application."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def noting_send(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        except Exception:
            incident = secrets.token_hex(4)
            # The path may hold a token, so the log names only what kind of request it was.
            _log.exception("incident %s: a %s request failed unexpectedly", incident, scope["type"])
            if begun:
                raise
            sentence = f"Internal error; the gateway's log has it as incident {incident}"
            body = {"error": {"kind": "internal_error", "message": sentence, "incident": incident}}
            await JSONResponse(body, 500)(scope, receive, send)
