"""Those who use the gateway in a simulation: clients that place calls and do things in them, and callers."""

from collections.abc import Callable
from typing import Any, Final

import anyio
import attrs
import msgspec

from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.simulation.gateway import GatewayLife
from voice_entrypoints.simulation.life import ProcessGoneError
from voice_entrypoints.simulation.plan import PlannedCall
from voice_entrypoints.simulation.trace import Trace

__all__ = ("Answer", "Client")

_DIGITS: Final = "1#"


@attrs.frozen
class Answer:
    """What a client was told, or that it was not."""

    call: int
    method: str
    asked_ms: int
    answered_ms: int
    result: dict[str, Any] | None
    error: str
    """The kind of the error; `gone` if the process ended first, `left` if the client did; empty for none."""


class _Nobody:
    """A caller whose connection carries no notifications."""

    async def subscribe(self, call_id: str | None) -> None:
        del call_id
        raise UnavailableError("no notifications here")


@attrs.frozen
class Client:
    """Asks whatever life of the gateway is there, over JSON-RPC."""

    here: Callable[[], GatewayLife | None]
    trace: Trace
    now_ms: Callable[[], int]
    answers: list[Answer] = attrs.field(factory=list)

    async def carry_out(self, call: PlannedCall) -> None:
        """Place a call and do in it what is planned, once each."""
        params = {"to": call.phone, "message": call.message, "mode": call.mode}
        placed = await self._ask(call, "initiate", params, call.patience_seconds)
        call_id = None if placed.result is None else placed.result["callId"]
        for action in call.actions:
            await anyio.sleep(action.after_seconds)
            if call_id is None:
                return
            texts = {"message": action.text} if action.method in ("speak", "continue") else {}
            keys = {"digits": _DIGITS} if action.method == "dtmf" else {}
            await self._ask(
                call, action.method, {"callId": call_id, **texts, **keys}, action.patience_seconds
            )

    async def _ask(
        self, call: PlannedCall, method: str, params: dict[str, Any], patience_seconds: float
    ) -> Answer:
        asked_ms = self.now_ms()
        result, error = None, "left"
        with anyio.move_on_after(patience_seconds):
            try:
                result, error = await self._answered(method, params)
            except ProcessGoneError:
                error = "gone"
        answer = Answer(call.number, method, asked_ms, self.now_ms(), result, error)
        self.answers.append(answer)
        self.trace.note("client", call.number, method, error, result)
        return answer

    async def _answered(self, method: str, params: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        here = self.here()
        if here is None or here.rpc is None:
            raise ProcessGoneError
        rpc = here.rpc
        request = {"jsonrpc": "2.0", "id": 1, "method": f"voicecall.{method}", "params": params}
        text = msgspec.json.encode(request)
        answer = await here.life.within(lambda: rpc.answer(text, _Nobody()), abandoned=True)
        assert answer is not None  # a request with an id has an answer
        read = msgspec.json.decode(answer)
        if "error" in read:
            return None, read["error"]["data"]["kind"]
        return read["result"], ""
