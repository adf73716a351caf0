"""The parameters of every method, one frozen class each; positional parameters come in the order of the fields."""

import re
from typing import Any

import attrs

from voice_contracts.shape import Choice, Flag, InvalidParamsError, ListOf, Text, Whole, param
from voice_contracts.status import STATE_WORDS
from voice_domain.mode_rules import Mode

__all__ = (
    "DIGITS_PROBLEM",
    "CallParams",
    "ContinueParams",
    "DigitsParams",
    "HistoryParams",
    "InitiateParams",
    "InjectParams",
    "MaybeCallParams",
    "NoParams",
    "OperationParams",
    "PlanParams",
    "SpeakParams",
    "StartParams",
    "TransferParams",
    "are_digits",
)

DIGITS_PROBLEM = "digits may only contain digits, *, #, comma, w, p"

_MESSAGE = Text(longest=10_000)
_MODE = Choice(tuple(mode.value for mode in Mode))
_NUMBER = Text(longest=100)
_CALL_ID = "Our id of the call, or the carrier's."
_TO = "The number to call, E.164 or as people write it."
_MODE_HELP = "notify says the message and hangs up, conversation takes turns."
# Long enough for a menu and its pauses; carriers refuse more than about this.
_LONGEST_DIGITS = 64


def are_digits(text: str) -> bool:
    """Whether every character can be pressed, or is a pause."""
    return re.fullmatch(r"[0-9*#wWpP,]+", text) is not None


@attrs.frozen
class _Digits:
    def read(self, name: str, value: Any) -> str:
        text = Text(_LONGEST_DIGITS).read(name, value)
        if not are_digits(text):
            raise InvalidParamsError(name, DIGITS_PROBLEM)
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9*#wWpP,]+$", "maxLength": _LONGEST_DIGITS}


@attrs.frozen(kw_only=True)
class NoParams:
    """Nothing."""


@attrs.frozen(kw_only=True)
class InitiateParams:
    """A call to place."""

    message: str = param("message", _MESSAGE, "What to say once the callee answers.")
    to: str | None = param("to", _NUMBER, f"{_TO} Without it: toNumber of the settings.", default=None)
    mode: str | None = param("mode", _MODE, f"{_MODE_HELP} Without it: outbound.defaultMode.", default=None)


@attrs.frozen(kw_only=True)
class StartParams:
    """A call to place that may begin in silence."""

    to: str = param("to", _NUMBER, _TO)
    message: str | None = param("message", _MESSAGE, "What to say once the callee answers.", default=None)
    mode: str | None = param("mode", _MODE, f"{_MODE_HELP} Without it: outbound.defaultMode.", default=None)
    session_key: str | None = param(
        "sessionKey", Text(), "The responder's conversation that the call belongs to.", default=None
    )


@attrs.frozen(kw_only=True)
class SpeakParams:
    """Something to say."""

    call_id: str = param("callId", Text(), _CALL_ID)
    message: str = param("message", _MESSAGE, "What to say.")


@attrs.frozen(kw_only=True)
class ContinueParams:
    """Something to say before the counterpart's next utterance."""

    call_id: str = param("callId", Text(), _CALL_ID)
    message: str = param("message", _MESSAGE, "What to say before listening.")


@attrs.frozen(kw_only=True)
class OperationParams:
    """A wait that was started."""

    operation_id: str = param("operationId", Text(), "What `voicecall.continue.start` answered.")


@attrs.frozen(kw_only=True)
class CallParams:
    """One call."""

    call_id: str = param("callId", Text(), _CALL_ID)


@attrs.frozen(kw_only=True)
class MaybeCallParams:
    """One call, or all."""

    call_id: str | None = param(
        "callId", Text(), f"{_CALL_ID} Without it: all live calls.", default=None, aliases=("sid",)
    )


@attrs.frozen(kw_only=True)
class HistoryParams:
    """A page of calls."""

    limit: int = param("limit", Whole(1, 1_000), "How many at most; 50 without it.", default=50)
    before_ms: int | None = param(
        "before", Whole(0, 2**53), "Only calls whose startedAt is before this (epoch ms).", default=None
    )
    state: str | None = param("state", Choice(STATE_WORDS), "Only calls in this state.", default=None)


@attrs.frozen(kw_only=True)
class DigitsParams:
    """Keys to press."""

    call_id: str = param("callId", Text(), _CALL_ID)
    digits: str = param("digits", _Digits(), "Keys 0-9 * #; w and , wait half a second, p a whole one.")


@attrs.frozen(kw_only=True)
class TransferParams:
    """Whom to hand the counterpart over to."""

    call_id: str = param("callId", Text(), _CALL_ID)
    to: str = param("to", _NUMBER, "The number that takes over.")


@attrs.frozen(kw_only=True)
class PlanParams:
    """A call that might be placed."""

    to: str = param("to", _NUMBER, _TO)
    mode: str | None = param("mode", _MODE, _MODE_HELP, default=None)
    route: bool = param("route", Flag(), "Also tell mode, locale and the way it would take.", default=False)


@attrs.frozen(kw_only=True)
class InjectParams:
    """Events as the mock carrier's webhooks bring them."""

    events: list[object] = param(  # noqa: RUF009 - a declaration of a field, as above
        "events", ListOf(1_000), "Events of the mock carrier, each with a type."
    )
