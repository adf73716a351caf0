"""Whose connection it is that came through tunnels and proxies: caps by address need to know.

RFC 7239 names the trouble: every hop may add what it likes to `X-Forwarded-For`, so the list is believed from its right
end only as far as the hops are our own.
"""

import ipaddress
from collections.abc import Mapping

import attrs

__all__ = ("ForwardedAddress", "of_the_socket")

_HEADER = "x-forwarded-for"


def of_the_socket(remote: str, headers: Mapping[str, str]) -> str:
    """Return the address of the socket's far end, whatever the headers say."""
    del headers
    return remote


@attrs.frozen(kw_only=True)
class ForwardedAddress:
    """Finds the address of whoever is behind the proxies that are trusted; of the socket's far end without any."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies whose word counts."""
    trust_loopback: bool = False
    """Whether a tunnel program on this machine counts as one."""

    def __call__(self, remote: str, headers: Mapping[str, str]) -> str:
        """Return the address, given the socket's and the headers (lower-case names)."""
        nearest = remote
        for hop in reversed(headers.get(_HEADER, "").split(",")):
            if not self._trusts(nearest):
                break
            address = hop.strip()
            if not _is_address(address):
                break
            nearest = address
        return nearest

    def _trusts(self, address: str) -> bool:
        if address in self.trusted_proxies:
            return True
        return self.trust_loopback and _is_address(address) and ipaddress.ip_address(address).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
