"""Which tunnel the settings amount to; part of the container, so it may name concrete adapters."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import anyio
import attrs

from voice_adapters.tunnels.ngrok import NgrokTunnel, ngrok_program
from voice_adapters.tunnels.tailscale import Mount, TailscaleTunnel
from voice_adapters.tunnels.tailscale_cli import TailscaleCli, TailscaleWord, tailscale_program
from voice_contracts.settings import Settings
from voice_domain.ports.tunnel import Tunnel
from voice_entrypoints.public_address import PublicAddress

__all__ = ("ChosenTunnel", "TailscaleTunnel", "is_logged_in", "make_tailscale_tunnel", "make_tunnel")

_ASKED_SECONDS: Final = 10.0
_NGROKS_FILE: Final = re.compile(r"configuration file at (?P<path>.+)")

_TAILSCALE_WORDS: Mapping[str, TailscaleWord] = {
    "serve": "serve",
    "funnel": "funnel",
    "tailscale-serve": "serve",
    "tailscale-funnel": "funnel",
}


@attrs.frozen
class ChosenTunnel:
    """A tunnel, and where webhooks are on it."""

    tunnel: Tunnel
    webhook_path: str


def make_tunnel(
    settings: Settings, address: PublicAddress, environ: Mapping[str, str], *, streams: bool
) -> ChosenTunnel | None:
    """Return the tunnel that is chosen, `tunnel.provider` before `tailscale.mode`; None where none is.

    With *streams* media streams come through it too.
    """
    if settings.tunnel.provider == "ngrok":
        secret = settings.tunnel.ngrok_auth_token
        token = secret.reveal() if secret is not None else ""
        tunnel = NgrokTunnel(
            # The gateway's listeners live on asyncio, and so do the programs that it starts.
            program=ngrok_program(environ, token=token, leashed=True),
            domain=settings.tunnel.ngrok_domain,
            token=token,
        )
        return ChosenTunnel(tunnel, settings.serve.path)
    word = _TAILSCALE_WORDS.get(settings.tunnel.provider) or _TAILSCALE_WORDS.get(settings.tailscale.mode)
    if word is None:
        return None
    path = settings.tailscale.path
    return ChosenTunnel(
        make_tailscale_tunnel(settings, address, environ, word=word, path=path, streams=streams), path
    )


def make_tailscale_tunnel(
    settings: Settings,
    address: PublicAddress,
    environ: Mapping[str, str],
    *,
    word: TailscaleWord,
    path: str,
    streams: bool,
) -> TailscaleTunnel:
    """Return the tunnel that publishes webhooks on *path*, and with *streams* media streams beside them."""
    mounts = [Mount(path, settings.serve.path)]
    if streams:
        stream_path = settings.streaming.stream_path.rstrip("/")
        mounts.append(Mount(address.public_stream_path(path), stream_path))
    return TailscaleTunnel(
        cli=TailscaleCli(program=tailscale_program(environ)),
        word=word,
        mounts=tuple(mounts),
        port=settings.tailscale.port,
    )


async def is_logged_in(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Return whether the program of the chosen tunnel has an account; nothing is opened.

    Raises:
        TunnelError: if it is missing, or Tailscale does not run or has nobody logged in.
    """
    if settings.tunnel.provider != "ngrok":
        await TailscaleCli(program=tailscale_program(environ)).machine_name()
        return True
    program = ngrok_program(environ)
    checked = await program.run("config", "check", seconds=_ASKED_SECONDS)
    if settings.tunnel.ngrok_auth_token is not None or environ.get("NGROK_AUTHTOKEN", "").strip():
        return True
    found = _NGROKS_FILE.search(checked.out)
    if found is None:
        return False
    try:
        text = await anyio.Path(Path(found["path"].strip())).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # the agent reads it and we may not; it will tell
    return re.search(r"^\s*authtoken:\s*\S", text, re.MULTILINE) is not None
