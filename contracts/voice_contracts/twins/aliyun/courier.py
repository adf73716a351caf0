"""Asks and reports as Aliyun does: questions as forms, reports as arrays that are repeated until they are read."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import anyio

from voice_contracts.twins.aliyun.leg import Leg, china_time
from voice_contracts.twins.aliyun.office import Office
from voice_contracts.twins.http_client import NoAnswerError, Post, Posted
from voice_contracts.twins.ledger import WebhookSent

__all__ = ("PATIENCE_SECONDS", "Courier")

PATIENCE_SECONDS: Final = 5.0
_REPORT_SECONDS: Final = 0.7
_AGAIN_SECONDS: Final = (60, 300, 600)
_BAD_ANSWER, _NO_ANSWER, _BAD_RECEIPT, _LATE_RECEIPT = 1, 2, 3, 4
_ACTIONS: Final = frozenset({"play", "break", "donothing", "continue", "hangup"})
_FORBIDDEN: Final = frozenset('@=:"${}^*¥')
_RECEIPT: Final = {"code": 0, "msg": "接收成功"}


class Courier:
    """Carries questions and reports for one account."""

    def __init__(self, office: Office, post: Post) -> None:
        self._account = office.account
        self._ledger = office.ledger
        self._clock = office.clock
        self._faults = office.faults
        self._tasks = office.tasks
        self._post = post

    async def ask(self, leg: Leg, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Ask what to do and return the data of the answer; without a good one, nothing is done."""
        nothing: dict[str, Any] = {"action": "donothing"}
        if not self._account.callback_url:
            return nothing
        fields = {
            "call_id": leg.call_id,
            "timestamp": str(self._clock.now_ms()),
            "content_type": kind,
            "content": json.dumps({**content, "dynamic_id": leg.order.dynamic_id}, ensure_ascii=False),
        }
        first, *more = self._faults.delivery(droppable=False).delays_ms
        for delay_ms in more:
            self._tasks.start_soon(self._ask_again, leg, fields, delay_ms)
        await anyio.sleep(first / 1000)
        try:
            posted = await self._send_form(leg, fields)
        except NoAnswerError as error:
            self._ledger.violate(_NO_ANSWER, str(error), leg.call_id)
            return nothing
        data = _data(posted)
        problem = _problem(posted, data, leg)
        if problem:
            self._ledger.violate(_BAD_ANSWER, problem, leg.call_id)
            return nothing
        return data

    def report_state(self, leg: Leg, code: str, **more: str) -> None:
        """Report progress, if the console wants it."""
        if self._account.report_url and self._account.reports_progress:
            moment = china_time(self._clock.now_ms())
            fields = {"call_id": leg.call_id, "status_code": code, "status_time": moment, **more}
            self._start(leg, {**fields, "out_id": leg.order.out_id})

    def report_end(self, leg: Leg) -> None:
        """Report what became of a leg."""
        if self._account.report_url:
            self._start(leg, leg.report)

    def _start(self, leg: Leg, report: dict[str, str]) -> None:
        for delay_ms in self._faults.delivery(droppable=True).delays_ms:
            self._tasks.start_soon(self._report, leg, report, delay_ms)

    async def _report(self, leg: Leg, report: dict[str, str], delay_ms: int) -> None:
        await anyio.sleep(delay_ms / 1000)
        body = json.dumps([report], ensure_ascii=False).encode()
        for pause in (*_AGAIN_SECONDS, None):
            if await self._is_read(leg, report, body) or pause is None:
                return
            await anyio.sleep(pause)

    async def _is_read(self, leg: Leg, report: dict[str, str], body: bytes) -> bool:
        began = anyio.current_time()
        headers = {"content-type": "application/json;charset=UTF-8"}
        try:
            posted = await self._send(leg, self._account.report_url, report, (headers, body))
        except NoAnswerError as error:
            self._ledger.violate(_NO_ANSWER, str(error), leg.call_id)
            return False
        if anyio.current_time() - began > _REPORT_SECONDS:
            self._ledger.violate(_LATE_RECEIPT, "a report was read late", leg.call_id)
            return False
        if posted.status != 200 or _json(posted.body) != _RECEIPT:
            self._ledger.violate(_BAD_RECEIPT, f"a report got status {posted.status}", leg.call_id)
            return False
        return True

    async def _ask_again(self, leg: Leg, fields: dict[str, str], delay_ms: int) -> None:
        await anyio.sleep(delay_ms / 1000)
        try:
            await self._send_form(leg, fields)
        except NoAnswerError as error:
            self._ledger.violate(_NO_ANSWER, str(error), leg.call_id)

    async def _send_form(self, leg: Leg, fields: dict[str, str]) -> Posted:
        headers = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
        return await self._send(
            leg, self._account.callback_url, fields, (headers, urlencode(fields).encode())
        )

    async def _send(
        self, leg: Leg, url: str, fields: dict[str, str], sent: tuple[dict[str, str], bytes]
    ) -> Posted:
        began, at_ms, status = anyio.current_time(), self._clock.now_ms(), None
        try:
            posted = await self._post.send("POST", url, *sent)
            status = posted.status
        finally:
            seconds = anyio.current_time() - began
            told = tuple(fields.items())
            self._ledger.webhooks.append(WebhookSent(at_ms, leg.call_id, url, told, status, seconds))
        return posted


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _data(posted: Posted) -> dict[str, Any]:
    document = _json(posted.body)
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) else {}


def _problem(posted: Posted, data: dict[str, Any], leg: Leg) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    document = _json(posted.body)
    if posted.status != 200 or not isinstance(document, dict):
        return f"a question got status {posted.status}"
    if (document.get("result"), document.get("code")) != ("success", 200):
        return "an answer does not say success"
    if data.get("call_id") != leg.call_id or data.get("action") not in _ACTIONS:
        return "an answer names another call, or no action"
    if data["action"] == "play" and data.get("action_code") == "$tts$":
        said = _json(str(data.get("action_code_param", "")).encode())
        text = said.get("tts") if isinstance(said, dict) else None
        if not isinstance(text, str) or not text or set(text) & _FORBIDDEN:
            return "an answer has nothing to read, or a character that may not occur"
    return ""
