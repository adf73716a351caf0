"""Reads and judges the body of a request that makes a call."""

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import attrs

from voice_contracts.twins.plivo.account import PlivoAccount
from voice_contracts.twins.plivo.leg import Callback, Detection, Orders
from voice_contracts.twins.plivo.numbers import read_number
from voice_contracts.twins.plivo.refusals import RefusedCommandError

__all__ = ("Body", "orders_of", "parties_of")


@attrs.frozen
class Body:
    """The members of a JSON body."""

    members: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text; empty if it is absent. Raises RefusedCommandError (400) for anything else."""
        value = self.members.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            _refuse(name)
        return value

    def required(self, name: str) -> str:
        """Return a text that must be there; raises RefusedCommandError (400)."""
        value = self.text(name)
        if not value:
            raise RefusedCommandError(400, f"mandatory parameter missing: {name}")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of *allowed*; raises RefusedCommandError (400) for any other word."""
        value = self.text(name) or default
        if value not in allowed:
            _refuse(name)
        return value

    def number(self, name: str, limits: tuple[int, int]) -> int | None:
        """Return a whole number within *limits*, or None; raises RefusedCommandError (400) for any other value."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or not limits[0] <= value <= limits[1]:
            _refuse(name)
        return value

    def callback(self, name: str, method: str | None = None) -> Callback | None:
        """Return the URL *name*_url and its method, which is called *name*_method unless *method* says otherwise.

        It raises RefusedCommandError (400) if that cannot be asked.
        """
        url = self.text(f"{name}_url")
        chosen = self.choice(method or f"{name}_method", ("GET", "POST"), "POST")
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            _refuse(f"{name}_url")
        return Callback(url, chosen)


def parties_of(body: Body, account: PlivoAccount) -> tuple[str, str]:
    """Return who calls and who is called, E.164.

    Raises:
        RefusedCommandError: if one is missing, is no number, or may not be used by this account.
    """
    caller, callee = read_number(body.required("from")), read_number(body.required("to"))
    if callee is None:
        _refuse("to")
    if caller is None or caller not in account.numbers:
        _refuse("from")
    if account.verified is not None and callee not in account.verified:
        raise RefusedCommandError(403, "trial accounts may only call verified numbers")
    return caller, callee


def orders_of(body: Body) -> Orders:
    """Return what a request for a new call orders.

    Raises:
        RefusedCommandError: if something in it is not allowed.
    """
    answer = body.callback("answer")
    if answer is None:
        raise RefusedCommandError(400, "mandatory parameter missing: answer_url")
    return Orders(
        answer=answer,
        ring=body.callback("ring"),
        hangup=body.callback("hangup"),
        fallback=body.callback("fallback"),
        ring_timeout_seconds=_or(body.number("ring_timeout", (0, 3600)), 120),
        hangup_on_ring_seconds=body.number("hangup_on_ring", (0, 86_400)),
        time_limit_seconds=_or(body.number("time_limit", (1, 86_400)), 14_400),
        detection=_detection(body),
        send_digits=body.text("send_digits"),
    )


def _detection(body: Body) -> Detection | None:
    ordered = body.members.get("machine_detection")
    if ordered is True:
        # Read from text by the vendor's own client; a JSON truth says the same.
        ordered = "true"
    if ordered not in (None, False, "true", "hangup"):
        _refuse("machine_detection")
    milliseconds = _or(body.number("machine_detection_time", (2000, 10_000)), 5000)
    callback = body.callback("machine_detection")
    return Detection(ordered == "hangup", milliseconds / 1000, callback) if ordered else None


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _refuse(name: str) -> NoReturn:
    raise RefusedCommandError(400, f"{name} parameter is not valid")
