"""What each method of the JSON-RPC interface does with a phone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import anyio
import attrs

from voice_contracts.openrpc import openrpc_document
from voice_contracts.rpc import METHODS
from voice_contracts.rpc_params import (
    CallParams,
    ContinueParams,
    DigitsParams,
    HistoryParams,
    InitiateParams,
    InjectParams,
    MaybeCallParams,
    NoParams,
    OperationParams,
    PlanParams,
    SpeakParams,
    StartParams,
    TransferParams,
)
from voice_contracts.shape import read_shape
from voice_contracts.status import record_of
from voice_domain.call import Call
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.command_result import command_result
from voice_entrypoints.rpc.jsonrpc import Caller, Handler
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.plan_result import plan_result

__all__ = ("phone_handlers",)

_Result: TypeAlias = dict[str, Any]
_Params = TypeVar("_Params")

_ABANDONABLE = frozenset({"voicecall.continue"})
"""Methods that only wait: whoever asked and left wants no more of them."""


def phone_handlers(api: PhoneApi, operations: Operations) -> Mapping[str, Handler]:
    """Return the handler of every method that the contract lists."""
    methods = _PhoneMethods(api, operations)
    work: Mapping[str, Callable[[Any, Caller], Awaitable[_Result]]] = {
        "voicecall.initiate": methods.initiate,
        "voicecall.start": methods.start,
        "voicecall.continue": methods.continue_,
        "voicecall.continue.start": methods.continue_start,
        "voicecall.continue.result": methods.continue_result,
        "voicecall.speak": methods.speak,
        "voicecall.end": methods.end,
        "voicecall.status": methods.status,
        "voicecall.history": methods.history,
        "voicecall.report": methods.report,
        "voicecall.dtmf": methods.dtmf,
        "voicecall.transfer": methods.transfer,
        "voicecall.subscribe": methods.subscribe,
        "voicecall.plan": methods.plan,
        "voicecall.inject": methods.inject,
        "rpc.discover": methods.discover,
    }
    return {
        method.name: _reading(method.params, work[method.name], whole=method.name not in _ABANDONABLE)
        for method in METHODS
    }


def _reading(
    shape: type[_Params], work: Callable[[_Params, Caller], Awaitable[_Result]], *, whole: bool
) -> Handler:
    async def handle(given: object, caller: Caller) -> _Result:
        # A client that leaves must not cut a dial in two; the carrier's own deadlines bound the wait.
        with anyio.CancelScope(shield=whole):
            result = await work(read_shape(shape, given), caller)
        return result  # noqa: RET504 - a scope may swallow, so nothing is returned inside of it

    return handle


@attrs.frozen
class _PhoneMethods:
    api: PhoneApi
    operations: Operations

    async def initiate(self, params: InitiateParams, _caller: Caller) -> _Result:
        call = await self.api.call(to=params.to, message=params.message, mode=params.mode)
        return _placed(call)

    async def start(self, params: StartParams, _caller: Caller) -> _Result:
        call = await self.api.call(
            to=params.to,
            message=params.message or "",
            mode=params.mode,
            session_key=params.session_key or "",
        )
        return _placed(call)

    async def continue_(self, params: ContinueParams, _caller: Caller) -> _Result:
        return await self._continued(params)

    async def _continued(self, params: ContinueParams) -> _Result:
        transcript = await self.api.continue_call(params.call_id, params.message)
        return {"success": True, "transcript": transcript}

    async def continue_start(self, params: ContinueParams, _caller: Caller) -> _Result:
        await self._known(params.call_id)
        return {"operationId": self.operations.start(lambda: self._continued(params))}

    async def continue_result(self, params: OperationParams, _caller: Caller) -> _Result:
        done, result = self.operations.result(params.operation_id)
        return result if done else {"done": False}

    async def speak(self, params: SpeakParams, _caller: Caller) -> _Result:
        return command_result(self.api, await self.api.speak(params.call_id, params.message))

    async def end(self, params: CallParams, _caller: Caller) -> _Result:
        return command_result(self.api, await self.api.end(params.call_id))

    async def status(self, params: MaybeCallParams, _caller: Caller) -> _Result:
        if params.call_id is None:
            live = {"calls": [record_of(call) for call in self.api.live()]}
            problem = self.api.readiness.problem
            return {**live, "problem": problem} if problem else live
        call = await self.api.status(params.call_id)
        return {"found": False} if call is None else {"found": True, "call": record_of(call)}

    async def history(self, params: HistoryParams, _caller: Caller) -> _Result:
        calls = await self.api.history(limit=params.limit, before_ms=params.before_ms, state=params.state)
        return {"calls": [record_of(call) for call in calls]}

    async def report(self, params: CallParams, _caller: Caller) -> _Result:
        report = await self.api.report(params.call_id)
        return {"found": False} if report is None else {"found": True, "report": dict(report)}

    async def dtmf(self, params: DigitsParams, _caller: Caller) -> _Result:
        await self.api.send_digits(params.call_id, params.digits)
        return {"success": True}

    async def transfer(self, params: TransferParams, _caller: Caller) -> _Result:
        await self.api.transfer(params.call_id, params.to)
        return {"success": True}

    async def subscribe(self, params: MaybeCallParams, caller: Caller) -> _Result:
        call_id = None if params.call_id is None else (await self._known(params.call_id)).call_id
        await caller.subscribe(call_id)
        return {"subscribed": True}

    async def plan(self, params: PlanParams, _caller: Caller) -> _Result:
        plan = await self.api.plan(to=params.to, mode=params.mode)
        return plan_result(plan, params.to, routed=params.route)

    async def inject(self, params: InjectParams, _caller: Caller) -> _Result:
        return {"accepted": await self.api.inject(params.events)}

    async def discover(self, _params: NoParams, _caller: Caller) -> _Result:
        return openrpc_document()

    async def _known(self, key: str) -> Call:
        call = await self.api.status(key)
        if call is None:
            raise CallNotFoundError(key)
        return call


def _placed(call: Call) -> _Result:
    return {"callId": str(call.call_id), "initiated": True}
