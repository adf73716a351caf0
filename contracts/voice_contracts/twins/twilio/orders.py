"""Reads and judges the form of a request that makes or changes a call."""

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar
from urllib.parse import urlsplit

import attrs

from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.leg import Orders, Update
from voice_contracts.twins.twilio.numbers import is_number
from voice_domain.errors import VoiceError

__all__ = ("Form", "RefusedOrderError", "orders_of", "parties_of", "update_of")

_LONGEST_TWIML = 4000
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_MOST_RING_SECONDS = 600
_METHODS = ("GET", "POST")
_DETECTIONS = ("Enable", "DetectMessageEnd")


class RefusedOrderError(VoiceError):
    """The form asks for something that Twilio refuses, with this code."""

    kind: ClassVar[str] = "refused_order"

    def __init__(self, code: int) -> None:
        super().__init__(f"Twilio refuses the request with code {code}")
        self.code = code


@attrs.frozen
class Form:
    """The fields of a form; names may repeat."""

    fields: tuple[tuple[str, str], ...]

    def one(self, name: str) -> str | None:
        """Return the last value of *name*; None if it is absent or empty."""
        return self.table.get(name) or None

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of *name*."""
        return tuple(value for key, value in self.fields if key == name)

    @property
    def table(self) -> Mapping[str, str]:
        """The last value of each name."""
        return dict(self.fields)

    def url(self, name: str) -> str | None:
        """Return a URL that Twilio could call.

        Raises:
            RefusedOrderError: code 21205, if it is none.
        """
        value = self.one(name)
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RefusedOrderError(21205)
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        """Return one of *allowed*; raises RefusedOrderError (20001) for any other word."""
        value = self.one(name) or default
        if value not in allowed:
            raise RefusedOrderError(20001)
        return value

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number; raises RefusedOrderError (20001) if it is none, or too large."""
        value = self.one(name) or str(default)
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > most:
            raise RefusedOrderError(20001)
        return int(value)


def parties_of(form: Form, account: TwilioAccount) -> tuple[str, str]:
    """Return who calls and who is called.

    Raises:
        RefusedOrderError: if one is missing, is no number, or may not be used by this account.
    """
    caller, callee = form.one("From"), form.one("To")
    if callee is None:
        raise RefusedOrderError(21201)
    if caller is None:
        raise RefusedOrderError(21213)
    if not is_number(callee):
        raise RefusedOrderError(21211)
    if not is_number(caller):
        raise RefusedOrderError(21212)
    if caller not in account.numbers:
        raise RefusedOrderError(21210)
    if account.verified is not None and callee not in account.verified:
        raise RefusedOrderError(21219)
    return caller, callee


def orders_of(form: Form) -> Orders:
    """Return what a request for a new call orders.

    Raises:
        RefusedOrderError: if something in it is not allowed.
    """
    update = update_of(form)
    if update is None:
        raise RefusedOrderError(21205)
    events = frozenset(form.all("StatusCallbackEvent")) or frozenset({"completed"})
    if not events <= _EVENTS:
        raise RefusedOrderError(20001)
    detection = form.one("MachineDetection")
    if detection not in (None, *_DETECTIONS):
        raise RefusedOrderError(20001)
    return Orders(
        url=update.url,
        method=update.method,
        twiml=update.twiml,
        status_callback=form.url("StatusCallback"),
        status_callback_method=form.choice("StatusCallbackMethod", _METHODS, "POST"),
        status_callback_events=events,
        timeout_seconds=form.number("Timeout", 60, _MOST_RING_SECONDS),
        time_limit_seconds=form.number("TimeLimit", 14_400, 86_400),
        machine_detection=detection,
        machine_detection_timeout_seconds=form.number("MachineDetectionTimeout", 30, 60),
        async_amd=form.choice("AsyncAmd", ("true", "false"), "false") == "true",
        async_amd_callback=form.url("AsyncAmdStatusCallback"),
        fallback_url=form.url("FallbackUrl"),
        send_digits=form.one("SendDigits") or "",
    )


def update_of(form: Form) -> Update | None:
    """Return the document that a form names; a URL wins over a document beside it. None: it names none.

    Raises:
        RefusedOrderError: if the document is too long, or the URL is none.
    """
    url, twiml = form.url("Url"), form.one("Twiml")
    if twiml is not None and len(twiml) > _LONGEST_TWIML:
        raise RefusedOrderError(32018)
    if url is None and twiml is None:
        return None
    return Update(url, form.choice("Method", _METHODS, "POST"), None if url else twiml)
