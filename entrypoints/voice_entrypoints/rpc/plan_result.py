"""What is told of a call that nobody has placed."""

from typing import Any

from voice_entrypoints.rpc.api import Plan

__all__ = ("plan_result",)


def plan_result(plan: Plan, asked: str) -> dict[str, Any]:
    """Return *plan* as JSON; *asked* is the number as somebody wrote it, for where it was not understood."""
    route = plan.route
    return {
        "allowed": plan.allowed,
        "reasons": list(plan.reasons),
        "to": asked if plan.to is None else str(plan.to),
        "from": str(plan.from_),
        "carrier": plan.carrier,
        "mode": str(plan.mode),
        "locale": plan.locale,
        "route": None
        if route is None
        else {
            "streamed": route.streamed,
            "voice": route.voice,
            "responder": route.responder,
            "publicUrl": route.public_url,
            "tunnel": route.tunnel,
        },
    }
