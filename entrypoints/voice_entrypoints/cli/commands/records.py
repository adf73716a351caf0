"""`voicecall status` and `voicecall history`: what became of calls, from the gateway or else from the store."""

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from voice_contracts.rpc_params import HistoryParams
from voice_contracts.shape import read_shape
from voice_contracts.status import record_of
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.cli.archive import open_archive
from voice_entrypoints.cli.gateway import gateway_if_any
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.cli.record_text import history_text, record_text
from voice_entrypoints.cli.surroundings import Surroundings, tolerant_surroundings

__all__ = ("history", "status")

_PLAIN = Shared()
_LOOKED_AT = 200
"""How many of the newest calls may be live, where no gateway counts them."""


async def status(
    *,
    call_id: Annotated[
        str | None, Parameter(help="The call, by our id or the carrier's; else all live ones.")
    ] = None,
    shared: Shared = _PLAIN,
) -> int:
    """Show one call, live or past; without --call-id all live ones."""
    around = tolerant_surroundings(shared)
    if call_id is None:
        live = await _live(around)
        if "problem" in live:
            note(f"the gateway takes no new calls; {live['problem']}")
        if shared.json:
            show_json(live)
        else:
            show(history_text(live["calls"]))
        return 0
    record = await _find(around, call_id)
    if shared.json:
        show_json(record or {"found": False})
    elif record is not None:
        show(record_text(record))
    if record is None:
        note(str(CallNotFoundError(call_id)))
    return 0 if record is not None else 1


async def history(
    *,
    limit: Annotated[int, Parameter(help="How many at most.", validator=Number(gte=1, lte=1_000))] = 20,
    before: Annotated[
        int | None, Parameter(help="Only calls that began before this (epoch milliseconds).")
    ] = None,
    state: Annotated[
        str | None, Parameter(help="Only calls in this state, such as completed or busy.")
    ] = None,
    shared: Shared = _PLAIN,
) -> int:
    """List calls, live and past, newest first."""
    asked = {"limit": limit, "before": before, "state": state}
    params = {name: value for name, value in asked.items() if value is not None}
    read_shape(HistoryParams, params)
    _show_all(await _page(tolerant_surroundings(shared), params), shared)
    return 0


async def _find(around: Surroundings, call_id: str) -> dict[str, Any] | None:
    async with gateway_if_any(around) as gateway:
        if gateway is not None:
            result = await gateway.call("voicecall.status", {"callId": call_id})
            return dict(result["call"]) if result["found"] else None
    async with open_archive(around) as archive:
        call = await archive.find(call_id)
    return None if call is None else record_of(call)


async def _live(around: Surroundings) -> dict[str, Any]:
    async with gateway_if_any(around) as gateway:
        if gateway is not None:
            return dict(await gateway.call("voicecall.status"))
    note("no gateway runs; these are the calls of which the store knows no end")
    async with open_archive(around) as archive:
        calls = await archive.page(limit=_LOOKED_AT)
    return {"calls": [record_of(call) for call in calls if not call.is_over]}


async def _page(around: Surroundings, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    async with gateway_if_any(around) as gateway:
        if gateway is not None:
            return list((await gateway.call("voicecall.history", params))["calls"])
    read = read_shape(HistoryParams, params)
    async with open_archive(around) as archive:
        calls = await archive.page(limit=read.limit, before_ms=read.before_ms, word=read.state)
    return [record_of(call) for call in calls]


def _show_all(records: list[dict[str, Any]], shared: Shared) -> None:
    if shared.json:
        show_json({"calls": records})
    else:
        show(history_text(records))
