"""How OpenAI words errors."""

from collections.abc import Mapping

from voice_contracts.twins.http import Answer, json_answer
from voice_contracts.twins.service import RefusedRequestError

__all__ = ("authenticate", "error_body", "refuse")

_TYPES: Mapping[str, tuple[str, str]] = {
    "invalid_api_key": ("invalid_request_error", "Incorrect API key provided."),
    "model_not_found": ("invalid_request_error", "The model does not exist."),
    "rate_limit_exceeded": ("requests", "Rate limit reached."),
    "insufficient_quota": ("insufficient_quota", "You exceeded your current quota."),
    "server_error": ("server_error", "The server had an error."),
}


def error_body(error: RefusedRequestError) -> dict[str, object]:
    """Return the JSON of an error."""
    kind, message = _TYPES.get(error.code, ("invalid_request_error", "Invalid value."))
    code = error.code if error.code in _TYPES and error.code != "server_error" else None
    return {"error": {"message": message, "type": kind, "param": error.field, "code": code}}


def refuse(error: RefusedRequestError, headers: Mapping[str, str]) -> Answer:
    """Return the answer that refuses a request."""
    return json_answer(error.status, error_body(error), headers)


def authenticate(headers: Mapping[str, str], key: str) -> None:
    """Check the bearer key.

    Raises:
        RefusedRequestError: 401, if it is wrong or missing.
    """
    if headers.get("authorization") != f"Bearer {key}":
        raise RefusedRequestError(401, "invalid_api_key")
