"""Telnyx's REST API for calls (developers.telnyx.com/api/call-control): what it takes, does and answers."""

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import anyio

from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.ledger import RequestTaken
from voice_contracts.twins.service import RefusedRequestError, fields_of, json_body
from voice_contracts.twins.telnyx.commands import COMMANDS, carry_out, required
from voice_contracts.twins.telnyx.leg import Leg, LegState, Orders
from voice_contracts.twins.telnyx.refusals import RefusedCommandError, refusal
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("TelnyxApi",)

_PATH = re.compile(r"/v2/calls(?:/(?P<leg>[^/]+)(?:/actions/(?P<command>[a-z_]+))?)?")
_ACTIVE = re.compile(r"/v2/connections/(?P<connection>[^/]+)/active_calls")
_DETECTIONS = ("premium", "detect", "detect_beep", "detect_words", "greeting_end", "disabled")

Place = Callable[[str, str, Orders], Leg]
"""Starts a leg from one number to another."""


class TelnyxApi:
    """Answers requests; *place* starts the legs that they ask for."""

    def __init__(self, switch: Switch, place: Place) -> None:
        self._switch = switch
        self._place = place

    async def handle(self, request: Request) -> Answer:
        """Answer one request, or let it go wrong as ordered."""
        fault = self._switch.faults.next_api(request.method)
        if fault is None:
            answer = self._answer(request)
            self._note(request, answer.status)
            return answer
        if fault.takes_effect:
            self._answer(request)
        self._note(request, fault.status)
        return await _faulty(fault)

    def _note(self, request: Request, status: int | None) -> None:
        at_ms, fields = self._switch.clock.now_ms(), fields_of(request.body)
        taken = RequestTaken(at_ms, request.method, request.path, fields, status)
        self._switch.ledger.requests.append(taken)

    def _answer(self, request: Request) -> Answer:
        try:
            self._check_key(request.headers.get("authorization", ""))
            return self._carried_out(request)
        except RefusedCommandError as error:
            return refusal(error)
        except RefusedRequestError:
            return refusal(RefusedCommandError(10015))

    def _check_key(self, authorization: str) -> None:
        wanted = f"Bearer {self._switch.account.api_key}"
        if not hmac.compare_digest(authorization.encode(), wanted.encode()):
            raise RefusedCommandError(10009)

    def _carried_out(self, request: Request) -> Answer:
        told = self._switch.portal.answer(request)
        if told is not None:
            return told
        active = _ACTIVE.fullmatch(request.path)
        if active is not None:
            return self._active(active["connection"])
        found = _PATH.fullmatch(request.path)
        if found is None:
            raise RefusedCommandError(10005)
        if found["leg"] is None:
            leg = self._dialled(json_body(request))
            return json_answer(200, {"data": _resource(leg)})
        known = self._switch.legs.get(unquote(found["leg"]))
        if known is None:
            raise RefusedCommandError(10005)
        command = found["command"]
        if command is None:
            return json_answer(200, {"data": _resource(known)})
        if command not in COMMANDS:
            raise RefusedCommandError(10005)
        carry_out(self._switch, known, command, json_body(request))
        return json_answer(200, {"data": {"result": "ok"}})

    def _active(self, connection: str) -> Answer:
        """List what lives, all on one page."""
        if connection != self._switch.account.connection_id:
            raise RefusedCommandError(10005)
        calls = [_active_call(leg) for leg in self._switch.legs.values() if leg.state is not LegState.HANGUP]
        meta = {"cursors": {"after": None, "before": None}, "next": None, "total_items": len(calls)}
        return json_answer(200, {"data": calls, "meta": meta})

    def _dialled(self, fields: Mapping[str, Any]) -> Leg:
        account = self._switch.account
        if required(fields, "connection_id") != account.connection_id:
            raise RefusedCommandError(10015, "/connection_id")
        caller, callee = required(fields, "from"), required(fields, "to")
        if caller not in account.numbers:
            raise RefusedCommandError(10015, "/from")
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", callee):
            raise RefusedCommandError(10015, "/to")
        orders = _orders(fields, self._switch.portal.webhook_url)
        command_id = fields.get("command_id")
        known = self._switch.dials.get(command_id) if command_id else None
        if known is not None:
            return known
        leg = self._place(caller, callee, orders)
        if command_id:
            self._switch.dials[command_id] = leg
        return leg


def _orders(fields: Mapping[str, Any], webhook_url: str) -> Orders:
    detection = fields.get("answering_machine_detection", "disabled")
    if detection not in _DETECTIONS:
        raise RefusedCommandError(10015, "/answering_machine_detection")
    return Orders(
        webhook_url=fields.get("webhook_url") or webhook_url,
        client_state=fields.get("client_state"),
        timeout_seconds=_seconds(fields, "timeout_secs", 30, (5, 600)),
        time_limit_seconds=_seconds(fields, "time_limit_secs", 14_400, (30, 14_400)),
        machine_detection=detection,
    )


def _seconds(fields: Mapping[str, Any], name: str, default: int, limits: tuple[int, int]) -> int:
    value = fields.get(name, default)
    if not isinstance(value, int) or not limits[0] <= value <= limits[1]:
        raise RefusedCommandError(10015, f"/{name}")
    return value


def _resource(leg: Leg) -> dict[str, Any]:
    return {
        "record_type": "call",
        "call_control_id": leg.name,
        "call_leg_id": f"leg-{leg.name}",
        "call_session_id": f"session-{leg.name}",
        "is_alive": leg.state is not LegState.HANGUP,
        "call_duration": leg.record.billed_seconds,
    }


def _active_call(leg: Leg) -> dict[str, Any]:
    shown = {name: value for name, value in _resource(leg).items() if name != "is_alive"}
    return {**shown, "client_state": leg.client_state or ""}


async def _faulty(fault: ApiFault) -> Answer:
    if fault.status is None:
        # The client gives up first; whoever does not is told so after an hour.
        await anyio.sleep(3600)
    after = fault.retry_after_seconds
    headers = {} if after is None else {"retry-after": str(after)}
    code = fault.code or "10000"
    return json_answer(fault.status or 503, {"errors": [{"code": code, "title": "Trouble"}]}, headers)
