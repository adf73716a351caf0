"""`voicecall plan`: what the dial policy says of a number."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import attrs
from cyclopts import Parameter

from voice_contracts.errors import error_row
from voice_domain.ports.event_store import CallHistory
from voice_entrypoints.cli.archive import open_archive
from voice_entrypoints.cli.gateway import gateway_if_any
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.cli.surroundings import Surroundings, client_surroundings
from voice_entrypoints.rpc.plan_result import plan_result
from voice_entrypoints.words.language import translated

__all__ = ("plan",)

_PLAIN = Shared()


async def plan(
    *,
    to: Annotated[str, Parameter(name=("--to", "-t"), help="The number, E.164 or as people write it.")],
    mode: Annotated[
        Literal["notify", "conversation"] | None, Parameter(help="notify or conversation.")
    ] = None,
    shared: Shared = _PLAIN,
) -> int:
    """Say whether a number would be called now, and why or why not; exits with 4 if it would not be."""
    around = client_surroundings(shared)
    params = {"to": to} if mode is None else {"to": to, "mode": mode}
    async with gateway_if_any(around) as gateway:
        if gateway is not None:
            return _shown(await gateway.call("voicecall.plan", {**params, "route": True}), shared)
    around.require()
    async with open_archive(around) as archive:
        return _shown(await _judged(around, archive, params), shared)


async def _judged(around: Surroundings, archive: CallHistory, params: dict[str, str]) -> dict[str, Any]:
    from voice_entrypoints.container import Container

    phone = Container(settings=around.settings, home=around.home).phone()
    plan = await attrs.evolve(phone, place=attrs.evolve(phone.place, history=archive)).plan(
        to=params["to"], mode=params.get("mode")
    )
    return plan_result(plan, "", routed=True)


def _shown(verdict: dict[str, Any], shared: Shared) -> int:
    if shared.json:
        show_json(verdict)
    else:
        who, over, ours = verdict["to"] or "the number", verdict["carrier"], verdict["from"]
        if verdict["allowed"]:
            show(translated(f"{who} would be called over {over} from {ours}"))
        else:
            show(translated(f"{who} would not be called over {over} from {ours}"))
        for line in (*verdict["reasons"], *_way(verdict)):
            show(f"  {translated(line)}")
    return 0 if verdict["allowed"] else error_row("policy_refused").exit_code


def _way(verdict: dict[str, Any]) -> Iterator[str]:
    """Yield sentences about how the call would go; none where nobody tells."""
    route = verdict["route"]
    if route is None:
        return
    mode, locale, voice, responder = verdict["mode"], verdict["locale"], route["voice"], route["responder"]
    yield f"mode: {mode}; language: {locale}"
    if route["streamed"]:
        yield f"its audio comes here as a media stream; voice: {voice}"
    else:
        yield "the carrier speaks and listens with its own voices"
    if responder is not None:
        yield f"who answers: {responder}"
    if route["publicUrl"] is not None:
        url = route["publicUrl"]
        yield f"the carrier reports to {url}"
    elif route["tunnel"] is not None:
        tunnel = route["tunnel"]
        yield f"the carrier reports through the tunnel {tunnel}, whose address is known once it is open"
