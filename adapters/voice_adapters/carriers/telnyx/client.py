"""Telnyx's REST interface for calls (developers.telnyx.com/api/call-control).

Every command has an id under which Telnyx carries it out once, so every request may be repeated.
"""

import math
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs
import msgspec

from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_adapters.carriers.telnyx.error_codes import is_over, refused, unreachable
from voice_adapters.transports.http_client import HttpAnswer, HttpClient, HttpRequest, UnreachableError
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import CarrierError, DialRequest

__all__ = ("TELNYX_URL", "TelnyxClient")

TELNYX_URL: Final = "https://api.telnyx.com"

_VERSION: Final = "v2"
_RING_SECONDS: Final = (5, 600)
_CALL_SECONDS: Final = (30, 14_400)
_PAGE: Final = 250
_PAGES: Final = 20


@attrs.frozen(kw_only=True)
class TelnyxClient:
    """One account. Every request has a deadline of about 15 seconds."""

    http: HttpClient
    api_key: str = attrs.field(repr=False)
    connection_id: str
    """The Voice API application that calls are placed with."""
    base_url: str = TELNYX_URL
    """Scheme, host and optional prefix, without the version."""

    async def dial(
        self, request: DialRequest, *, webhook_url: str, detects_machine: bool = False
    ) -> CarrierCallId:
        """Place a call and return its call control id. Our name for the call is the command's id.

        Raises:
            CarrierError: if no call was placed, or nobody knows whether one was.
        """
        body = {
            "connection_id": self.connection_id,
            "from": request.caller.e164,
            "to": request.callee.e164,
            "client_state": ClientState(call_id=request.call_id).encoded,
            "command_id": request.call_id,
            # It counts from the answer, so it strikes a little after our own limit, and only if we are gone.
            "time_limit_secs": _seconds(request.cap_ms, _CALL_SECONDS),
            "timeout_secs": _seconds(request.ring_ms, _RING_SECONDS),
            "webhook_url": webhook_url,
            "webhook_url_method": "POST",
        }
        if detects_machine:
            body["answering_machine_detection"] = "detect"
        answer = await self._send("POST", "calls", body)
        name = _data(answer).get("call_control_id")
        if not isinstance(name, str) or not name:
            problem = "its answer does not name the call; check that telnyx.apiBaseUrl is Telnyx's interface"
            raise CarrierError("telnyx", problem, status=answer.status)
        return CarrierCallId(name)

    async def command(self, leg: CarrierCallId, name: str, fields: Mapping[str, Any]) -> None:
        """Have Telnyx do something with a leg.

        Raises:
            CarrierError: if it does not.
        """
        await self._send("POST", f"{_path(leg)}/actions/{name}", fields)

    async def fetch(self, leg: CarrierCallId) -> Mapping[str, Any] | None:
        """Return what Telnyx says of a leg; None if it knows no such leg.

        Raises:
            CarrierError: if it could not be asked.
        """
        try:
            answer = await self._send("GET", _path(leg), None)
        except CarrierError as error:
            if is_over(error):
                return None
            raise
        return _data(answer)

    async def read(self, path: str) -> HttpAnswer:
        """Return what Telnyx says of something of the account.

        Raises:
            CarrierError: if it refused or could not be reached.
        """
        return await self._send("GET", path, None)

    async def configure(self, path: str, fields: Mapping[str, Any]) -> None:
        """Change something of the account for good.

        Raises:
            CarrierError: if Telnyx refused or could not be reached.
        """
        await self._send("PATCH", path, fields)

    async def find_live(self, call_id: CallId) -> tuple[CarrierCallId, ...]:
        """Return the live legs that carry our name for a call.

        Raises:
            CarrierError: if Telnyx could not be asked.
        """
        found: list[CarrierCallId] = []
        path = f"connections/{quote(self.connection_id, safe='')}/active_calls"
        query = f"?page%5Blimit%5D={_PAGE}"
        for _ in range(_PAGES):
            document = (await self.read(path + query)).json_object()
            found += _legs_of(document.get("data"), call_id)
            after = _next_page(document.get("meta"))
            if after is None:
                break
            query = f"?page%5Blimit%5D={_PAGE}&page%5Bafter%5D={quote(after, safe='')}"
        return tuple(found)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> HttpAnswer:
        headers = {"authorization": f"Bearer {self.api_key}", "accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        request = HttpRequest(
            method=method,
            url=f"{self.base_url.rstrip('/')}/{_VERSION}/{path}",
            repeatable=True,
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


def _data(answer: HttpAnswer) -> Mapping[str, Any]:
    data = answer.json_object().get("data")
    return data if isinstance(data, dict) else {}


def _legs_of(data: object, call_id: CallId) -> list[CarrierCallId]:
    calls = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
    states = [(call.get("call_control_id"), ClientState.decoded(call.get("client_state"))) for call in calls]
    return [
        CarrierCallId(name)
        for name, state in states
        if isinstance(name, str) and state.call_id == call_id and state.role is not Role.TARGET
    ]


def _next_page(meta: object) -> str | None:
    cursors = meta.get("cursors") if isinstance(meta, dict) else None
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) and after else None


def _path(leg: CarrierCallId) -> str:
    # A colon is allowed in a path (RFC 3986, section 3.3), and Telnyx's own SDK leaves it as it is.
    return f"calls/{quote(leg, safe=':')}"


def _seconds(ms: int, limits: tuple[int, int]) -> int:
    least, most = limits
    return min(most, max(least, math.ceil(ms / 1000)))
