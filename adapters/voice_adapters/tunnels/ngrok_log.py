"""What ngrok writes with `--log-format json`, line by line, and the errors of its service (ngrok.com/docs/errors)."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

__all__ = ("LogLine", "read_line", "remedy_for")

_CODE: Final = re.compile(r"ERR_NGROK_\d+")
# Some errors repeat the token that was wrong (105, 106, 107).
_TOKEN: Final = re.compile(r"(authtoken:)\s*\S+", re.IGNORECASE)
_LONGEST_PROBLEM: Final = 300
_URL: Final = re.compile(r"https://[a-z0-9.-]+(:\d+)?", re.IGNORECASE)

_DASHBOARD: Final = "https://dashboard.ngrok.com"
_ACCOUNT_REMEDY: Final = (
    f"copy the token from {_DASHBOARD}/get-started/your-authtoken "
    "into tunnel.ngrokAuthToken or NGROK_AUTHTOKEN"
)
_DOMAIN_REMEDY: Final = (
    f"set tunnel.ngrokDomain to a domain of this account ({_DASHBOARD}/domains), or leave it out"
)
_BUSY_REMEDY: Final = f"stop the other ngrok agent ({_DASHBOARD}/agents)"
_OLD_REMEDY: Final = "bring ngrok up to date: ngrok update"
_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "ERR_NGROK_105": _ACCOUNT_REMEDY,
        "ERR_NGROK_106": _ACCOUNT_REMEDY,
        "ERR_NGROK_107": _ACCOUNT_REMEDY,
        "ERR_NGROK_4018": _ACCOUNT_REMEDY,
        "ERR_NGROK_108": _BUSY_REMEDY,
        "ERR_NGROK_334": _BUSY_REMEDY,
        "ERR_NGROK_120": _OLD_REMEDY,
        "ERR_NGROK_121": _OLD_REMEDY,
        "ERR_NGROK_313": _DOMAIN_REMEDY,
        "ERR_NGROK_314": _DOMAIN_REMEDY,
        "ERR_NGROK_319": _DOMAIN_REMEDY,
        "ERR_NGROK_320": _DOMAIN_REMEDY,
        "ERR_NGROK_7117": _DOMAIN_REMEDY,
        "ERR_NGROK_7118": _DOMAIN_REMEDY,
    }
)


@attrs.frozen
class LogLine:
    """What one line tells; most tell nothing."""

    url: str = ""
    """The tunnel's public address, where it tells that; https only, without a path."""
    problem: str = ""
    """What went wrong, for people, without any token."""
    code: str = ""
    """The service's own word for it, such as ERR_NGROK_105: it refuses, and would again."""

    def followed_by(self, other: "LogLine") -> "LogLine":
        """Return the error that begins with this line and goes on with *other*."""
        problem = f"{self.problem} {other.problem}".strip()
        return LogLine(problem=problem[:_LONGEST_PROBLEM], code=other.code or self.code)


def read_line(line: str) -> LogLine:
    """Return what *line* tells. Text that is no JSON tells something only if it is an error of ngrok's."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return _plain(line)
    if not isinstance(told, dict):
        return LogLine()
    url = _url(told)
    if url:
        return LogLine(url=url)
    problem = told.get("err")
    if told.get("lvl") not in ("eror", "crit") or problem in (None, "", "<nil>"):
        return LogLine()
    return _failure(str(problem))


def remedy_for(code: str) -> str:
    """Return what to do about an error of the service; *code* is empty where it told none."""
    if not code:
        return "check that this machine reaches the internet (ngrok diagnose tells more)"
    return _REMEDIES.get(code, f"see https://ngrok.com/docs/errors/{code.lower()}")


def _plain(line: str) -> LogLine:
    text = line.strip().removeprefix("ERROR:").strip()
    is_error = line.lstrip().startswith("ERROR:") or _CODE.search(line)
    return _failure(text) if is_error and text else LogLine()


def _failure(problem: str) -> LogLine:
    code = _CODE.search(problem)
    text = " ".join(_TOKEN.sub(r"\1 ***", problem).split())
    return LogLine(problem=text[:_LONGEST_PROBLEM], code=code[0] if code else "")


def _url(told: Mapping[str, Any]) -> str:
    is_tunnel = told.get("msg") == "started tunnel" or "addr" in told
    url = told.get("url")
    if not is_tunnel or not isinstance(url, str):
        return ""
    found = _URL.fullmatch(url.rstrip("/"))
    return found[0].lower() if found else ""
