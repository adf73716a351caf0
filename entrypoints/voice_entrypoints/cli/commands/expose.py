"""`voicecall expose`: publishing the webhooks by Tailscale, by hand."""

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import attrs
from cyclopts import Parameter, validators

from voice_domain.ports.tunnel import TunnelError
from voice_entrypoints.cli.failures import FAILED, UsageError
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.cli.surroundings import Surroundings, surroundings
from voice_entrypoints.rpc.discovery import Gateway, find_gateway
from voice_entrypoints.words.language import translated

if TYPE_CHECKING:  # what it is made of takes longer to import than most commands to run
    from voice_entrypoints.wiring_tunnels import TailscaleTunnel

__all__ = ("expose",)

_PLAIN = Shared()


async def expose(
    *,
    mode: Annotated[
        Literal["off", "serve", "funnel"],
        Parameter(help="serve for your tailnet, funnel for the internet, off to take both back."),
    ],
    path: Annotated[
        str | None, Parameter(help="Where the webhooks are published; else tailscale.path.")
    ] = None,
    port: Annotated[
        int | None,
        Parameter(
            help="Local port of the webhooks; else the running gateway's, else serve.port.",
            validator=validators.Number(gte=1, lte=65535),
        ),
    ] = None,
    shared: Shared = _PLAIN,
) -> int:
    """Publish the webhooks, and media streams beside them, by Tailscale on tailscale.port, or take that back.

    What is published stays until it is taken back, whether a gateway runs or not. Nothing of anybody else's is touched.
    """
    around = surroundings(shared)
    wanted = _Wanted(around, path or around.settings.tailscale.path, _local_root(around, port))
    return await wanted.done(mode, as_json=shared.json)


@attrs.frozen
class _Wanted:
    around: Surroundings
    path: str
    root: str
    """The local listener, without a path."""

    async def done(self, mode: Literal["off", "serve", "funnel"], *, as_json: bool) -> int:
        public_url: str | None = None
        error: TunnelError | None = None
        taken: tuple[str, ...] = ()
        try:
            if mode == "off":
                taken = await self._taken_back()
            else:
                public_url = await self._tunnel(mode).open(self.root) + self.path
        except TunnelError as failure:
            error = failure
            note(str(failure))
        if as_json:
            show_json(self._json(mode, public_url, error))
        elif public_url is not None:
            self._tell(mode, public_url)
        elif error is None:
            show(translated(f"taken back: {', '.join(taken)}" if taken else "nothing of ours was published"))
        return 0 if error is None else FAILED

    async def _taken_back(self) -> tuple[str, ...]:
        taken = await self._tunnel("serve").close(self.root)
        return tuple(f"{mounted.path} on port {mounted.port}" for mounted in taken)

    def _tunnel(self, word: Literal["serve", "funnel"]) -> "TailscaleTunnel":
        from voice_entrypoints.container import Container
        from voice_entrypoints.wiring_tunnels import make_tailscale_tunnel

        settings = self.around.settings
        container = Container(settings=settings, home=self.around.home)
        streams = container.carrier_set().dialect is not None
        return make_tailscale_tunnel(
            settings, container.address(), os.environ, word=word, path=self.path, streams=streams
        )

    def _json(self, mode: str, public_url: str | None, error: TunnelError | None) -> dict[str, Any]:
        told: dict[str, Any] = {
            "ok": error is None,
            "mode": mode,
            "path": self.path,
            "localUrl": self.root + self.around.settings.serve.path,
            "publicUrl": public_url,
        }
        if error is not None:
            told["hint"] = {"note": str(error), "enableUrl": error.allow_url or None}
        return told

    def _tell(self, mode: str, public_url: str) -> None:
        show(public_url)
        if mode == "serve":
            note("your tailnet reaches it, carriers do not; use --mode funnel for them")
        note(f"let the gateway know: voicecall config set publicUrl {public_url}")


def _local_root(around: Surroundings, port: int | None) -> str:
    """Return the root of the listener that is to be published.

    Raises:
        UsageError: if that is the private one, or nobody knows its port.
    """
    gateway, settings = find_gateway(around.home), around.settings
    if port is None and gateway is not None:
        parts = urlsplit(gateway.webhook_url)
        return f"{parts.scheme}://{parts.netloc}"
    chosen = settings.serve.port if port is None else port
    if not chosen:
        raise UsageError("serve.port is 0, so nobody knows the port yet: start the gateway, or give --port")
    if chosen in _private_ports(settings.api.port, gateway):
        raise UsageError(f"port {chosen} is the private listener's, which is never published; see serve.port")
    return f"http://127.0.0.1:{chosen}"


def _private_ports(configured: int, gateway: Gateway | None) -> set[int | None]:
    return {configured, urlsplit(gateway.api_url).port} if gateway is not None else {configured}
