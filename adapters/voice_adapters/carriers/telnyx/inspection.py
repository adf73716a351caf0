"""What Telnyx tells of an application and its numbers (developers.telnyx.com/api/call-control, …/numbers)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from voice_adapters.carriers.telnyx.client import TelnyxClient
from voice_adapters.transports.http_client import HttpAnswer
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, CarrierInspection, NumberSeen

__all__ = ("TelnyxInspection",)

_NOT_FOUND = 404
_OUR_WEBHOOK_VERSION = "2"


@attrs.frozen
class TelnyxInspection(CarrierInspection):
    """Looks at the application of a client. Only Telnyx can sign what it sends."""

    client: TelnyxClient

    async def account(self) -> AccountSeen:
        """Read the application that calls are placed with; see the port."""
        answer = await self._application()
        if answer is None:
            return AccountSeen(problems=(AccountProblem.NO_APPLICATION,))
        return AccountSeen(problems=tuple(_problems(_data(answer))), server_ms=answer.date_ms)

    async def number(self, number: PhoneNumber) -> NumberSeen:
        """Read which application a number belongs to, and where that one tells of calls; see the port."""
        answer = await self.client.read(f"phone_numbers?{urlencode({'filter[phone_number]': number.e164})}")
        told = answer.json_object().get("data")
        found = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
        owned = next((each for each in found if each.get("phone_number") == number.e164), None)
        if owned is None:
            return NumberSeen(is_ours=False, may_call=False)
        connection = str(owned.get("connection_id") or "")
        if connection != self.client.connection_id:
            return NumberSeen(is_ours=True, leads_to=f"connection {connection}" if connection else "")
        application = await self._application()
        url = "" if application is None else _data(application).get("webhook_event_url")
        return NumberSeen(is_ours=True, webhook_url=str(url or ""))

    async def _application(self) -> HttpAnswer | None:
        name = quote(self.client.connection_id, safe="")
        try:
            return await self.client.read(f"call_control_applications/{name}")
        except CarrierError as error:
            if error.status == _NOT_FOUND:
                return None
            raise


def _problems(application: Mapping[str, Any]) -> Iterator[AccountProblem]:
    if application.get("active") is False:
        yield AccountProblem.APPLICATION_OFF
    outbound = application.get("outbound")
    if isinstance(outbound, dict) and not outbound.get("outbound_voice_profile_id"):
        yield AccountProblem.NO_OUTBOUND_PROFILE
    if str(application.get("webhook_api_version") or _OUR_WEBHOOK_VERSION) != _OUR_WEBHOOK_VERSION:
        yield AccountProblem.OLD_WEBHOOKS


def _data(answer: HttpAnswer) -> Mapping[str, Any]:
    data = answer.json_object().get("data")
    return data if isinstance(data, dict) else {}
