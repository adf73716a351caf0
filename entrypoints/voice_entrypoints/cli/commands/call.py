"""`voicecall call`: placing a call, through the gateway or, where none runs, from this process."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from voice_entrypoints.cli.carrying import Carried, carry
from voice_entrypoints.cli.gateway import GatewayTelephone, gateway_if_any
from voice_entrypoints.cli.live.viewers import viewer_for
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.cli.surroundings import Surroundings, client_surroundings, state_folder
from voice_entrypoints.cli.telephone import OwnTelephone, Telephone, WantedCall
from voice_entrypoints.words.language import translated

if TYPE_CHECKING:  # its HTTP client takes longer to import than most commands to run
    from voice_entrypoints.rpc.client import GatewayClient

__all__ = ("call",)

_PLAIN = Shared()


async def call(
    *,
    message: Annotated[str, Parameter(name=("--message", "-m"), help="What to say first.")],
    to: Annotated[
        str | None,
        Parameter(name=("--to", "-t"), help="The number, E.164 or as people write it; else toNumber."),
    ] = None,
    mode: Annotated[
        Literal["notify", "conversation"] | None,
        Parameter(help="What kind of call; else outbound.defaultMode, which is notify."),
    ] = None,
    wait: Annotated[
        bool, Parameter(help="Show the call and wait until it is over.", show_default=False)
    ] = False,
    shared: Shared = _PLAIN,
) -> int:
    """Place a call and say a message.

    Through the gateway that runs; without one this process carries the call, says so, and waits until it is over.
    Ctrl-C while waiting hangs up.
    """
    around = client_surroundings(shared)
    wanted = WantedCall(message=message, to=to, mode=mode)
    async with gateway_if_any(around) as gateway:
        if gateway is not None:
            return await _through(gateway, around, wanted, wait=wait, as_json=shared.json)
    around.require()
    note("no gateway runs: this process carries the call, and waits until it is over")
    return await _from_here(around, wanted, wait=wait, as_json=shared.json)


async def _through(
    gateway: "GatewayClient", around: Surroundings, wanted: WantedCall, *, wait: bool, as_json: bool
) -> int:
    telephone = GatewayTelephone(gateway, around.settings)
    if wait:
        return _shown(await _carried(telephone, wanted, as_json=as_json, tell_id=False), as_json=as_json)
    call_id = await telephone.place(wanted)
    _tell_id(call_id, as_json=as_json)
    if not as_json:
        note(f"follow it with: voicecall tail --call-id {call_id}")
    return 0


async def _from_here(around: Surroundings, wanted: WantedCall, *, wait: bool, as_json: bool) -> int:
    from voice_entrypoints.embed import open_voicecall
    from voice_entrypoints.logs import set_up_logs

    set_up_logs(around.settings)
    async with open_voicecall(around.settings, home=state_folder(make=True)) as phone:
        carried = await _carried(OwnTelephone(phone), wanted, as_json=as_json, tell_id=not wait)
    if as_json and not wait:
        return carried.exit_code
    return _shown(carried, as_json=as_json)


async def _carried(telephone: Telephone, wanted: WantedCall, *, as_json: bool, tell_id: bool) -> Carried:
    def placed(call_id: str) -> None:
        if as_json and tell_id:
            _tell_id(call_id, as_json=True)

    return await carry(telephone, wanted, viewer_for(as_json=as_json), placed=placed)


def _tell_id(call_id: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"callId": call_id})
    else:
        show(call_id)


def _shown(carried: Carried, *, as_json: bool) -> int:
    record: dict[str, Any] = carried.record
    if as_json:
        show_json(record)
    else:
        error = record.get("error")
        show(
            translated(
                f"call {record['callId']} ended: {record['endReason']}" + (f" ({error})" if error else "")
            )
        )
    return carried.exit_code
