"""What Plivo's API says about calls and accounts."""

from typing import Any

from voice_contracts.twins.plivo.account import PlivoAccount
from voice_contracts.twins.plivo.leg import Leg
from voice_contracts.twins.plivo.notices import moment
from voice_contracts.twins.plivo.numbers import written
from voice_contracts.twins.plivo.refusals import API_ID

__all__ = ("account_resource", "call_record", "live_call", "page_of_records")

_UTC = "+00:00"


def live_call(leg: Leg, status: str) -> dict[str, Any]:
    """Return a call that has not ended; *status* is what the API says, true or not."""
    record = leg.record
    told = {
        "api_id": API_ID,
        "call_status": status,
        "call_uuid": leg.uuid,
        "caller_name": written(record.caller),
        "direction": record.direction,
        "from": written(record.caller),
        "session_start": f"{moment(record.states[0].at_ms)}.000000",
        "stir_attestation": "Not Applicable",
        "stir_verification": "Not Applicable",
        "to": written(record.callee),
    }
    return {**told, "request_uuid": leg.request_uuid} if leg.request_uuid else told


def call_record(leg: Leg, auth_id: str) -> dict[str, Any]:
    """Return the detail record of a call that has ended."""
    assert leg.ending is not None
    record = leg.record
    seconds = record.billed_seconds
    answered = None if record.answered_ms is None else f"{moment(record.answered_ms)}{_UTC}"
    return {
        "answer_time": answered,
        "api_id": API_ID,
        "bill_duration": seconds,
        "billed_duration": -(-seconds // 60) * 60,
        "call_direction": record.direction,
        "call_duration": seconds,
        "call_state": leg.ending.text if answered is None else "ANSWER",
        "call_uuid": leg.uuid,
        "conference_uuid": None,
        "end_time": f"{moment(record.states[-1].at_ms)}{_UTC}",
        "from_number": record.caller,
        "hangup_cause_code": leg.ending.code,
        "hangup_cause_name": leg.ending.name,
        "hangup_source": leg.ending.source,
        "initiation_time": f"{moment(record.states[0].at_ms)}{_UTC}",
        "parent_call_uuid": record.parent_id,
        "resource_uri": f"/v1/Account/{auth_id}/Call/{leg.uuid}/",
        "stir_verification": "Not Applicable",
        "to_number": record.callee,
        "total_amount": "0.00850",
        "total_rate": "0.00850",
    }


def page_of_records(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return detail records as the one page of a list."""
    meta = {"limit": 20, "next": None, "offset": 0, "previous": None, "total_count": len(records)}
    return {"api_id": API_ID, "meta": meta, "objects": records}


def account_resource(account: PlivoAccount) -> dict[str, Any]:
    """Return the account."""
    return {
        "account_type": "standard" if account.verified is None else "developer",
        "api_id": API_ID,
        "auth_id": account.auth_id,
        "auto_recharge": False,
        "billing_mode": "prepaid",
        "cash_credits": account.credit,
        "name": "twin",
        "resource_uri": f"/v1/Account/{account.auth_id}/",
        "timezone": "UTC",
    }
