"""Plivo's REST API for calls (www.plivo.com/docs/voice/api/call): what it takes, does and answers."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

import anyio

from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.ledger import RequestTaken
from voice_contracts.twins.plivo.commands import COMMANDS, STOPS, transfer
from voice_contracts.twins.plivo.endings import LegStatus
from voice_contracts.twins.plivo.leg import Leg, Orders
from voice_contracts.twins.plivo.orders import Body, orders_of, parties_of
from voice_contracts.twins.plivo.refusals import API_ID, RefusedCommandError, refusal
from voice_contracts.twins.plivo.resources import (
    account_resource,
    call_record,
    live_call,
    page_of_records,
)
from voice_contracts.twins.plivo.switch import Switch
from voice_contracts.twins.service import RefusedRequestError, fields_of, json_body

__all__ = ("PlivoApi",)

_LONGEST_PAGE = 20
_PATH = re.compile(
    r"/v1/Account/(?P<account>[^/]+)/(?:(?P<what>Call|Request|Number|Application)/(?:(?P<uuid>[^/]+)/(?:(?P<command>[A-Za-z]+)/"
    r"(?:(?P<part>[^/]+)/)?)?)?)?"
)
_GONE = RefusedCommandError(404, "not found")

Place = Callable[[str, str, Orders], Leg]
"""Starts a leg from one number to another."""


class PlivoApi:
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
        fields = request.query_fields if request.method == "GET" else fields_of(request.body)
        taken = RequestTaken(self._switch.clock.now_ms(), request.method, request.path, fields, status)
        self._switch.ledger.requests.append(taken)

    def _answer(self, request: Request) -> Answer:
        try:
            self._check_key(request.headers.get("authorization", ""))
            return self._carried_out(request)
        except RefusedCommandError as error:
            return refusal(error.status, error.sentence)
        except RefusedRequestError:
            return refusal(400, "the body is no JSON object")

    def _check_key(self, authorization: str) -> None:
        account = self._switch.account
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            given = b""
        wanted = f"{account.auth_id}:{account.token}".encode()
        if scheme.lower() != "basic" or not hmac.compare_digest(given, wanted):
            raise RefusedCommandError(401, "authentication failed")

    def _carried_out(self, request: Request) -> Answer:
        found = _PATH.fullmatch(request.path)
        if found is None or found["account"] != self._switch.account.auth_id:
            raise _GONE
        if found["what"] in (None, "Number", "Application"):
            return self._owned(request, found)
        match request.method, found["what"], found["uuid"], found["command"]:
            case "POST", "Call", None, _:
                return self._dialled(Body(json_body(request)))
            case "GET", "Call", uuid, None:
                query = dict(request.query_fields)
                wanted = query.get("status", "")
                return self._listed(wanted, query) if uuid is None else self._shown(uuid, wanted)
            case "DELETE", "Call", None, _:
                return self._everything_ended()
            case "DELETE", "Request", str(uuid), None:
                return self._cancelled(uuid)
            case "POST" | "DELETE", "Call", str(uuid), command:
                return self._changed(request, self._alive(uuid), command)
            case _:
                raise RefusedCommandError(405, "method not allowed")

    def _owned(self, request: Request, found: re.Match[str]) -> Answer:
        owned, name = self._switch.applications, found["uuid"] or ""
        if found["command"]:
            raise RefusedCommandError(405, "method not allowed")
        if found["what"] == "Number":
            return owned.answer_number(request, name)
        if found["what"] == "Application":
            return owned.answer_application(request, name)
        if request.method != "GET":
            raise RefusedCommandError(405, "method not allowed")
        return json_answer(200, account_resource(self._switch.account))

    def _dialled(self, body: Body) -> Answer:
        caller, callee = parties_of(body, self._switch.account)
        leg = self._place(caller, callee, orders_of(body))
        return _said(201, {"message": "call fired", "request_uuid": leg.request_uuid})

    def _listed(self, wanted: str, query: Mapping[str, str]) -> Answer:
        legs = tuple(reversed(self._switch.legs.values()))
        if not wanted:
            records = [call_record(leg, self._switch.account.auth_id) for leg in legs if leg.is_over]
            return json_answer(200, page_of_records(records))
        # Before it is dialled a call has no name of its own.
        names = [
            leg.request_uuid if wanted == "queued" else leg.uuid
            for leg in legs
            if _stands(leg) == wanted
            and query.get("call_direction", leg.record.direction) == leg.record.direction
        ]
        return json_answer(200, {"api_id": API_ID, "calls": _page(names, query)})

    def _shown(self, uuid: str, wanted: str) -> Answer:
        known = self._switch.requests if wanted == "queued" else self._switch.legs
        leg = known.get(uuid)
        if leg is None or _stands(leg) != wanted:
            raise _GONE
        if leg.is_over:
            return json_answer(200, call_record(leg, self._switch.account.auth_id))
        status = self._switch.faults.plan.api_lies.get(leg.status, leg.status)
        return json_answer(200, live_call(leg, status))

    def _everything_ended(self) -> Answer:
        self._switch.ledger.violate(204, "every call of the account was hung up at once")
        for leg in tuple(self._switch.legs.values()):
            leg.left_by_us()
        return Answer(204)

    def _cancelled(self, request_uuid: str) -> Answer:
        leg = self._switch.requests.get(request_uuid)
        if leg is None or leg.status not in (LegStatus.QUEUED, LegStatus.RINGING):
            raise _GONE
        leg.left_by_us()
        return Answer(204)

    def _alive(self, uuid: str) -> Leg:
        leg = self._switch.legs.get(uuid)
        if leg is None or leg.is_over:
            raise _GONE
        return leg

    def _changed(self, request: Request, leg: Leg, command: str | None) -> Answer:
        if request.method == "DELETE":
            if command is None:
                leg.left_by_us()
            elif command in STOPS:
                STOPS[command](leg)
            else:
                raise _GONE
            return Answer(204)
        if command is not None and command not in COMMANDS:
            raise _GONE
        begin = transfer if command is None else COMMANDS[command]
        return _said(202, begin(self._switch, leg, Body(json_body(request))))


def _stands(leg: Leg) -> str:
    """Return the word of `status` that a call is found under: empty once it has ended."""
    if leg.is_over:
        return ""
    return "queued" if leg.status is LegStatus.QUEUED else "live"


def _page(names: list[str], query: Mapping[str, str]) -> list[str]:
    """Return the page that is asked for, of twenty names at most as the vendor's SDK has it."""
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", _LONGEST_PAGE))
    if not 0 < limit <= _LONGEST_PAGE:
        raise RefusedCommandError(400, "limit should be from 1 to 20")
    return names[offset : offset + limit]


def _said(status: int, words: Mapping[str, Any]) -> Answer:
    return json_answer(status, {"api_id": API_ID, **words})


async def _faulty(fault: ApiFault) -> Answer:
    if fault.status is None:
        # The client gives up first; whoever does not is told so after an hour.
        await anyio.sleep(3600)
    after = fault.retry_after_seconds
    headers = {} if after is None else {"retry-after": str(after)}
    return refusal(fault.status or 503, fault.code or "trouble, as ordered", headers)
