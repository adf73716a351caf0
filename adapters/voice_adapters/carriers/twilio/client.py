"""Twilio's REST interface for calls (www.twilio.com/docs/voice/api/call-resource)."""

import base64
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

import anyio
import attrs

from voice_adapters.carriers.twilio.error_codes import GONE_CODE, NOT_CHANGEABLE_CODE, refused, unreachable
from voice_adapters.carriers.twilio.statuses import epoch_ms
from voice_adapters.transports.http_client import HttpAnswer, HttpClient, HttpRequest, UnreachableError
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, DialRequest

__all__ = ("LONGEST_DOCUMENT", "REGION_URLS", "PlacedCall", "TwilioClient", "api_base_url")

LONGEST_DOCUMENT: Final = 4000
"""Characters of a document that is given with a request (error 32018)."""

REGION_URLS: Mapping[str, str] = MappingProxyType(
    {
        "us1": "https://api.twilio.com",
        "ie1": "https://api.dublin.ie1.twilio.com",
        "au1": "https://api.sydney.au1.twilio.com",
    }
)
"""Where each region's interface is (www.twilio.com/docs/global-infrastructure)."""

_VERSION: Final = "2010-04-01"
_CHANGE_PAUSES: Final = (0.25, 0.75)
_EVENTS: Final = ("initiated", "ringing", "answered", "completed")
_OVER: Final = ("completed", "busy", "failed", "no-answer", "canceled")
_LATEST: Final = "20"
_LONGEST_RING_SECONDS: Final = 600
_LONGEST_CALL_SECONDS: Final = 86_400


def api_base_url(region: str, override: str | None = None) -> str:
    """Return the address of the interface: *override* if there is one, else that of *region* (us1, ie1, au1)."""
    return (override or REGION_URLS[region]).rstrip("/")


@attrs.frozen
class PlacedCall:
    """A call that the account has placed."""

    sid: CarrierCallId
    at_ms: int | None
    """When, by Twilio's clock, in epoch milliseconds and whole seconds; None if it does not say."""


