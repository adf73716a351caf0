"""What Telnyx tells of an application and its numbers (developers.telnyx.com/api/call-control, …/numbers)."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from voice_adapters.carriers.telnyx.application import data_of, find_connection, read_application
from voice_adapters.carriers.telnyx.client import TelnyxClient
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, CarrierInspection, NumberSeen

__all__ = ("TelnyxInspection",)

_OUR_WEBHOOK_VERSION = "2"


@attrs.frozen
class TelnyxInspection(CarrierInspection):
    """Looks at the application of a client. Only Telnyx can sign what it sends."""

    client: TelnyxClient

    async def account(self) -> AccountSeen:
        """Read the application that calls are placed with; see the port."""
        answer = await read_application(self.client)
        if answer is None:
            return AccountSeen(problems=(AccountProblem.NO_APPLICATION,))
        return AccountSeen(problems=tuple(_problems(data_of(answer))), server_ms=answer.date_ms)

    async def number(self, number: PhoneNumber) -> NumberSeen:
        """Read which application a number belongs to, and where that one tells of calls; see the port."""
        connection = await find_connection(self.client, number)
        if connection is None:
            return NumberSeen(is_ours=False, may_call=False)
        if connection != self.client.connection_id:
            return NumberSeen(is_ours=True, leads_to=f"connection {connection}" if connection else "")
        application = await read_application(self.client)
        url = "" if application is None else data_of(application).get("webhook_event_url")
        return NumberSeen(is_ours=True, webhook_url=str(url or ""))


def _problems(application: Mapping[str, Any]) -> Iterator[AccountProblem]:
    if application.get("active") is False:
        yield AccountProblem.APPLICATION_OFF
    outbound = application.get("outbound")
    if isinstance(outbound, dict) and not outbound.get("outbound_voice_profile_id"):
        yield AccountProblem.NO_OUTBOUND_PROFILE
    if str(application.get("webhook_api_version") or _OUR_WEBHOOK_VERSION) != _OUR_WEBHOOK_VERSION:
        yield AccountProblem.OLD_WEBHOOKS
