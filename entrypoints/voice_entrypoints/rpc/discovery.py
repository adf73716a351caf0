"""The discovery file `<home>/gateway.json`: where a running gateway listens, for clients on the same machine."""

import os
import secrets
from pathlib import Path
from typing import Any, Final

import attrs

from voice_entrypoints.rpc.json_text import NotJsonError, json_line, read_json

__all__ = ("FILE_NAME", "Gateway", "find_gateway", "publish_gateway", "read_gateway", "withdraw_gateway")

FILE_NAME: Final = "gateway.json"


@attrs.frozen(kw_only=True)
class Gateway:
    """A running gateway."""

    pid: int
    api_url: str
    """The private listener, without a path."""
    webhook_url: str
    """The local URL of the webhooks."""
    public_url: str | None
    """The full public URL of the webhooks; None without one."""
    callback_url: str | None
    """What must be entered in a carrier's console; None if nothing must."""
    started_at: int
    """Epoch milliseconds."""


def publish_gateway(home: Path, gateway: Gateway) -> None:
    """Write the file, mode 0600, in one step; whatever a dead gateway left is replaced.

    Raises:
        OSError: if it cannot be written.
    """
    draft = home / f".{FILE_NAME}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json_line(_document(gateway)) + "\n")
        draft.replace(home / FILE_NAME)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def withdraw_gateway(home: Path, *, pid: int) -> None:
    """Remove the file if it is still that of *pid*."""
    gateway = read_gateway(home)
    if gateway is not None and gateway.pid == pid:
        (home / FILE_NAME).unlink(missing_ok=True)


def read_gateway(home: Path) -> Gateway | None:
    """Return what the file says, be the gateway alive or not; None without a file that makes sense."""
    try:
        document = read_json((home / FILE_NAME).read_bytes())
        return _gateway(document)
    except (OSError, NotJsonError, KeyError, TypeError, ValueError):
        return None


def find_gateway(home: Path) -> Gateway | None:
    """Return the gateway of *home* if its process lives, as far as the operating system tells."""
    gateway = read_gateway(home)
    return gateway if gateway is not None and _is_alive(gateway.pid) else None


def _document(gateway: Gateway) -> dict[str, Any]:
    return {
        "pid": gateway.pid,
        "apiUrl": gateway.api_url,
        "webhookUrl": gateway.webhook_url,
        "publicUrl": gateway.public_url,
        "callbackUrl": gateway.callback_url,
        "startedAt": gateway.started_at,
    }


def _gateway(document: Any) -> Gateway:
    return Gateway(
        pid=int(document["pid"]),
        api_url=str(document["apiUrl"]),
        webhook_url=str(document["webhookUrl"]),
        public_url=document.get("publicUrl"),
        callback_url=document.get("callbackUrl"),
        started_at=int(document["startedAt"]),
    )


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and somebody else's
    return True
