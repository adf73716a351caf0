"""Logs on standard error, as text or JSON, in which no number, secret or line break of a stranger survives."""

import json
import logging
import re
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, TextIO

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_domain.e164 import mask_number

__all__ = ("LineFormatter", "hidden", "secrets_of", "set_up_logs")

# ITU-T E.164 with its plus, or as many digits without one as no date, port or count has.
_NUMBER: Final = re.compile(r"(?<![\w.-])(\+[1-9](?:[ .()-]{0,2}\d){6,14}|\d{10,15})(?![\w-])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Paths of media streams and callbacks end in a token, and URLs may carry one.
_URL_SECRET: Final = re.compile(r"([?&](?:token|key|secret|password)=)[^&\s\"']+", re.IGNORECASE)
_BEARER: Final = re.compile(r"(bearer\s+)[\w.~+/=-]+", re.IGNORECASE)
_SHORTEST_SECRET: Final = 6
_LONGEST_LINE: Final = 8_192
_QUIET: Final = ("httpx", "httpcore", "uvicorn", "uvicorn.error", "asyncio")


@attrs.frozen(kw_only=True)
class LineFormatter(logging.Formatter):
    """Formats a record as one entry, and hides what must not be seen in all of it, tracebacks included.

    Extra values named `transcript` are what somebody said.
    """

    as_json: bool = False
    show_numbers: bool = False
    show_transcripts: bool = False
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    TRANSCRIPT: ClassVar[str] = "transcript"

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry."""
        message = record.getMessage()
        details = "" if record.exc_info is None else logging.Formatter().formatException(record.exc_info)
        said: Any = getattr(record, self.TRANSCRIPT, None)
        if said is not None and not self.show_transcripts:
            said = f"({len(str(said))} characters)"
        if self.as_json:
            return self._json(record, message, details, said)
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        heard = "" if said is None else f" {self.TRANSCRIPT}={self._clean(str(said))!r}"
        head = f"{when}.{int(record.msecs):03d}Z {record.levelname.lower()} {record.name}: "
        tail = f"\n{self.hidden(details)}" if details else ""
        return head + self._clean(message) + heard + tail

    def _json(self, record: logging.LogRecord, message: str, details: str, said: Any) -> str:
        entry = {
            "at": int(record.created * 1_000),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._clean(message),
        }
        if said is not None:
            entry[self.TRANSCRIPT] = self._clean(str(said))
        if details:
            entry["traceback"] = self.hidden(details)
        return json.dumps(entry, ensure_ascii=False)

    def _clean(self, text: str) -> str:
        """Return *text* as one line of bounded length: nobody forges a second entry."""
        line = _CONTROL.sub("�", self.hidden(text)).replace("\n", "\\n").replace("\t", " ")
        return line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"

    def hidden(self, text: str) -> str:
        """Return *text* without what must not be seen."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        text = _BEARER.sub(r"\1***", _URL_SECRET.sub(r"\1***", text))
        return text if self.show_numbers else _NUMBER.sub(lambda found: mask_number(found[0]), text)


def set_up_logs(settings: Settings, *, stream: TextIO | None = None, secrets: Iterable[str] = ()) -> None:
    """Send every log line of the process to standard error (or *stream*), as the settings say.

    The secrets of the settings, and the further ones given, are hidden wherever they turn up.
    """
    known = {*secrets_of(settings), *secrets}
    # Longer ones first: a secret may be part of another.
    hidden = sorted((secret for secret in known if len(secret) >= _SHORTEST_SECRET), key=len, reverse=True)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        LineFormatter(
            as_json=settings.logging.format == "json",
            show_numbers=settings.logging.show_numbers,
            show_transcripts=settings.logging.show_transcripts,
            secrets=tuple(hidden),
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.logging.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def hidden(text: str) -> str:
    """Return *text* as a person may see it: what the log of this process hides is hidden in it."""
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    ours = next((each for each in formatters if isinstance(each, LineFormatter)), LineFormatter())
    return ours.hidden(text)


def secrets_of(value: Any) -> set[str]:
    """Return the text of every secret within settings."""
    if isinstance(value, Secret):
        return {value.reveal()}
    if attrs.has(type(value)):
        parts: Iterable[Any] = (getattr(value, field.name) for field in attrs.fields(type(value)))
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, tuple | list):
        parts = value
    else:
        return set()
    return set().union(*(secrets_of(part) for part in parts))
