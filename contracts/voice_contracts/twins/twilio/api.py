"""Twilio's REST API for calls (www.twilio.com/docs/voice/api/call-resource): what it takes, does and answers.

Numbers are answered by a part of its own.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable

import anyio

from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.ledger import RequestTaken
from voice_contracts.twins.twilio.leg import ENDED, Leg, LegStatus, Orders
from voice_contracts.twins.twilio.orders import Form, RefusedOrderError, orders_of, parties_of, update_of
from voice_contracts.twins.twilio.refusals import refusal
from voice_contracts.twins.twilio.resources import (
    account_resource,
    call_resource,
    page_of_caller_ids,
    page_of_calls,
)
from voice_contracts.twins.twilio.switch import Switch

__all__ = ("TwilioApi",)

_PATH = re.compile(
    r"/2010-04-01/Accounts/(?P<account>[^/]+?)"
    r"(?:/(?P<folder>Calls|IncomingPhoneNumbers|OutgoingCallerIds)(?:/(?P<sid>[^/]+?))?)?\.json"
)
_BEFORE_THE_ANSWER = (LegStatus.QUEUED, LegStatus.INITIATED, LegStatus.RINGING)
_FAULT_CODES = {429: 20429, 500: 20500, 503: 20503}

Place = Callable[[str, str, Orders], Leg]
"""Starts a leg from one number to another."""


class TwilioApi:
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
        fields = request.form if request.method == "POST" else request.query_fields
        taken = RequestTaken(self._switch.clock.now_ms(), request.method, request.path, fields, status)
        self._switch.ledger.requests.append(taken)

    def _answer(self, request: Request) -> Answer:
        found = _PATH.fullmatch(request.path)
        if not self._knows(request.headers.get("authorization", "")):
            return refusal(20003, {"www-authenticate": 'Basic realm="Twilio API"'})
        if found is None or found["account"] != self._switch.account.sid:
            return refusal(20404)
        try:
            if found["folder"] is None:
                return json_answer(200, account_resource(self._switch.account))
            return self._in_folder(found["folder"], found["sid"], request)
        except RefusedOrderError as error:
            return refusal(error.code)

    def _in_folder(self, folder: str, sid: str | None, request: Request) -> Answer:
        if folder == "IncomingPhoneNumbers":
            return self._switch.numbers.answer(request, sid)
        if folder == "OutgoingCallerIds":
            wanted = Form(request.query_fields).one("PhoneNumber")
            page = page_of_caller_ids(self._switch.account, wanted, request.path)
            return json_answer(200, page) if request.method == "GET" and sid is None else refusal(20004)
        return self._calls(request) if sid is None else self._call(request, sid)

    def _knows(self, authorization: str) -> bool:
        account = self._switch.account
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return False
        wanted = f"{account.sid}:{account.token}".encode()
        return scheme.lower() == "basic" and hmac.compare_digest(given, wanted)

    def _calls(self, request: Request) -> Answer:
        if request.method == "GET":
            form = Form(request.query_fields)
            wanted = {name.lower(): form.one(name) for name in ("Status", "To", "From")}
            told = [self._resource(leg) for leg in reversed(self._switch.legs.values())]
            matching = [
                call for call in told if all(text in (None, call[name]) for name, text in wanted.items())
            ]
            return json_answer(200, page_of_calls(matching, request.path))
        if request.method != "POST":
            return refusal(20004)
        form = Form(request.form)
        caller, callee = parties_of(form, self._switch.account)
        leg = self._place(caller, callee, orders_of(form))
        return json_answer(201, self._resource(leg))

    def _call(self, request: Request, sid: str) -> Answer:
        leg = self._switch.legs.get(sid)
        if leg is None:
            return refusal(20404)
        if request.method == "POST":
            return self._change(leg, Form(request.form))
        if request.method != "GET":
            return refusal(20004)
        return json_answer(200, self._resource(leg))

    def _change(self, leg: Leg, form: Form) -> Answer:
        wanted = form.one("Status")
        if wanted not in (None, "canceled", "completed"):
            return refusal(20001)
        if leg.status in ENDED:
            self._switch.ledger.violate(21220, "an ended call was to be changed", leg.sid)
            return refusal(21220)
        if wanted == "completed" or (wanted == "canceled" and leg.status in _BEFORE_THE_ANSWER):
            leg.end("api")
        elif wanted is None:
            update = update_of(form)
            if leg.status is not LegStatus.IN_PROGRESS:
                return refusal(21220)
            if update is not None:
                leg.replace_document(update)
        return json_answer(200, self._resource(leg))

    def _resource(self, leg: Leg) -> dict[str, object]:
        status = self._switch.faults.plan.api_lies.get(leg.status, leg.status)
        return call_resource(leg, self._switch.account.sid, status)


async def _faulty(fault: ApiFault) -> Answer:
    if fault.status is None:
        # The client gives up first; whoever does not is told so after an hour.
        await anyio.sleep(3600)
    headers = {} if fault.retry_after_seconds is None else {"retry-after": str(fault.retry_after_seconds)}
    code = _FAULT_CODES.get(fault.status or 503)
    if code is not None:
        return refusal(code, headers)
    return Answer(fault.status or 503, {"content-type": "text/html", **headers}, b"<html></html>")
