"""What is told of a call that nobody has placed."""

from typing import Any

from voice_entrypoints.rpc.api import Plan

__all__ = ("plan_result",)


def plan_result(plan: Plan, asked: str, *, routed: bool) -> dict[str, Any]:
    """Return *plan* as JSON, with the way that the call would take if *routed*.

    *asked* is the number as somebody wrote it, for where it was not understood.
    """
    verdict = {
        "allowed": plan.allowed,
        "reasons": list(plan.reasons),
        "to": asked if plan.to is None else str(plan.to),
        "from": str(plan.from_),
        "carrier": plan.carrier,
    }
    return {**verdict, **_way(plan)} if routed else verdict


def _way(plan: Plan) -> dict[str, Any]:
    route = plan.route
    return {
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
