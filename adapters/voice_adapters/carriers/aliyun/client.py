"""Aliyun's interface of voice calls, Dyvmsapi 2017-05-25: one address, and an action named in a header."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import msgspec

from voice_adapters.carriers.aliyun.error_codes import CARRIER, MissingAccessKeyError, refused, unreachable
from voice_adapters.carriers.aliyun.signature import AccessKey, RequestToSign, authorization, canonical_query
from voice_adapters.transports.http_client import HttpAnswer, HttpClient, HttpRequest, UnreachableError
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.clock import Clock

__all__ = ("ENDPOINT", "AliyunClient", "endpoint_url")

ENDPOINT: Final = "https://dyvmsapi.aliyuncs.com"
"""The address for all regions."""

_VERSION: Final = "2017-05-25"
_NOTHING: Final = hashlib.sha256(b"").hexdigest()


def endpoint_url(endpoint: str) -> str:
    """Return the web address that *endpoint*, a host or a web address, means."""
    url = endpoint if "://" in endpoint else f"https://{endpoint}"
    return url.rstrip("/")


def _check_key(_client: object, _field: object, key: AccessKey) -> None:
    if not key.id:
        raise MissingAccessKeyError("AccessKey ID", "aliyun.accessKeyId", "ALIYUN_ACCESS_KEY_ID")
    if not key.secret:
        raise MissingAccessKeyError("AccessKey Secret", "aliyun.accessKeySecret", "ALIYUN_ACCESS_KEY_SECRET")


@attrs.frozen(kw_only=True)
class AliyunClient:
    """One account. Every request has a deadline of about 15 seconds.

    Raises:
        MissingAccessKeyError: if a part of the key is empty.
    """

    http: HttpClient
    key: AccessKey = attrs.field(validator=_check_key)
    clock: Clock
    url: str = ENDPOINT
    new_nonce: Callable[[], str] = attrs.field(default=lambda: str(uuid.uuid4()))
    """Gives a text that no request had before."""

    async def place(self, action: str, parameters: Mapping[str, str]) -> CarrierCallId:
        """Place a call with *action* and return Aliyun's name for it.

        Asked again only if the request certainly did not arrive.

        Raises:
            CarrierError: if no call was placed, or nobody knows whether one was.
        """
        answer = await self._send(action, parameters, repeatable=False)
        name = answer.json_object().get("CallId")
        if not isinstance(name, str) or not name:
            problem = (
                "应答中没有 CallId，请检查 aliyun.endpoint；"
                "Its answer does not name the call: check that aliyun.endpoint is Aliyun's interface"
            )
            raise CarrierError(CARRIER, problem, status=answer.status)
        return CarrierCallId(name)

    async def fetch_detail(
        self, carrier_call_id: CarrierCallId, *, product_id: int, day_ms: int
    ) -> Mapping[str, Any]:
        """Return what is kept of a call of the day of *day_ms* (epoch milliseconds); empty if nothing is.

        Raises:
            CarrierError: if it could not be asked.
        """
        parameters = {"CallId": carrier_call_id, "ProdId": str(product_id), "QueryDate": str(day_ms)}
        answer = await self._send("QueryCallDetailByCallId", parameters, repeatable=True)
        data = answer.json_object().get("Data")
        try:
            detail = msgspec.json.decode(data) if isinstance(data, str) and data else data
        except (msgspec.DecodeError, RecursionError):
            return {}
        return detail if isinstance(detail, dict) else {}

    async def read(self, action: str, parameters: Mapping[str, str]) -> HttpAnswer:
        """Return what a harmless *action* says.

        Raises:
            CarrierError: if Aliyun refused or could not be reached.
        """
        return await self._send(action, parameters, repeatable=True)

    async def _send(self, action: str, parameters: Mapping[str, str], *, repeatable: bool) -> HttpAnswer:
        try:
            answer = await self.http.send(self._request(action, parameters, repeatable=repeatable))
        except UnreachableError as error:
            raise unreachable(error) from error
        if not answer.succeeded or answer.json_object().get("Code") != "OK":
            raise refused(answer)
        return answer

    def _request(self, action: str, parameters: Mapping[str, str], *, repeatable: bool) -> HttpRequest:
        parts = urlsplit(self.url)
        path = f"{parts.path}/"
        headers = {
            "accept": "application/json",
            "host": parts.netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": _NOTHING,
            "x-acs-date": self._now(),
            "x-acs-signature-nonce": self.new_nonce(),
            "x-acs-version": _VERSION,
        }
        if self.key.security_token:
            headers["x-acs-security-token"] = self.key.security_token
            headers["x-acs-accesskey-id"] = self.key.id
        to_sign = RequestToSign(method="POST", path=path, query=parameters, headers=headers)
        return HttpRequest(
            method="POST",
            url=f"{parts.scheme}://{parts.netloc}{path}?{canonical_query(parameters)}",
            repeatable=repeatable,
            headers={**headers, "authorization": authorization(to_sign, self.key)},
        )

    def _now(self) -> str:
        at = datetime.fromtimestamp(self.clock.now_ms() // 1000, UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
