"""What Telnyx's API says of the application and its numbers (developers.telnyx.com/api/call-control, …/numbers)."""

import re
from typing import Any
from urllib.parse import unquote

from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.refusals import RefusedCommandError

__all__ = ("read_account",)

_APPLICATION = re.compile(r"/v2/call_control_applications/(?P<id>[^/]+)")
_NUMBERS = "/v2/phone_numbers"


def read_account(account: TelnyxAccount, request: Request) -> Answer | None:
    """Answer a request about the account; None if it is about something else.

    Raises:
        RefusedCommandError: if there is no such application, or it was to be changed.
    """
    found = _APPLICATION.fullmatch(request.path)
    if found is None and request.path != _NUMBERS:
        return None
    if request.method != "GET" or (found and unquote(found["id"]) != account.connection_id):
        raise RefusedCommandError(10005)
    if found:
        return json_answer(200, {"data": _application(account)})
    wanted = dict(request.query_fields).get("filter[phone_number]")
    data = [each for each in _numbers(account) if wanted in (None, each["phone_number"])]
    meta = {"page_number": 1, "page_size": 20, "total_pages": 1, "total_results": len(data)}
    return json_answer(200, {"data": data, "meta": meta})


def _application(account: TelnyxAccount) -> dict[str, Any]:
    return {
        "record_type": "call_control_application",
        "id": account.connection_id,
        "application_name": "twin",
        "active": account.is_active,
        "webhook_event_url": account.webhook_url,
        "webhook_api_version": account.webhook_version,
        "outbound": {"channel_limit": 10, "outbound_voice_profile_id": account.outbound_profile},
    }


def _numbers(account: TelnyxAccount) -> list[dict[str, Any]]:
    owners = dict.fromkeys(sorted(account.numbers), account.connection_id) | dict(account.connections)
    return [
        {
            "record_type": "phone_number",
            "id": f"{place:019d}",
            "phone_number": number,
            "status": "active",
            "connection_id": owner,
        }
        for place, (number, owner) in enumerate(owners.items(), start=1)
    ]