@attrs.frozen(kw_only=True)
class TwilioClient:
    """One account at one region. Every request has a deadline of about 15 seconds."""

    http: HttpClient
    account_sid: str
    auth_token: str = attrs.field(repr=False)
    base_url: str = REGION_URLS["us1"]
    """Scheme, host and optional prefix, without the version."""

    async def dial(
        self, request: DialRequest, *, url: str, status_url: str, detection_url: str | None = None
    ) -> CarrierCallId:
        """Place a call and return its SID. Asked again only if the request certainly did not arrive.

        *url* is asked for a document when the callee answers; *status_url* is told what becomes of the call.
        *detection_url* is told whether a machine answered; None where that is not asked for.

        Raises:
            CarrierError: if no call was placed, or nobody knows whether one was.
        """
        form = [
            ("To", request.callee.e164),
            ("From", request.caller.e164),
            ("Url", url),
            ("Method", "POST"),
            ("StatusCallback", status_url),
            *(("StatusCallbackEvent", event) for event in _EVENTS),
            ("StatusCallbackMethod", "POST"),
            ("Timeout", _seconds(request.ring_ms, _LONGEST_RING_SECONDS)),
            # It counts from the answer, so it strikes a little after our own limit, and only if we are gone.
            ("TimeLimit", _seconds(request.cap_ms, _LONGEST_CALL_SECONDS)),
        ]
        if detection_url is not None:
            # Asynchronous: nobody who answers waits in silence for the verdict.
            form += [
                ("MachineDetection", "Enable"),
                ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", detection_url),
                ("AsyncAmdStatusCallbackMethod", "POST"),
            ]
        answer = await self._send("POST", "Calls.json", form, repeatable=False)
        sid = answer.json_object().get("sid")
        if not isinstance(sid, str) or not sid:
            problem = "its answer does not name the call; check that twilio.apiBaseUrl is Twilio's interface"
            raise CarrierError("twilio", problem, status=answer.status)
        return CarrierCallId(sid)

    async def change(
        self,
        carrier_call_id: CarrierCallId,
        *,
        document: str | None = None,
        url: str | None = None,
        repeatable: bool,
    ) -> None:
        """Give a live call a new document, or the *url* of one; it stops what it does and begins there.

        A call that cannot be changed yet is asked again after 250 and after 750 ms. *repeatable* says whether
        beginning the document twice is harmless.

        Raises:
            CarrierError: if the call goes on as before, or is over.
        """
        form = [("Twiml", document or "")] if url is None else [("Url", url), ("Method", "POST")]
        for pause in (*_CHANGE_PAUSES, None):
            try:
                await self._send("POST", _path(carrier_call_id), form, repeatable=repeatable)
            except CarrierError as error:
                if error.code != NOT_CHANGEABLE_CODE or pause is None:
                    raise
                await anyio.sleep(pause)
            else:
                return

    async def complete(self, carrier_call_id: CarrierCallId) -> None:
        """End a call, answered or not. One that is over already, or unknown, counts as ended.

        Raises:
            CarrierError: if it may still be alive.
        """
        form = [("Status", "completed")]
        try:
            await self._send("POST", _path(carrier_call_id), form, repeatable=True)
        except CarrierError as error:
            if _is_gone(error):
                return
            if error.code != NOT_CHANGEABLE_CODE or not await self._is_over(carrier_call_id):
                raise

    async def fetch_call(self, carrier_call_id: CarrierCallId) -> Mapping[str, object] | None:
        """Return what Twilio says of a call; None if it knows no such call.

        Raises:
            CarrierError: if it could not be asked.
        """
        try:
            answer = await self._send("GET", _path(carrier_call_id), (), repeatable=True)
        except CarrierError as error:
            if _is_gone(error):
                return None
            raise
        return answer.json_object()

    async def fetch(self, path: str = "", **query: str) -> HttpAnswer:
        """Return what Twilio says of the account, or of a list of it such as `IncomingPhoneNumbers`.

        Raises:
            CarrierError: if Twilio refused or could not be reached.
        """
        asked = f"?{urlencode(query)}" if query else ""
        return await self._send("GET", f"{path}.json{asked}", (), repeatable=True)

    async def find_live(self, caller: PhoneNumber, callee: PhoneNumber) -> tuple[PlacedCall, ...]:
        """Return the latest calls placed with these numbers that are not over.

        Raises:
            CarrierError: if Twilio could not be asked.
        """
        answer = await self.fetch("Calls", To=callee.e164, From=caller.e164, PageSize=_LATEST)
        return tuple(
            PlacedCall(CarrierCallId(sid), epoch_ms(call.get("date_created")))
            for call in _objects(answer.json_object().get("calls"))
            if isinstance(sid := call.get("sid"), str)
            and call.get("direction") == "outbound-api"
            and call.get("status") not in _OVER
        )

    async def configure(self, path: str, form: list[tuple[str, str]]) -> None:
        """Change something of the account for good, such as a number; what *form* leaves out stays.

        Raises:
            CarrierError: if Twilio refused or could not be reached.
        """
        await self._send("POST", f"{path}.json", form, repeatable=True)

    async def _is_over(self, carrier_call_id: CarrierCallId) -> bool:
        call = await self.fetch_call(carrier_call_id)
        return call is None or call.get("status") in _OVER

    async def _send(
        self, method: str, path: str, form: tuple[()] | list[tuple[str, str]], *, repeatable: bool
    ) -> HttpAnswer:
        credentials = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        headers = {"authorization": f"Basic {credentials}", "accept": "application/json"}
        if form:
            headers["content-type"] = "application/x-www-form-urlencoded"
        joint = "" if path.startswith(".") else "/"  # the account itself has an ending too
        request = HttpRequest(
            method=method,
            url=f"{self.base_url}/{_VERSION}/Accounts/{quote(self.account_sid, safe='')}{joint}{path}",
            repeatable=repeatable,
            headers=headers,
            body=urlencode(form, errors="replace").encode(),
        )
        try:
            answer = await self.http.send(request)
        except UnreachableError as error:
            raise unreachable(error) from error
        if not answer.succeeded:
            raise refused(answer)
        return answer


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _path(carrier_call_id: CarrierCallId) -> str:
    return f"Calls/{quote(carrier_call_id, safe='')}.json"


def _is_gone(error: CarrierError) -> bool:
    return error.code == GONE_CODE or error.status == 404


def _seconds(ms: int, longest: int) -> str:
    return str(min(longest, max(1, math.ceil(ms / 1000))))
