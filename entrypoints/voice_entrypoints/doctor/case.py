"""What a doctor has before them: settings, state folder, the container made of both, the gateway if one runs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_choices import tunnel_choice
from voice_domain.errors import VoiceError
from voice_entrypoints.container import Container
from voice_entrypoints.public_address import NoPublicAddressError
from voice_entrypoints.rpc.discovery import Gateway

if TYPE_CHECKING:  # it takes its time
    from voice_adapters.installed_carrier import CarrierSet
    from voice_adapters.transports.http_client import HttpClient

__all__ = ("Case", "Resolve")

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the addresses of a host name; raises OSError if it has none."""


async def _resolved(host: str) -> Sequence[str]:
    told: Sequence[Any] = await anyio.getaddrinfo(host, 443)
    return [str(each[4][0]) for each in told]


@attrs.frozen(kw_only=True)
class Case:
    """Everything that a look may look at."""

    settings: Settings
    home: Path
    """The state folder, which need not exist."""
    environ: Mapping[str, str] = attrs.field(repr=False)
    container: Container
    gateway: Gateway | None
    """The gateway that runs on the state folder and listens; None without one."""
    probe_token: Secret | None = None
    """What a gateway recognises our own request by; None where nobody listens who would."""
    resolve: Resolve = _resolved

    @property
    def http(self) -> "HttpClient":
        """What asks."""
        return self.container.http_client()

    def carriers(self) -> "CarrierSet | None":
        """Return the carrier and what belongs to it; None if it cannot be made, which is a finding of its own."""
        try:
            return self.container.carrier_set()
        except VoiceError:
            return None

    @property
    def is_real(self) -> bool:
        """Whether the carrier has to reach us over the internet."""
        chosen = self.carriers()
        return chosen is not None and chosen.needs_address

    @property
    def tunnel(self) -> str:
        """The word for the tunnel of the settings; empty without one."""
        return tunnel_choice(self.settings) or ""

    @property
    def public_url(self) -> str | None:
        """The full public URL of the webhooks: the running gateway's, else that of the settings."""
        return self.settings.public_url if self.gateway is None else self.gateway.public_url

    def callback_url(self) -> str | None:
        """Return what must be entered in the carrier's console; None if that is nothing, or not known yet."""
        chosen = self.carriers()
        if self.gateway is not None and self.gateway.callback_url is not None:
            return self.gateway.callback_url
        if chosen is None or chosen.callback_url is None:
            return None
        try:
            return chosen.callback_url()
        except NoPublicAddressError:
            return None
