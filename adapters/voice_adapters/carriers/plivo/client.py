"""Plivo's REST interface for calls (www.plivo.com/docs/voice/api/call).

A call has two names: the request's, which placing it gives, and its own, which the first webhook tells.
"""

import base64
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import attrs
import msgspec

from voice_adapters.carriers.plivo.refusals import is_gone, refused, unreachable
from voice_adapters.transports.http_client import HttpAnswer, HttpClient, HttpRequest, UnreachableError
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, DialRequest

__all__ = ("PLIVO_URL", "CallAddresses", "PlivoClient", "plain_number")

PLIVO_URL: Final = "https://api.plivo.com"

_LISTED: Final = 100
_PAGE: Final = 20
"""The longest page of a list that Plivo's own SDK lets one ask for."""
_LISTS: Final = MappingProxyType({"queued": "status=queued", "live": "status=live&call_direction=outbound"})
"""In this order: what is dialled in between is in both, or in the second one."""
_LONGEST_RING_SECONDS: Final = 600
_LONGEST_CALL_SECONDS: Final = 86_400


def plain_number(number: PhoneNumber) -> str:
    """Return *number* as Plivo writes it, without the plus sign."""
    return number.e164.removeprefix("+")


@attrs.frozen(kw_only=True)
class CallAddresses:
    """Where a new call is to ask and to tell."""

    answered: str
    """Asked for a document when the callee answers."""
    rings: str
    over: str


