"""Errors of Twilio's API, by its own numbers (www.twilio.com/docs/api/errors)."""

from collections.abc import Mapping

from voice_contracts.twins.http import Answer, json_answer

__all__ = ("REFUSALS", "refusal")

REFUSALS: Mapping[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL"),
    21210: (400, "The source phone number provided is not yet verified for your account"),
    21211: (400, "The phone number you are attempting to call is not valid"),
    21212: (400, "The 'From' number is not a valid phone number"),
    21213: (400, "No 'From' number is specified"),
    21219: (400, "The number is unverified. Trial accounts may only make calls to verified numbers"),
    21220: (400, "Call is not in-progress. Cannot redirect"),
    32018: (400, "Twiml must be at most 4000 characters"),
}
"""HTTP status and sentence of each code."""


def refusal(code: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer that refuses a request with *code*."""
    status, message = REFUSALS[code]
    more = f"https://www.twilio.com/docs/errors/{code}"
    return json_answer(
        status, {"code": code, "message": message, "more_info": more, "status": status}, headers
    )
