"""What Twilio's API says about calls and accounts. Numbers and times are text, as on the wire."""

from typing import Any

from voice_contracts.twins.moments import rfc_2822
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.leg import Leg

__all__ = ("account_resource", "call_resource", "page_of_caller_ids", "page_of_calls")

_SUBRESOURCES = (
    ("notifications", "Notifications"),
    ("recordings", "Recordings"),
    ("payments", "Payments"),
    ("events", "Events"),
    ("siprec", "Siprec"),
    ("streams", "Streams"),
    ("transcriptions", "Transcriptions"),
    ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
    ("user_defined_messages", "UserDefinedMessages"),
)


def call_resource(leg: Leg, account_sid: str, status: str) -> dict[str, Any]:
    """Return a call; *status* is what the API says, true or not."""
    record = leg.record
    path = f"/2010-04-01/Accounts/{account_sid}/Calls/{record.leg_id}"
    created, updated = record.states[0].at_ms, record.states[-1].at_ms
    ended = record.ended_ms is not None
    return {
        "sid": record.leg_id,
        "account_sid": account_sid,
        "annotation": None,
        "answered_by": leg.answered_by,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": rfc_2822(created),
        "date_updated": rfc_2822(updated),
        "direction": record.direction,
        "duration": str(record.billed_seconds) if ended else None,
        "end_time": rfc_2822(updated) if ended else None,
        "forwarded_from": None,
        "from": record.caller,
        "from_formatted": record.caller,
        "group_sid": None,
        "parent_call_sid": record.parent_id,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "start_time": None if record.answered_ms is None else rfc_2822(record.answered_ms),
        "status": status,
        "subresource_uris": {name: f"{path}/{folder}.json" for name, folder in _SUBRESOURCES},
        "to": record.callee,
        "to_formatted": record.callee,
        "trunk_sid": None,
        "uri": f"{path}.json",
    }


def page_of_calls(calls: list[dict[str, Any]], uri: str) -> dict[str, Any]:
    """Return calls as the one page of a list."""
    return {
        "calls": calls,
        "end": max(len(calls) - 1, 0),
        "first_page_uri": uri,
        "next_page_uri": None,
        "page": 0,
        "page_size": 50,
        "previous_page_uri": None,
        "start": 0,
        "uri": uri,
    }


def account_resource(account: TwilioAccount) -> dict[str, Any]:
    """Return the account."""
    return {
        "sid": account.sid,
        "friendly_name": "twin",
        "status": account.status,
        "type": "Full" if account.verified is None else "Trial",
        "uri": f"/2010-04-01/Accounts/{account.sid}.json",
    }


def page_of_caller_ids(account: TwilioAccount, wanted: str | None, uri: str) -> dict[str, Any]:
    """Return what the account has verified, as the one page of a list; *wanted* is the whole number or None."""
    numbers = [number for number in sorted(account.verified or ()) if wanted in (None, number)]
    found = [
        {
            "sid": f"PN{place:032x}",
            "account_sid": account.sid,
            "friendly_name": number,
            "phone_number": number,
            "uri": f"{uri.removesuffix('.json')}/PN{place:032x}.json",
        }
        for place, number in enumerate(numbers, start=1)
    ]
    page = {"end": max(len(found) - 1, 0), "first_page_uri": uri, "next_page_uri": None, "page": 0}
    page |= {"page_size": 50, "previous_page_uri": None, "start": 0, "uri": uri}
    return {"outgoing_caller_ids": found, **page}
