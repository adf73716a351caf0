"""Where carriers reach us, and whether they can."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar
from urllib.parse import urlsplit

from voice_domain.errors import VoiceError

__all__ = ("NoPublicAddressError", "PublicAddress", "is_private")

_LOCAL_NAMES = ("localhost", "ip6-localhost", "ip6-loopback")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_REMEDIES = (
    "set publicUrl to the full public address of the webhooks (https://…/voice/webhook), or let a tunnel make one: "
    "tunnel.provider ngrok or tailscale-funnel"
)


class NoPublicAddressError(VoiceError):
    """The carrier has no way to reach us."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, carrier: str, problem: str, lead: str = "", *, remedy: str = _REMEDIES) -> None:
        before = f"{lead}；" if lead else ""
        super().__init__(f"{before}provider {carrier} cannot reach this gateway: {problem}; {remedy}")
        self.carrier = carrier


def is_private(url: str) -> bool:
    """Whether only this machine or its own network can reach *url*."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if not host or host in _LOCAL_NAMES or host.endswith(_LOCAL_ENDINGS):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return not address.is_global


class PublicAddress:
    """The public address of the webhooks. It is set once it is known, and again when a tunnel gets a new one."""

    def __init__(self, carrier: str, *, stream_path: str, webhook_path: str = "") -> None:
        self._carrier = carrier
        self._stream_path = stream_path
        self._webhook_path = webhook_path
        self._webhook_url = ""
        self._lead = ""
        self._problem = ""
        self._followers: list[Callable[[], None]] = []

    def explain(self, lead: str) -> None:
        """Begin errors with *lead*, the words by which the carrier's users look them up."""
        self._lead = lead

    @property
    def known(self) -> bool:
        """Whether there is one."""
        return bool(self._webhook_url)

    @property
    def problem(self) -> str:
        """Why nobody is reached there at the moment, for a person; empty where nothing is known of that."""
        return self._problem

    def lost(self, problem: str) -> None:
        """Nobody is reached there until another address is set; what was set is still told."""
        self._change(self._webhook_url, problem)

    def unreachable(self, problem: str, remedy: str) -> NoPublicAddressError:
        """Return the error that says so, in the words that the carrier's users know."""
        return NoPublicAddressError(self._carrier, problem, self._lead, remedy=remedy)

    @contextmanager
    def followed(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call *tell* after each change of the address or of its problem, while the context is open."""
        self._followers.append(tell)
        try:
            yield
        finally:
            self._followers.remove(tell)

    def set(self, webhook_url: str, *, may_be_private: bool = False) -> None:
        """Take *webhook_url* as the address.

        Raises:
            NoPublicAddressError: if only this machine or its network can reach it, unless *may_be_private*.
        """
        if not may_be_private and is_private(webhook_url):
            raise NoPublicAddressError(self._carrier, f"{webhook_url} is private", self._lead)
        self._change(webhook_url, "")

    def _change(self, webhook_url: str, problem: str) -> None:
        if (webhook_url, problem) == (self._webhook_url, self._problem):
            return
        self._webhook_url, self._problem = webhook_url, problem
        for tell in tuple(self._followers):
            tell()

    def webhook_url(self) -> str:
        """Return the full public address of the webhooks.

        Raises:
            NoPublicAddressError: if there is none.
        """
        if not self._webhook_url:
            raise NoPublicAddressError(self._carrier, "it has no public address", self._lead)
        return self._webhook_url

    def stream_url(self, token: str) -> str:
        """Return the address of a media stream: the webhooks' origin, `wss`, the stream path, the token.

        What a proxy puts before our own paths is put before the stream's path too.

        Raises:
            NoPublicAddressError: if there is no public address.
        """
        parts = urlsplit(self.webhook_url())
        scheme = "ws" if parts.scheme == "http" else "wss"
        return f"{scheme}://{parts.netloc}{self.public_stream_path(parts.path)}/{token}"

    def public_stream_path(self, public_path: str) -> str:
        """Return the public path of media streams, without their tokens, where *public_path* is that of webhooks."""
        before = public_path.removesuffix(self._webhook_path) if self._webhook_path else public_path
        prefix = before if before != public_path else ""
        return prefix + self._stream_path.rstrip("/")
