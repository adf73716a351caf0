"""What `tailscale status --json` and `tailscale serve status --json` tell of this machine.

The names are those of the types Status and ServeConfig in Tailscale's packages ipn/ipnstate and ipn.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from voice_domain.ports.tunnel import TunnelError

__all__ = ("Mounted", "ServeState", "machine_name", "read_json_object")


@attrs.frozen
class Mounted:
    """A path that leads somewhere."""

    port: int
    path: str
    target: str
    """The URL that it leads to; empty for a file or a text."""


@attrs.frozen
class ServeState:
    """What this machine publishes, by serve or funnel, in the background."""

    config: Mapping[str, Any]

    def mounted(self) -> Iterator[Mounted]:
        """Yield every path of every port."""
        for place, site in _mapping(self.config.get("Web")).items():
            port = place.rpartition(":")[2]
            for path, handler in _mapping(_mapping(site).get("Handlers")).items():
                if port.isdigit():
                    target = _mapping(handler).get("Proxy")
                    yield Mounted(int(port), path, target if isinstance(target, str) else "")

    def is_funnel(self, port: int) -> bool:
        """Whether the internet reaches what is mounted on *port*: a funnel opens a whole port, not a path."""
        allowed = _mapping(self.config.get("AllowFunnel"))
        return any(on is True and place.rpartition(":")[2] == str(port) for place, on in allowed.items())

    def is_raw(self, port: int) -> bool:
        """Whether *port* is forwarded as it is, so that no path can be mounted on it."""
        handler = _mapping(_mapping(self.config.get("TCP")).get(str(port)))
        return bool(handler) and handler.get("HTTPS") is not True


def machine_name(status: Mapping[str, Any]) -> str:
    """Return the MagicDNS name of this machine.

    Raises:
        TunnelError: if Tailscale does not run, nobody is logged in, or there is no name.
    """
    state = status.get("BackendState")
    if state != "Running":
        problem = {
            "NeedsLogin": "Tailscale is not logged in",
            "NeedsMachineAuth": "this machine waits to be approved in Tailscale's admin console",
            "Stopped": "Tailscale is stopped",
        }.get(str(state), f"Tailscale is not running (state {str(state)[:40]})")
        remedy = "run `tailscale up`" if state != "NeedsMachineAuth" else "approve it there"
        raise TunnelError("tailscale", problem, remedy)
    name = _mapping(status.get("Self")).get("DNSName")
    if not isinstance(name, str) or not name.strip("."):
        problem = "this machine has no MagicDNS name"
        remedy = "switch on MagicDNS and HTTPS certificates at https://login.tailscale.com/admin/dns"
        raise TunnelError("tailscale", problem, remedy)
    return name.rstrip(".").lower()


def read_json_object(text: str) -> Mapping[str, Any] | None:
    """Return the object that *text* is; an empty one for `null`, None for anything else."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if told is None:
        return {}
    return told if isinstance(told, dict) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
