"""Why OpenAI, or a service with its protocol, refused a request, and what to do about it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from voice_adapters.services.fault import Explanation, Fault
from voice_adapters.services.http_stream import RefusedError
from voice_adapters.services.problem_text import json_object, shown

__all__ = ("RETIREMENTS", "OpenAiRefusals", "may_pass")

RETIREMENTS: Mapping[str, str] = MappingProxyType(
    {
        "tts-1": "2027-01-06",
        "tts-1-hd": "2027-01-06",
        "gpt-4o-mini-tts": "2027-01-06",
        "whisper-1": "2027-02-26",
        "gpt-4o-transcribe": "2027-02-26",
        "gpt-4o-mini-transcribe": "2027-02-26",
    }
)
"""The last days of models whose end OpenAI has announced (developers.openai.com, deprecations)."""

_QUOTA = "insufficient_quota"
_ACCOUNT = Fault.ACCOUNT
_TOO_MANY = "too many requests at once; wait, or raise the account's rate limit"
_NOTHING_THERE = "nothing is found at its base URL; an OpenAI-compatible one ends in /v1"
_PASSING = (408, 409, 425, 500, 502, 503, 504, 529)


def _retirement(model: str) -> str:
    # A dated snapshot (gpt-4o-mini-tts-2025-12-15) ends with its model.
    dates = [day for name, day in RETIREMENTS.items() if model == name or model.startswith(f"{name}-20")]
    return dates[0] if dates else ""


def may_pass(refused: RefusedError) -> bool:
    """Whether the same request may succeed in a moment: not for a used-up quota, which is a 429 as well."""
    if refused.status == 429:
        return _QUOTA not in _words(json_object(refused.body))
    return refused.status in _PASSING


@attrs.frozen(kw_only=True)
class OpenAiRefusals:
    """Explains refusals in terms of the settings that the user has to change."""

    model: str
    key_setting: str
    """Where the key is set, such as `tts.openai.apiKey`."""
    model_setting: str
    key: str = attrs.field(default="", repr=False)

    def explain(self, refused: RefusedError) -> Explanation:
        """Return why *refused* happened."""
        return self.explain_error(json_object(refused.body).get("error"), status=refused.status)

    def explain_error(self, error: object, *, status: int = 0) -> Explanation:
        """Return why the service sent *error*, its JSON object; *status* is 0 where there was no HTTP status."""
        details = error if isinstance(error, dict) else {"message": error}
        code = str(details.get("code") or details.get("type") or "")
        message = shown(details.get("message"), self.key)
        known = self._known(status, _words({"error": details}), message)
        if known is not None:
            return Explanation(known[0], known[1], shown(code, self.key))
        fault = Fault.PASSING if status in _PASSING or status >= 500 else Fault.REQUEST
        said = f": {message}" if message else ""
        where = f"status {status}" if status else f"error {shown(code, self.key) or 'without a name'}"
        advice = "; try again later" if fault is Fault.PASSING else ""
        return Explanation(f"{where}{said}{advice}", fault, shown(code, self.key))

    def _known(self, status: int, words: set[str], message: str) -> tuple[str, Fault] | None:
        """Return the first of the refusals that have a remedy of their own which fits."""
        gone = "model_not_found" in words or (status == 404 and self._names_model(message))
        said = f" ({message})" if message else ""
        rows = (
            (_QUOTA in words, "the account's quota is used up; add credit, waiting does not help", _ACCOUNT),
            (status == 429 or "rate_limit_exceeded" in words, _TOO_MANY, Fault.PASSING),
            (
                status == 401 or "invalid_api_key" in words,
                f"the key is wrong; check {self.key_setting}",
                _ACCOUNT,
            ),
            (gone, self._model_gone(), _ACCOUNT),
            (
                status == 403,
                f"the key may not use {self.model}{said}; check its permissions",
                _ACCOUNT,
            ),
            (status == 404, _NOTHING_THERE, _ACCOUNT),
        )
        return next(((problem, fault) for fits, problem, fault in rows if fits), None)

    def _names_model(self, message: str) -> bool:
        return self.model in message or "model" in message.lower()

    def _model_gone(self) -> str:
        retired = _retirement(self.model)
        ends = f" (OpenAI announced its end for {retired})" if retired else ""
        return f"there is no model {self.model}{ends}; choose another in {self.model_setting}"


def _words(body: Mapping[str, Any]) -> set[str]:
    error = body.get("error")
    if not isinstance(error, dict):
        return set()
    return {str(error[name]) for name in ("code", "type") if error.get(name)}
