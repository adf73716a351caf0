"""What the portal shows of the application and its numbers, and the API changes.

developers.telnyx.com/api-reference/call-control-applications, …/phone-numbers
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.service import json_body
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.refusals import RefusedCommandError

__all__ = ("Portal",)

_APPLICATION = re.compile(r"/v2/call_control_applications/(?P<id>[^/]+)")
_NUMBERS = "/v2/phone_numbers"
_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "active": True,
        "anchorsite_override": "Latency",
        "call_cost_in_webhooks": False,
        "dtmf_type": "RFC 2833",
        "first_command_timeout": False,
        "first_command_timeout_secs": 30,
        "inbound": {},
        "outbound": {},
        "redact_dtmf_debug_logging": False,
        "tags": [],
        "webhook_api_version": "1",
        "webhook_event_failover_url": "",
        "webhook_timeout_secs": None,
    }
)
"""What the description of a change gives as the default of each field that may be left out.

Telnyx may well keep such a field as it is; nothing says so, so whoever relies on that is found out here.
"""


class Portal:
    """The application's settings of the moment."""

    def __init__(self, account: TelnyxAccount) -> None:
        self._account = account
        self._fields: dict[str, Any] = {
            **_DEFAULTS,
            "application_name": "twin",
            "active": account.is_active,
            "webhook_event_url": account.webhook_url,
            "webhook_event_failover_url": account.failover_url,
            "webhook_api_version": account.webhook_version,
            "first_command_timeout_secs": 10,
            "outbound": {"channel_limit": 10, "outbound_voice_profile_id": account.outbound_profile},
        }

    @property
    def webhook_url(self) -> str:
        """Where calls to our numbers are told."""
        return str(self._fields["webhook_event_url"])

    @property
    def application(self) -> Mapping[str, Any]:
        """The application as the API tells it."""
        return {
            "record_type": "call_control_application",
            "id": self._account.connection_id,
            **self._fields,
            "created_at": "2026-02-02T22:25:27.521Z",
            "updated_at": "2026-02-02T22:25:27.521Z",
        }

    def answer(self, request: Request) -> Answer | None:
        """Answer a request about the application or its numbers; None if it is about something else.

        Raises:
            RefusedCommandError: if there is no such application, or it cannot be changed like that.
        """
        found = _APPLICATION.fullmatch(request.path)
        if found is None:
            return self._numbers_of(request) if request.path == _NUMBERS else None
        if request.method not in ("GET", "PATCH") or unquote(found["id"]) != self._account.connection_id:
            raise RefusedCommandError(10005)
        if request.method == "PATCH":
            self._change(json_body(request))
        return json_answer(200, {"data": self.application})

    def _change(self, wanted: Mapping[str, Any]) -> None:
        for name in ("application_name", "webhook_event_url"):
            if not wanted.get(name):
                raise RefusedCommandError(10004, f"/{name}")
        for name in ("webhook_event_url", "webhook_event_failover_url"):
            if wanted.get(name) and urlsplit(str(wanted[name])).scheme not in ("http", "https"):
                raise RefusedCommandError(10015, f"/{name}")
        known = ("application_name", "webhook_event_url", *_DEFAULTS)
        for name in wanted:
            if name not in known:
                raise RefusedCommandError(10015, f"/{name}")
        self._fields = {**_DEFAULTS, **wanted}

    def _numbers_of(self, request: Request) -> Answer:
        if request.method != "GET":
            raise RefusedCommandError(10005)
        wanted = dict(request.query_fields).get("filter[phone_number]")
        data = [each for each in _numbers(self._account) if wanted in (None, each["phone_number"])]
        meta = {"page_number": 1, "page_size": 20, "total_pages": 1, "total_results": len(data)}
        return json_answer(200, {"data": data, "meta": meta})


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