@attrs.frozen(kw_only=True)
class PlivoClient:
    """One account. Every request has a deadline of about 15 seconds."""

    http: HttpClient
    auth_id: str
    auth_token: str = attrs.field(repr=False)
    base_url: str = PLIVO_URL
    """Scheme, host and optional prefix, without the version."""

    async def dial(
        self, request: DialRequest, addresses: CallAddresses, *, detection_url: str | None = None
    ) -> CarrierCallId:
        """Place a call and return the name of the request. Asked again only if it certainly did not arrive.

        *detection_url* is told whether a machine answered; None where that is not asked for.

        Raises:
            CarrierError: if no call was placed, or nobody knows whether one was.
        """
        body = {
            "from": plain_number(request.caller),
            "to": plain_number(request.callee),
            "answer_url": addresses.answered,
            "answer_method": "POST",
            "ring_url": addresses.rings,
            "ring_method": "POST",
            "hangup_url": addresses.over,
            "hangup_method": "POST",
            # Not hangup_on_ring: that one ends answered calls too.
            "ring_timeout": _seconds(request.ring_ms, _LONGEST_RING_SECONDS),
            # It counts from the answer, so it strikes a little after our own limit, and only if we are gone.
            "time_limit": _seconds(request.cap_ms, _LONGEST_CALL_SECONDS),
        }
        if detection_url is not None:
            # With an address it runs in the background: nobody who answers waits in silence for the verdict.
            body |= {
                "machine_detection": "true",
                "machine_detection_url": detection_url,
                "machine_detection_method": "POST",
            }
        answer = await self._send("POST", "Call/", body, repeatable=False)
        named = answer.json_object().get("request_uuid")
        name = named[0] if isinstance(named, list) and named else named
        if not isinstance(name, str) or not name:
            problem = "its answer names no request_uuid; check that plivo.apiBaseUrl is Plivo's interface"
            raise CarrierError("plivo", problem, status=answer.status)
        return CarrierCallId(name)

    async def redirect(self, leg: CarrierCallId, url: str) -> None:
        """Have a live call stop what it does and ask *url* for a document; doing that twice is harmless.

        Raises:
            CarrierError: if the call goes on as before, or is over.
        """
        body = {"legs": "aleg", "aleg_url": url, "aleg_method": "POST"}
        await self._send("POST", _path(leg), body, repeatable=True)

    async def press(self, leg: CarrierCallId, digits: str) -> None:
        """Press keys; whatever else the call does goes on.

        Raises:
            CarrierError: if Plivo did not take them, or nobody knows.
        """
        await self._send("POST", f"{_path(leg)}DTMF/", {"digits": digits, "leg": "aleg"}, repeatable=False)

    async def stop_streams(self, leg: CarrierCallId) -> None:
        """End the media stream of a call, if it has one.

        Raises:
            CarrierError: if it may still have one.
        """
        await self._ended(f"{_path(leg)}Stream/")

    async def end(self, leg: CarrierCallId) -> bool:
        """End a call; return whether there was one under that name.

        Raises:
            CarrierError: if it may still be alive.
        """
        return await self._ended(_path(leg))

    async def withdraw(self, request: CarrierCallId) -> bool:
        """End a call that has no name of its own yet; return whether there was such a request.

        Raises:
            CarrierError: if it may still be alive.
        """
        return await self._ended(f"Request/{quote(request, safe='')}/")

    async def fetch(self, leg: CarrierCallId, *, live: bool) -> Mapping[str, Any] | None:
        """Return what Plivo says of a call that lives, or of one that is over; None if it knows no such call.

        Raises:
            CarrierError: if it could not be asked.
        """
        return await self._fetch(leg, "live" if live else "")

    async def find_live(self, caller: PhoneNumber, callee: PhoneNumber) -> tuple[CarrierCallId, ...]:
        """Return the calls placed with these numbers that live, and the requests for some that wait to be dialled.

        Plivo lists names only, so that each of them is asked about, the first hundred of a list at most.

        Raises:
            CarrierError: if Plivo could not be asked.
        """
        found: list[CarrierCallId] = []
        for status, query in _LISTS.items():
            for name in await self._listed(query):
                told = await self._fetch(name, status)
                if told is not None and _is_between(told, caller, callee):
                    found.append(name)
        return tuple(found)

    async def _listed(self, query: str) -> tuple[CarrierCallId, ...]:
        names: dict[CarrierCallId, None] = {}
        for offset in range(0, _LISTED, _PAGE):
            path = f"Call/?{query}&limit={_PAGE}&offset={offset}"
            page = (await self._send("GET", path, None, repeatable=True)).json_object().get("calls")
            told = [CarrierCallId(str(name)) for name in page] if isinstance(page, list) else []
            known = len(names)
            names |= dict.fromkeys(told)
            # One of another length is the last page, or the whole list: only Plivo's SDK tells that there are pages.
            if len(told) != _PAGE or len(names) == known:
                break
        return tuple(names)[:_LISTED]

    async def _fetch(self, name: CarrierCallId, status: str) -> Mapping[str, Any] | None:
        query = f"?status={status}" if status else ""
        try:
            answer = await self._send("GET", _path(name) + query, None, repeatable=True)
        except CarrierError as error:
            if is_gone(error):
                return None
            raise
        return answer.json_object()

    async def read(self, path: str = "") -> HttpAnswer:
        """Return what Plivo says of the account, or of something of it.

        Raises:
            CarrierError: if it refused or could not be reached.
        """
        return await self._send("GET", path, None, repeatable=True)

    async def configure(self, path: str, fields: Mapping[str, Any]) -> None:
        """Change something of the account for good.

        Raises:
            CarrierError: if Plivo refused or could not be reached.
        """
        await self._send("POST", path, fields, repeatable=True)

    async def _ended(self, path: str) -> bool:
        try:
            await self._send("DELETE", path, None, repeatable=True)
        except CarrierError as error:
            if is_gone(error):
                return False
            raise
        return True

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, repeatable: bool
    ) -> HttpAnswer:
        credentials = base64.b64encode(f"{self.auth_id}:{self.auth_token}".encode()).decode()
        headers = {"authorization": f"Basic {credentials}", "accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        request = HttpRequest(
            method=method,
            url=f"{self.base_url.rstrip('/')}/v1/Account/{quote(self.auth_id, safe='')}/{path}",
            repeatable=repeatable,
            headers=headers,
            body=b"" if body is None else msgspec.json.encode(body),
        )
        try:
            answer = await self.http.send(request)
        except UnreachableError as error:
            raise unreachable(error) from error
        if not answer.succeeded:
            raise refused(answer)
        return answer


def _is_between(told: Mapping[str, Any], caller: PhoneNumber, callee: PhoneNumber) -> bool:
    """Whether a call was placed by us, from one number to the other."""
    ends = (str(told.get("from")).removeprefix("+"), str(told.get("to")).removeprefix("+"))
    return told.get("direction") == "outbound" and ends == (plain_number(caller), plain_number(callee))


def _path(leg: CarrierCallId) -> str:
    return f"Call/{quote(leg, safe='')}/"


def _seconds(ms: int, longest: int) -> int:
    return min(longest, max(1, math.ceil(ms / 1000)))
