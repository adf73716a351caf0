"""The Voice API application: which numbers are its, and where it tells of their calls.

developers.telnyx.com/api-reference/call-control-applications, …/phone-numbers
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from voice_adapters.carriers.telnyx.client import TelnyxClient
from voice_adapters.transports.http_client import HttpAnswer
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError

__all__ = ("data_of", "find_connection", "read_application", "redirect")

_NOT_FOUND: Final = 404
_WEBHOOK: Final = "webhook_event_url"
_FAILOVER: Final = "webhook_event_failover_url"
_SETTABLE: Final = (
    "application_name",
    _WEBHOOK,
    "active",
    "anchorsite_override",
    "call_cost_in_webhooks",
    "dtmf_type",
    "first_command_timeout",
    "first_command_timeout_secs",
    "inbound",
    "outbound",
    "redact_dtmf_debug_logging",
    "tags",
    "webhook_api_version",
    _FAILOVER,
    "webhook_timeout_secs",
)
"""What a change may name."""


async def read_application(client: TelnyxClient) -> HttpAnswer | None:
    """Return what Telnyx says of the application that calls are placed with; None if there is none.

    Raises:
        CarrierError: if it refused or could not be reached.
    """
    try:
        return await client.read(_path(client))
    except CarrierError as error:
        if error.status == _NOT_FOUND:
            return None
        raise


async def find_connection(client: TelnyxClient, number: PhoneNumber) -> str | None:
    """Return the id of the connection that takes calls to a number, empty for none; None if it is not the account's.

    Raises:
        CarrierError: if Telnyx refused or could not be reached.
    """
    answer = await client.read(f"phone_numbers?{urlencode({'filter[phone_number]': number.e164})}")
    told = answer.json_object().get("data")
    found = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    owned = next((each for each in found if each.get("phone_number") == number.e164), None)
    return None if owned is None else str(owned.get("connection_id") or "")


async def redirect(client: TelnyxClient, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
    """Have calls to a number of the application told to *to_url*, if they are told to *from_url*.

    Return whether they are now; see `Redirectable`. The other numbers of the application come along.

    Raises:
        CarrierError: if Telnyx refused or could not be reached.
    """
    if await find_connection(client, number) != client.connection_id:
        return False
    answer = await read_application(client)
    if answer is None:
        return False
    application = data_of(answer)
    held = str(application.get(_WEBHOOK) or "")
    if held != from_url:
        return held == to_url
    # A change gives what it leaves out a default, as far as its description tells: so nothing is left out.
    kept = {name: _settable(application[name]) for name in _SETTABLE if application.get(name) is not None}
    moved = {_FAILOVER: to_url} if from_url and kept.get(_FAILOVER) == from_url else {}
    await client.configure(_path(client), {**kept, **moved, _WEBHOOK: to_url})
    return True


def data_of(answer: HttpAnswer) -> Mapping[str, Any]:
    """Return the one thing that an answer is about; empty if it is about none."""
    data = answer.json_object().get("data")
    return data if isinstance(data, dict) else {}


def _settable(value: Any) -> Any:
    """Return *value* without what is not set in it: reading shows such fields, and a change takes no null there."""
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if each is not None}
    return value


def _path(client: TelnyxClient) -> str:
    return f"call_control_applications/{quote(client.connection_id, safe='')}"
