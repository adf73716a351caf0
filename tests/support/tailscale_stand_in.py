"""Behaves as Tailscale's command line and service do: statuses, background mounts, refusals.

What it prints and keeps has the words and shapes of version 1.90; a funnel belongs to a port, not to a path.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ("ALLOW_PAGE", "NAME", "answer", "main", "running")

NAME = "gateway.tail1234.ts.net"
ALLOW_PAGE = "https://login.tailscale.com/f/{word}?node=n1CNTRL"
_NO_SERVICE = (
    "failed to connect to local tailscaled; it doesn't appear to be running "
    "(sudo systemctl start tailscaled ?)\n"
)
_DENIED = (
    "Access denied: serve config denied\n\nUse 'sudo tailscale serve'.\n"
    "To not require root, use 'sudo tailscale set --operator=$USER' once.\n"
)


def running(**trouble: Any) -> dict[str, Any]:
    """What the service keeps where somebody is logged in and nothing is mounted."""
    status = {"BackendState": "Running", "Self": {"DNSName": f"{NAME}.", "Online": True}}
    return {"status": status, "config": None, "trouble": trouble}


def answer(kept: dict[str, Any], words: Sequence[str]) -> tuple[int | None, str, str]:
    """Change *kept* as the command does; return the exit code (None: it never ends), stdout and stderr."""
    trouble: Mapping[str, Any] = kept["trouble"]
    if trouble.get("no_service"):
        return 1, "", _NO_SERVICE
    if words[:2] == ["status", "--json"] or words[:3] == ["serve", "status", "--json"]:
        what = "status" if words[0] == "status" else "config"
        if trouble.get("garbage") == what:
            return 0, "<html>502</html>", ""
        if trouble.get("silent") == what:
            return None, "", ""
        logged_in = what == "config" or kept["status"]["BackendState"] == "Running"
        return 0 if logged_in else 1, json.dumps(kept[what], indent=2) + "\n", "Warning: versions differ\n"
    return _changed(kept, words, trouble)


def _changed(
    kept: dict[str, Any], words: Sequence[str], trouble: Mapping[str, Any]
) -> tuple[int | None, str, str]:
    word, target = words[0], words[-1]
    flags = dict(flag.removeprefix("--").partition("=")[::2] for flag in words[1:-1])
    port, path = flags["https"], flags["set-path"]
    if trouble.get("denied"):
        return 1, "", _DENIED
    if target != "off" and trouble.get("not_enabled") == word:
        told = f"\n{word.capitalize()} is not enabled on your tailnet.\nTo enable, visit:\n"
        page = ALLOW_PAGE.format(word=word)
        return (None if trouble.get("waits") else 0), f"{told}\n         {page}\n\n", ""
    if trouble.get("path") == path and target != "off":
        code = None if trouble.get("waits") else 1
        return code, "", 'error: failed apply web serve: invalid port "0"\n'
    if trouble.get("forgets"):
        return 0, "", ""
    config = kept["config"] = kept["config"] or {}
    place = f"{NAME}:{port}"
    if target == "off":
        return _unmounted(config, place, path)
    config.setdefault("TCP", {})[port] = {"HTTPS": True}
    site = config.setdefault("Web", {}).setdefault(place, {"Handlers": {}})
    site["Handlers"][path] = {"Proxy": target}
    funnels = config.setdefault("AllowFunnel", {})
    if word == "funnel":
        funnels[place] = True
    else:
        funnels.pop(place, None)
    return 0, f"Available within your tailnet:\n\nhttps://{NAME}{path}\n|-- proxy {target}\n", ""


def _unmounted(config: dict[str, Any], place: str, path: str) -> tuple[int, str, str]:
    handlers = config.get("Web", {}).get(place, {}).get("Handlers", {})
    if path not in handlers:
        return 1, "", "error: failed to remove web serve: handler does not exist\n\n"
    del handlers[path]
    if not handlers:
        del config["Web"][place]
        config["TCP"].pop(place.rpartition(":")[2])
        config.get("AllowFunnel", {}).pop(place, None)
    return 0, "", ""


def main(arguments: Sequence[str], folder: Path) -> int:
    """Be the program; what the service keeps is in a file."""
    path = folder / "tailscale.json"
    kept = json.loads(path.read_text())
    code, out, errors = answer(kept, arguments)
    path.write_text(json.dumps(kept))
    sys.stdout.write(out)
    sys.stdout.flush()
    sys.stderr.write(errors)
    sys.stderr.flush()
    while code is None:
        time.sleep(60)
    return code
