"""The public listener: what carriers reach, and nothing else."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from voice_entrypoints.http.incidents import Incidents
from voice_entrypoints.http.webhook_gate import WebhookGate

__all__ = ("public_app",)


def public_app(gate: WebhookGate | None) -> ASGIApp:
    """Return the application; without a gate (a carrier that sends no webhooks) every path is 404."""
    return Incidents(_nothing if gate is None else gate)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Not Found", 404)(scope, receive, send)
