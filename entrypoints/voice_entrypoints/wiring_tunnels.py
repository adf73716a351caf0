"""Which tunnel the settings amount to; part of the container, so it may name concrete adapters."""

from collections.abc import Mapping

import attrs

from voice_adapters.tunnels.ngrok import NgrokTunnel, ngrok_program
from voice_adapters.tunnels.tailscale import Mount, TailscaleTunnel
from voice_adapters.tunnels.tailscale_cli import TailscaleCli, TailscaleWord, tailscale_program
from voice_contracts.settings import Settings
from voice_domain.ports.tunnel import Tunnel
from voice_entrypoints.public_address import PublicAddress

__all__ = ("ChosenTunnel", "TailscaleTunnel", "make_tailscale_tunnel", "make_tunnel")

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
