"""Signs and sends webhooks: notices on their own, questions with an answer; lets go wrong what should."""

import itertools
from collections.abc import Mapping
from urllib.parse import urldefrag, urlencode

import anyio
import anyio.abc

from voice_contracts.twins.faults import Faults
from voice_contracts.twins.http_client import NoAnswerError, Post, Posted
from voice_contracts.twins.ledger import Ledger, WebhookSent
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.plivo.account import PlivoAccount
from voice_contracts.twins.plivo.endings import ENDED, LegStatus
from voice_contracts.twins.plivo.leg import Callback, Leg
from voice_contracts.twins.plivo.notices import Fields, call_fields, end_fields
from voice_contracts.twins.plivo.refusals import NOT_TAKEN
from voice_contracts.twins.plivo.signature import sign_v2, sign_v3

__all__ = ("PATIENCE_SECONDS", "Courier")

PATIENCE_SECONDS = 15.0
"""How long Plivo waits for a document (www.plivo.com/docs/voice/xml/request)."""

_ATTEMPTS = 2
"""No connection and no answer are tried once more; an answer that is bad is not asked for again
(www.plivo.com/docs/voice/concepts/callback-configurations)."""
_OK = range(200, 300)


class Courier:
    """Carries webhooks for one account; notices travel in *tasks*."""

    def __init__(
        self,
        account: PlivoAccount,
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
        self._sent = itertools.count()

    def told_status(self, leg: Leg) -> None:
        """Tell that it rings, or that it is over, to whom that was ordered for."""
        if leg.status is LegStatus.RINGING and leg.orders.ring is not None:
            self.tell(leg, leg.orders.ring, (("Event", "Ring"),))
        elif leg.status in ENDED and leg.orders.hangup is not None:
            self.tell(leg, leg.orders.hangup, end_fields(leg))

    def tell(self, leg: Leg, to: Callback, fields: Fields) -> None:
        """Send a notice about a call; its answer does not matter."""
        self.tell_only(leg, to, (*self._call_fields(leg), *fields))

    def tell_only(self, leg: Leg, to: Callback, fields: Fields) -> None:
        """Send a notice that says no more than *fields*."""
        for delay_ms in self._faults.delivery(droppable=True).delays_ms:
            self._tasks.start_soon(self._notify, leg.uuid, to, fields, delay_ms)

    async def ask(self, leg: Leg, to: Callback, fields: Fields) -> Posted:
        """Send a question and return the first answer.

        Raises:
            NoAnswerError: if none came in time.
        """
        asked = (*self._call_fields(leg), *fields)
        first, *more = self._faults.delivery(droppable=False).delays_ms
        for delay_ms in more:
            self._tasks.start_soon(self._notify, leg.uuid, to, asked, delay_ms)
        await anyio.sleep(first / 1000)
        return await self._send(leg.uuid, to, asked)

    def signed(self, method: str, url: str, fields: Fields = ()) -> Mapping[str, str]:
        """Return the headers that prove a request of this twin; no two requests share a nonce."""
        main = self._account.main_token or self._account.token
        nonce = f"{self._clock.now_ms():013d}{next(self._sent):07d}"
        headers = dict[str, str]()
        if "V3" in self._account.signs:
            headers["x-plivo-signature-v3"] = sign_v3(self._account.token, method, url, nonce, fields)
            headers["x-plivo-signature-ma-v3"] = sign_v3(main, method, url, nonce, fields)
            headers["x-plivo-signature-v3-nonce"] = nonce
        if "V2" in self._account.signs:
            headers["x-plivo-signature-v2"] = sign_v2(self._account.token, url, nonce)
            headers["x-plivo-signature-ma-v2"] = sign_v2(main, url, nonce)
            headers["x-plivo-signature-v2-nonce"] = nonce
        return headers

    def _call_fields(self, leg: Leg) -> Fields:
        return call_fields(leg, self._faults.plan.webhook_lies.get(leg.status))

    async def _notify(self, uuid: str, to: Callback, fields: Fields, delay_ms: int) -> None:
        await anyio.sleep(delay_ms / 1000)
        try:
            posted = await self._send(uuid, to, fields)
        except NoAnswerError:
            return
        if posted.status not in _OK:
            self._ledger.violate(NOT_TAKEN, f"a callback got status {posted.status}", uuid)

    async def _send(self, uuid: str, to: Callback, fields: Fields) -> Posted:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._send_once(uuid, to, fields)
            except NoAnswerError as error:
                if attempt == _ATTEMPTS:
                    self._ledger.violate(NOT_TAKEN, str(error), uuid)
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _send_once(self, uuid: str, to: Callback, fields: Fields) -> Posted:
        # What follows a number sign says how Plivo is to ask; it is neither sent nor signed.
        target, body, posted = urldefrag(to.url).url, b"", None
        if to.method == "GET":
            target += ("&" if "?" in target else "?") + urlencode(fields)
            headers = self.signed("GET", target)
        else:
            body = urlencode(fields).encode()
            kind = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
            headers = {**self.signed("POST", target, fields), **kind}
        began, at_ms = anyio.current_time(), self._clock.now_ms()
        try:
            posted = await self._post.send(to.method, target, headers, body)
        finally:
            status = None if posted is None else posted.status
            seconds = anyio.current_time() - began
            self._ledger.webhooks.append(WebhookSent(at_ms, uuid, to.url, fields, status, seconds))
        return posted
