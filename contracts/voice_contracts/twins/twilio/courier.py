"""Signs and sends webhooks: notices on their own, questions with an answer; lets go wrong what should."""

from collections.abc import Iterable
from urllib.parse import urlencode

import anyio
import anyio.abc

from voice_contracts.twins.faults import Faults
from voice_contracts.twins.http_client import NoAnswerError, Post, Posted
from voice_contracts.twins.ledger import Ledger, WebhookSent
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.leg import Leg
from voice_contracts.twins.twilio.notices import EVENT_OF, Fields, call_fields, status_fields
from voice_contracts.twins.twilio.signature import sign

__all__ = ("PATIENCE_SECONDS", "Courier")

PATIENCE_SECONDS = 15.0
"""How long Twilio waits for an answer (www.twilio.com/docs/usage/webhooks)."""

_ATTEMPTS = 2
"""A connection that fails is tried once more; an answer that is bad or late is not asked for again."""
_BAD_ANSWER = 11200
_UNREACHABLE = 11205
_STATUS_CALLBACK_FAILED = 15003
_OK = range(200, 300)


class Courier:
    """Carries webhooks for one account; notices travel in *tasks*."""

    def __init__(
        self,
        account: TwilioAccount,
        post: Post,
        ledger: Ledger,
        clock: TwinClock,
        faults: Faults,
        tasks: anyio.abc.TaskGroup,
    ) -> None:
        self._account = account
        self._post = post
        self._ledger = ledger
        self._clock = clock
        self._faults = faults
        self._tasks = tasks
        self._sequences: dict[str, int] = {}

    def told_status(self, leg: Leg) -> None:
        """Send the status callback of the state that *leg* has just entered, if it was ordered."""
        event = EVENT_OF.get(leg.status)
        orders = leg.orders
        if event is None or orders.status_callback is None or event not in orders.status_callback_events:
            return
        sequence = self._sequences.get(leg.sid, 0)
        self._sequences[leg.sid] = sequence + 1
        fields = status_fields(leg, self._clock.now_ms(), sequence)
        self.tell(leg, orders.status_callback, fields, orders.status_callback_method)

    def tell(
        self,
        leg: Leg,
        url: str,
        fields: Iterable[tuple[str, str]],
        method: str = "POST",
        *,
        names_only: bool = False,
    ) -> None:
        """Send a notice whose answer does not matter; with *names_only* it says no more of the call than its name."""
        told = (*self._names(leg), *fields) if names_only else (*self._call_fields(leg), *fields)
        delivery = self._faults.delivery(droppable=True)
        for delay_ms in delivery.delays_ms:
            self._tasks.start_soon(self._notify, leg.sid, url, told, method, delay_ms)

    async def ask(
        self, leg: Leg, url: str, fields: Iterable[tuple[str, str]], method: str = "POST"
    ) -> Posted:
        """Send a question and return the first answer.

        Raises:
            NoAnswerError: if none came in time.
        """
        asked = (*self._call_fields(leg), *fields)
        first, *more = self._faults.delivery(droppable=False).delays_ms
        for delay_ms in more:
            self._tasks.start_soon(self._notify, leg.sid, url, asked, method, delay_ms)
        await anyio.sleep(first / 1000)
        return await self._send(leg.sid, url, asked, method)

    def _names(self, leg: Leg) -> Fields:
        return (("AccountSid", self._account.sid), ("CallSid", leg.sid))

    def _call_fields(self, leg: Leg) -> Fields:
        lie = self._faults.plan.webhook_lies.get(leg.status)
        return call_fields(leg, self._account.sid, lie)

    async def _notify(self, sid: str, url: str, fields: Fields, method: str, delay_ms: int) -> None:
        await anyio.sleep(delay_ms / 1000)
        try:
            posted = await self._send(sid, url, fields, method)
        except NoAnswerError:
            return
        if posted.status not in _OK:
            self._ledger.violate(_STATUS_CALLBACK_FAILED, f"a callback got status {posted.status}", sid)

    async def _send(self, sid: str, url: str, fields: Fields, method: str) -> Posted:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._send_once(sid, url, fields, method)
            except NoAnswerError as error:
                if error.connected or attempt == _ATTEMPTS:
                    self._ledger.violate(_BAD_ANSWER if error.connected else _UNREACHABLE, str(error), sid)
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _send_once(self, sid: str, url: str, fields: Fields, method: str) -> Posted:
        headers = {"user-agent": "TwilioProxy/1.1", "accept": "*/*"}
        target, body = url, b""
        if method == "GET":
            target += ("&" if "?" in url else "?") + urlencode(fields)
            headers["x-twilio-signature"] = sign(self._account.token, target)
        else:
            body = urlencode(fields).encode()
            headers["content-type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            headers["x-twilio-signature"] = sign(self._account.token, url, fields)
        began, at_ms, status = anyio.current_time(), self._clock.now_ms(), None
        try:
            posted = await self._post.send(method, target, headers, body)
            status = posted.status
        finally:
            seconds = anyio.current_time() - began
            self._ledger.webhooks.append(WebhookSent(at_ms, sid, url, fields, status, seconds))
        return posted
