"""The twin of Aliyun's voice service as a whole: within the process, and on a loopback socket when asked to listen."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import ClassVar, Final

import anyio

from voice_contracts.twins.aliyun.account import AliyunAccount
from voice_contracts.twins.aliyun.courier import PATIENCE_SECONDS, Courier
from voice_contracts.twins.aliyun.leg import ANSWERED, RINGING, STARTED, Leg, Order
from voice_contracts.twins.aliyun.office import Office
from voice_contracts.twins.aliyun.orders import (
    RefusedOrderError,
    conversation_of,
    notice_of,
    parties_of,
)
from voice_contracts.twins.aliyun.robot import KeyReporter, Robot
from voice_contracts.twins.aliyun.signature import SignatureCheck
from voice_contracts.twins.callee import Callee, Outcome, Step, callee_of
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.faults import ApiFault, Faults
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.http_client import InProcess, posting
from voice_contracts.twins.ledger import Ledger, LegRecord, RequestTaken, StateEntered
from voice_contracts.twins.line import Line
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.serving import serve_on_loopback
from voice_contracts.twins.sound import Speak
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.errors import VoiceError

__all__ = ("AliyunTwin", "NoIncomingCallsError", "aliyun_twin")

_BUSY, _NO_ANSWER, _UNREACHABLE = "200002", "200003", "200005"
_PRODUCTS: Final = {True: "11030000180001", False: "11010000138001"}


class NoIncomingCallsError(VoiceError):
    """Somebody was to call one of our numbers, and these products only place calls."""

    kind: ClassVar[str] = "no_incoming_calls"

    def __init__(self) -> None:
        super().__init__("nobody can call a number of this carrier; let it be dialled instead")


class AliyunTwin:
    """A running twin; made by `aliyun_twin`."""

    def __init__(self, office: Office, courier: Courier, speak: Speak) -> None:
        self.account = office.account
        self.ledger = office.ledger
        self.faults = office.faults
        self._clock = office.clock
        self._tasks = office.tasks
        self._courier = courier
        self._speak = speak
        self._signatures = SignatureCheck(office.account)
        self._legs: dict[str, Leg] = {}
        self.transport = InProcess(self.handle)
        """For an HTTP client that speaks to the twin without a socket, whatever host it names."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve the interface on loopback for as long as the block lasts, and give its URL (asyncio only)."""
        return serve_on_loopback(self.handle, port=port)

    def legs_alive(self) -> tuple[LegRecord, ...]:
        """Return the legs that have not ended: at the end of a test there should be none."""
        return self.ledger.legs_alive()

    def ear(self, call_id: str) -> Ear:
        """Return what the other end of a leg has heard."""
        return self._legs[call_id].line.ear

    def call_in(self, caller: str, number: str, callee: Callee | None = None) -> str:
        """Let nobody call one of our numbers.

        Raises:
            NoIncomingCallsError: always.
        """
        del caller, number, callee
        raise NoIncomingCallsError

    def pick_up(self, call_id: str) -> None:
        """Let the callee answer now, whatever its script says."""
        self._legs[call_id].picked_up.set()

    async def answered(self, call_id: str) -> LegRecord:
        """Wait until a leg has been answered or has ended."""
        await self._legs[call_id].answered.wait()
        return self._legs[call_id].record

    async def ended(self, call_id: str) -> LegRecord:
        """Wait until a leg has ended."""
        await self._legs[call_id].ended.wait()
        return self._legs[call_id].record

    def ask(self, call_id: str, step: Step) -> None:
        """Have the other end of a leg do one more thing, after its script."""
        self._legs[call_id].line.ask(step)

    def hang_up(self, call_id: str) -> None:
        """Let the callee hang up now, whatever its script says."""
        self._legs[call_id].hang_up("用户")

    async def handle(self, request: Request) -> Answer:
        """Answer one request, or let it go wrong as ordered."""
        fault = self.faults.next_api(request.method)
        answer = self._answer(request) if fault is None or fault.takes_effect else _refusal("", 503)
        if fault is not None:
            if fault.status is None:
                await anyio.sleep(3600)  # the client gives up first
            answer = _out_of_order(fault)
        action = request.headers.get("x-acs-action", "")
        taken = RequestTaken(
            self._clock.now_ms(), request.method, action, request.query_fields, answer.status
        )
        self.ledger.requests.append(taken)
        return answer

    def _answer(self, request: Request) -> Answer:
        if request.method != "POST" or request.headers.get("x-acs-version") != "2017-05-25":
            return _refusal("InvalidVersion", 400)
        refusal = self._signatures.refusal(request, self._clock.now_ms())
        if refusal is not None:
            return _refusal(refusal, 400)
        try:
            return self._done(request.headers["x-acs-action"], dict(request.query_fields))
        except RefusedOrderError as error:
            return _refusal(error.code, 200)

    def _done(self, action: str, fields: dict[str, str]) -> Answer:
        match action:
            case "SmartCall":
                return self._place(fields, conversation_of(fields))
            case "SingleCallByTts":
                return self._place(fields, notice_of(fields, self.account))
            case "QueryCallDetailByCallId":
                return self._detail(fields)
            case _:
                return _refusal("InvalidAction.NotFound", 404)

    def _place(self, fields: dict[str, str], order: Order) -> Answer:
        caller, callee = parties_of(fields, self.account)
        number = len(self._legs) + 1
        line = Line(
            callee_of(callee, self.account.callees),
            self._speak,
            self._clock.now_ms,
            lambda: leg.hang_up("用户"),
        )
        name = f"{116_000_000_000 + number}^{100_000_000_000 + number}"
        states = (StateEntered(STARTED, self._clock.now_ms()),)
        record = LegRecord(name, "outbound", caller, callee, states=states)
        leg = Leg(record, order, line, self.ledger, self._clock.now_ms)
        self._legs[leg.call_id] = leg
        leg.on_move = lambda code: self._moved(leg, code)
        self._tasks.start_soon(self._live, leg)
        return json_answer(
            200, {"Code": "OK", "Message": "OK", "RequestId": f"R-{number}", "CallId": leg.call_id}
        )

    def _detail(self, fields: dict[str, str]) -> Answer:
        leg = self._legs.get(fields.get("CallId", ""))
        ended = leg is not None and leg.ended.is_set()
        known = leg is not None and ended and fields.get("ProdId") == _PRODUCTS[leg.order.conversation]
        data = ""
        if leg is not None and known:
            data = json.dumps({"state": leg.record.state, "hangupDirection": leg.direction})
        return json_answer(200, {"Code": "OK", "Message": "OK", "RequestId": "R-0", "Data": data})

    def _moved(self, leg: Leg, code: str) -> None:
        if code in (RINGING, ANSWERED):
            self._courier.report_state(leg, code)
        else:
            self._courier.report_state(leg, "200100")
            self._courier.report_end(leg)

    async def _live(self, leg: Leg) -> None:
        with leg.scope, anyio.move_on_after(leg.order.session_seconds):
            await self._talk(leg)
        if not leg.ended.is_set():
            leg.hang_up("机器")
        leg.line.ear.end()

    async def _talk(self, leg: Leg) -> None:
        callee = leg.line.callee
        await anyio.sleep(callee.ring_after_ms / 1000)
        if callee.outcome is Outcome.FAILS:
            leg.move(_UNREACHABLE)
            return
        leg.move(RINGING)
        with anyio.move_on_after(self.account.ring_seconds) as patience:
            patient = callee.outcome is Outcome.NO_ANSWER
            with anyio.move_on_after(float("inf") if patient else callee.answer_after_ms / 1000):
                await leg.picked_up.wait()
        if patience.cancelled_caught or callee.outcome is Outcome.BUSY:
            leg.move(_NO_ANSWER if patience.cancelled_caught else _BUSY)
            return
        leg.move(ANSWERED)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(leg.line.run)
            if leg.order.conversation:
                await Robot(leg, self._courier, self._speak).converse()
            leg.reading = True
            leg.line.add(KeyReporter(leg, self._courier))
            await leg.line.play_out("say", leg.order.text, self._speak(leg.order.text))
            leg.reading = False
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def aliyun_twin(
    account: AliyunAccount | None = None, surroundings: Surroundings | None = None
) -> AsyncIterator[AliyunTwin]:
    """Run a twin for as long as the block lasts; legs that are alive at its end are dropped."""
    around = surroundings or Surroundings()
    clock = TwinClock.starting_now() if around.epoch_ms is None else TwinClock(around.epoch_ms)
    async with (
        posting(around.webhooks, around.ways, PATIENCE_SECONDS) as post,
        anyio.create_task_group() as tasks,
    ):
        office = Office(
            account=account or AliyunAccount(),
            ledger=Ledger(clock.now_ms),
            faults=Faults(around.faults),
            clock=clock,
            tasks=tasks,
        )
        try:
            yield AliyunTwin(office, Courier(office, post), around.speak)
        finally:
            tasks.cancel_scope.cancel()


def _out_of_order(fault: ApiFault) -> Answer:
    status = fault.status or 503
    return _refusal(fault.code or ("Throttling.User" if status == 429 else "isp.SYSTEM_ERROR"), status)


def _refusal(code: str, status: int) -> Answer:
    return json_answer(status, {"Code": code, "Message": code, "RequestId": "R-0"})
