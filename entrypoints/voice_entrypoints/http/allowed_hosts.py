"""Which names the private listener answers to: a web page that reaches it under any other name is refused.

A browser can be made to resolve a foreign name to this machine (DNS rebinding), and lets any page send requests
anywhere. The Host header tells the first apart, the Origin header the second.
"""

import ipaddress
from urllib.parse import urlsplit

import attrs

__all__ = ("AllowedHosts",)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


@attrs.frozen
class AllowedHosts:
    """The loopback names, and the address that the listener is bound to."""

    bind: str

    def admits_host(self, host: str | None, *, port: int) -> bool:
        """Whether a Host header names this listener, which is bound to *port*."""
        return host is not None and self._is_ours(f"//{host}", port)

    def admits_origin(self, origin: str | None, *, port: int) -> bool:
        """Whether an Origin header names a page of this listener; a request without one is no page's."""
        if origin is None:
            return True
        return origin.startswith(("http://", "https://")) and self._is_ours(origin, port)

    def _is_ours(self, url: str, port: int) -> bool:
        try:
            parts = urlsplit(url)
            name, named_port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            return False
        return named_port in (None, port) and (name in _LOOPBACK or self._is_bound(name))

    def _is_bound(self, name: str) -> bool:
        if self.bind not in _ANY_ADDRESS:
            return name == self.bind.lower().strip("[]")
        # Bound to every address, it is reached by any of them; an address cannot be rebound as a name can.
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
