"""The tunnel: a program that makes the public listener reachable from outside."""

from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Protocol

from voice_domain.errors import VoiceError

__all__ = ("OpenTunnel", "Tunnel", "TunnelError")


class TunnelError(VoiceError):
    """The tunnel program is missing, refused, was too slow, or ended."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, tunnel: str, problem: str, remedy: str, *, allow_url: str = "") -> None:
        super().__init__(f"{problem}; {remedy}")
        self.tunnel = tunnel
        self.problem = problem
        self.remedy = remedy
        self.allow_url = allow_url
        """A page on which the tunnel's owner can allow what was refused; empty where there is none."""


class OpenTunnel(Protocol):
    """A tunnel while it is open."""

    @property
    def url(self) -> str:
        """Its public address: https, host, and a port where it is not 443; no path."""
        ...

    async def moved(self) -> str:
        """Wait until the tunnel has another address, and return that.

        Raises:
            TunnelError: if the tunnel is open no more.
        """
        ...


class Tunnel(Protocol):
    """Makes a listener of this machine reachable from outside."""

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        ...

    @property
    def is_public(self) -> bool:
        """Whether the whole internet reaches it; False for one that leads into one's own network only."""
        ...

    def opened(self, local_url: str) -> AbstractAsyncContextManager[OpenTunnel]:
        """Lead to *local_url* (scheme, host and port of a listener, no path) while the context is open.

        Entering has a deadline of its own. Leaving takes back what was made, and nothing else.

        Raises:
            TunnelError: on entering, if the tunnel cannot be opened.
        """
        ...
