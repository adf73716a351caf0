"""Which public URL a carrier may have meant, and signed, when it sent a webhook through proxies and tunnels.

Nothing here trusts a header by itself: a forwarded host counts only if it is on a list or forwarding is trusted, and
only from a trusted proxy if any is named. A wrong guess costs a refused webhook, never an accepted forgery.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import attrs

__all__ = ("PublicUrls",)

_FORWARDED_HOSTS: Final = ("x-forwarded-host", "x-original-host", "ngrok-forwarded-host")
# RFC 1123, section 2.1: labels of letters, digits and inner hyphens.
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _told(url: str | Callable[[], str | None] | None) -> Callable[[], str | None]:
    return url if callable(url) else lambda: url


@attrs.frozen(kw_only=True)
class PublicUrls:
    """Finds the candidates for one request."""

    public_url: Callable[[], str | None] = attrs.field(default=None, converter=_told)
    """Tells the full public URL of the webhooks, when it is known; wins over every header. May be given as text."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that a forwarding header may name."""
    trust_forwarding: bool = False
    """Whether forwarding headers count without a list of hosts."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose forwarding headers count; empty for any."""
    trust_loopback: bool = False
    """Whether forwarding headers from this machine count (a tunnel program that runs here)."""

    def candidates(
        self, *, path: str, query: str, headers: Mapping[str, str], remote: str
    ) -> tuple[str, ...]:
        """Return the URLs that may have been signed, most likely first, each once.

        *headers* have lower-case names; *path* and *query* are as they came on the wire.
        """
        suffix = f"?{query}" if query else ""
        found = [f"{url}{suffix}" for url in self._bases(path, headers, remote)]
        return tuple(dict.fromkeys(found))

    def _bases(self, path: str, headers: Mapping[str, str], remote: str) -> Iterator[str]:
        known = self.public_url()
        if known:
            yield from self._public_bases(known, path)
            return
        trusted = self._trusts(remote)
        scheme = _forwarded_scheme(headers) if trusted else "https"
        host = (self._forwarded_host(headers) if trusted else None) or headers.get("host", "")
        name = _host_name(host)
        if name is None:
            return
        yield f"{scheme}://{name}{path}"
        port = _port(host)
        if port:
            yield f"{scheme}://{name}:{port}{path}"

    def _public_bases(self, public_url: str, path: str) -> Iterator[str]:
        origins, known = _taken_apart(public_url)
        for wanted in (known, path):
            for origin in origins:
                yield origin + wanted

    def _trusts(self, remote: str) -> bool:
        if self.trust_loopback and _is_loopback(remote):
            return True
        if not (self.allowed_hosts or self.trust_forwarding):
            return False
        return not self.trusted_proxies or remote in self.trusted_proxies

    def _forwarded_host(self, headers: Mapping[str, str]) -> str | None:
        allowed = {host.lower() for host in self.allowed_hosts}
        for header in _FORWARDED_HOSTS:
            value = headers.get(header, "").split(",")[0].strip()
            name = _host_name(value)
            if name is not None and (not allowed or name in allowed):
                return name
        return None


@lru_cache(maxsize=4)  # every webhook asks, and the address changes with the tunnel only
def _taken_apart(public_url: str) -> tuple[tuple[str, ...], str]:
    """Return the origins that a public URL may be signed with, and its path."""
    parts = urlsplit(public_url)
    # Some carriers sign the URL without its port, whatever the port is.
    name = _host_name(parts.netloc) if _port(parts.netloc) else None
    hosts = (parts.netloc,) if name is None else (parts.netloc, name)
    return tuple(f"{parts.scheme}://{host}" for host in hosts), parts.path


def _forwarded_scheme(headers: Mapping[str, str]) -> str:
    scheme = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return scheme if scheme in ("http", "https") else "https"


def _host_name(host: str) -> str | None:
    """Return the name or bracketed address of *host*, lower-case and without a port; None if it is neither."""
    host = host.strip().lower()
    if host.startswith("["):
        address, bracket, rest = host[1:].partition("]")
        is_whole = bool(bracket) and (not rest or rest.startswith(":"))
        return f"[{address}]" if is_whole and _is_address(address) else None
    name = host.partition(":")[0].removesuffix(".")
    fits = len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))
    return name if name and fits else None


def _port(host: str) -> str:
    port = host.strip().rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
    return port if port.isdigit() else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_loopback(remote: str) -> bool:
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
