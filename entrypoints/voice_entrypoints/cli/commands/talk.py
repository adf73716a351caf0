"""`voicecall continue|speak|dtmf|transfer|end`: what is done in a call that is up; the gateway carries it."""

from typing import Annotated, Any

from cyclopts import Parameter

from voice_entrypoints.cli.gateway import listening_seconds, required_gateway
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import show, show_json
from voice_entrypoints.cli.surroundings import tolerant_surroundings
from voice_entrypoints.words.language import translated

__all__ = ("continue_", "dtmf", "end", "speak", "transfer")

_PLAIN = Shared()

CallId = Annotated[str, Parameter(help="The call, by our id or the carrier's.")]
Message = Annotated[str, Parameter(name=("--message", "-m"), help="What to say.")]


async def continue_(*, call_id: CallId, message: Message, shared: Shared = _PLAIN) -> int:
    """Say a message and print what the counterpart says next."""
    around = tolerant_surroundings(shared)
    async with required_gateway(around) as gateway:
        result = await gateway.call(
            "voicecall.continue",
            {"callId": call_id, "message": message},
            timeout_seconds=listening_seconds(around.settings),
        )
    if shared.json:
        show_json(result)
    else:
        show(result["transcript"])
    return 0


async def speak(*, call_id: CallId, message: Message, shared: Shared = _PLAIN) -> int:
    """Say a message after whatever is being said."""
    return await _do("voicecall.speak", {"callId": call_id, "message": message}, "will be said", shared)


async def dtmf(
    *,
    call_id: CallId,
    digits: Annotated[str, Parameter(help="Keys 0-9 * #; w and , wait half a second, p a whole one.")],
    shared: Shared = _PLAIN,
) -> int:
    """Press keys."""
    return await _do("voicecall.dtmf", {"callId": call_id, "digits": digits}, translated("pressed"), shared)


async def transfer(
    *,
    call_id: CallId,
    to: Annotated[str, Parameter(name=("--to", "-t"), help="The number that takes over.")],
    shared: Shared = _PLAIN,
) -> int:
    """Hand the counterpart over to another number."""
    return await _do("voicecall.transfer", {"callId": call_id, "to": to}, "handed over", shared)


async def end(*, call_id: CallId, shared: Shared = _PLAIN) -> int:
    """Hang up."""
    return await _do("voicecall.end", {"callId": call_id}, "hung up", shared)


async def _do(method: str, params: dict[str, Any], done: str, shared: Shared) -> int:
    async with required_gateway(tolerant_surroundings(shared)) as gateway:
        result = await gateway.call(method, params)
    if shared.json:
        show_json(result)
    else:
        show(translated(f"{done}, once the carrier asks for it" if result.get("pending") else done))
    return 0
