"""Tailscale Serve and Funnel: our paths among those of other programs on one port of this machine's own name."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio
import attrs

from voice_adapters.tunnels.tailscale_cli import TailscaleCli, TailscaleWord
from voice_adapters.tunnels.tailscale_state import Mounted, ServeState
from voice_domain.ports.tunnel import OpenTunnel, Tunnel, TunnelError

__all__ = ("Mount", "TailscaleTunnel")

_log = logging.getLogger(__name__)

_HTTPS: Final = 443
_OTHER_PORTS: Final = "8443 or 10000"


@attrs.frozen
class Mount:
    """A path that is to be reached from outside."""

    public_path: str
    local_path: str


@attrs.frozen(kw_only=True)
class TailscaleTunnel(Tunnel):
    """Mounts all its paths or none, touches nobody else's, and looks from time to time whether they are still there."""

    cli: TailscaleCli
    word: TailscaleWord
    mounts: tuple[Mount, ...]
    port: int = _HTTPS
    """The HTTPS port that is published."""
    look_seconds: float = 30.0
    patience: int = 2
    """How often in a row Tailscale may give no answer before the tunnel counts as closed."""

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return f"tailscale-{self.word}"

    @property
    def is_public(self) -> bool:
        """Whether the whole internet reaches it."""
        return self.word == "funnel"

    @asynccontextmanager
    async def opened(self, local_url: str) -> AsyncIterator[OpenTunnel]:
        """Lead to *local_url* while the context is open; see the port."""
        url = await self.open(local_url)
        try:
            yield _Mounts(self, local_url, url)
        finally:
            await self._close_for_sure(local_url)

    async def open(self, local_url: str) -> str:
        """Mount everything and return the public address; what leads to *local_url* already is kept.

        Raises:
            TunnelError: if Tailscale refuses, or a path or the port is in use otherwise; nothing is mounted then.
        """
        name = await self.cli.machine_name()
        wanted = self._wanted(local_url)
        self._check_room(await self.cli.state(), wanted)
        try:
            for mounted in wanted:
                await self.cli.mount(self.word, mounted)
            self._check_there(await self.cli.state(), wanted)
        except BaseException:
            await self._close_for_sure(local_url)
            raise
        return self._url(name)

    async def close(self, local_url: str) -> tuple[Mounted, ...]:
        """Take back what leads to *local_url* by one of our paths, on whichever port; return what that was.

        Raises:
            TunnelError: if Tailscale refuses.
        """
        ours = {(mounted.path, mounted.target) for mounted in self._wanted(local_url)}
        there = (await self.cli.state()).mounted()
        taken = tuple(mounted for mounted in there if (mounted.path, mounted.target) in ours)
        for mounted in taken:
            await self.cli.unmount(mounted)
        return taken

    async def check(self, local_url: str) -> str:
        """Return the public address of what is mounted.

        Raises:
            TunnelError: if Tailscale cannot be asked, or a path is not there any more.
        """
        name = await self.cli.machine_name()
        self._check_there(await self.cli.state(), self._wanted(local_url))
        return self._url(name)

    async def _close_for_sure(self, local_url: str) -> None:
        with anyio.CancelScope(shield=True):  # its commands have deadlines
            try:
                await self.close(local_url)
            except TunnelError as error:
                _log.error("%s: what it published may still be there: %s", self.name, error)

    def _url(self, name: str) -> str:
        return f"https://{name}" if self.port == _HTTPS else f"https://{name}:{self.port}"

    def _wanted(self, local_url: str) -> tuple[Mounted, ...]:
        return tuple(
            Mounted(self.port, mount.public_path, local_url.rstrip("/") + mount.local_path)
            for mount in self.mounts
        )

    def _check_room(self, state: ServeState, wanted: tuple[Mounted, ...]) -> None:
        """Refuse what would break or publish what is somebody else's."""
        if state.is_raw(self.port):
            raise self._in_use(f"port {self.port} is forwarded to another program")
        targets = {mounted.path: mounted.target for mounted in wanted}
        others = [
            mounted
            for mounted in state.mounted()
            if mounted.port == self.port and mounted.target != targets.get(mounted.path)
        ]
        for other in others:
            if other.path in targets:
                raise self._in_use(
                    f"{other.path} on port {self.port} leads to {other.target or 'something else'}"
                )
        if others and state.is_funnel(self.port) != self.is_public:
            # One switch holds for the whole port.
            effect = "put it on the internet" if self.is_public else "take it off the internet"
            raise self._in_use(
                f"{others[0].path} on port {self.port} is another program's, and this would {effect}"
            )

    def _in_use(self, problem: str) -> TunnelError:
        remedy = f"set tailscale.port to another port ({_OTHER_PORTS}) or tailscale.path to another path, or free it"
        return TunnelError("tailscale", problem, f"{remedy}; see `tailscale serve status`")

    def _check_there(self, state: ServeState, wanted: tuple[Mounted, ...]) -> None:
        there = set(state.mounted())
        missing = [mounted.path for mounted in wanted if mounted not in there]
        if missing or state.is_funnel(self.port) != self.is_public:
            lost = ", ".join(missing) or f"the {self.word} on port {self.port}"
            remedy = "see `tailscale serve status` for who changed it"
            raise TunnelError("tailscale", f"Tailscale does not publish {lost}", remedy)


@attrs.define
class _Mounts(OpenTunnel):
    """What is mounted, as it was seen last."""

    tunnel: TailscaleTunnel
    local_url: str
    url: str

    async def moved(self) -> str:
        """Wait for another address; see the port."""
        failures = 0
        while True:
            await anyio.sleep(self.tunnel.look_seconds)
            try:
                url = await self.tunnel.check(self.local_url)
            except TunnelError:
                failures += 1
                if failures >= self.tunnel.patience:
                    raise
                continue
            failures = 0
            if url != self.url:
                self.url = url
                return url
