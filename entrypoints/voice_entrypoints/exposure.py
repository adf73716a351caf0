"""How carriers reach the public listener: `publicUrl`, else the tunnel of the settings, which is kept open."""

import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_adapters.runtime.tunnel_keeper import TunnelKeeper
from voice_adapters.transports.lone_error import lone_errors
from voice_contracts.settings import Settings
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.tunnel import TunnelError
from voice_entrypoints.former_addresses import FILE_NAME, FormerAddresses
from voice_entrypoints.number_lead import NumberLead
from voice_entrypoints.public_address import NoPublicAddressError, PublicAddress
from voice_entrypoints.settings_mapping import own_number
from voice_entrypoints.wiring_carriers import CarrierSet
from voice_entrypoints.wiring_tunnels import ChosenTunnel, make_tunnel

__all__ = ("Exposure", "make_exposure")

_log = logging.getLogger(__name__)


@attrs.define(kw_only=True)
class Exposure:
    """The way in, from the moment the public listener has a port."""

    settings: Settings
    address: PublicAddress
    choose: Callable[[], ChosenTunnel | None]
    """Gives the tunnel of the settings; None without one."""
    needs_address: Callable[[], bool]
    """Whether the carrier has to reach us over the internet."""
    lead: Callable[[], Coroutine[Any, Any, None]]
    """Has the carrier lead calls to our numbers to the tunnel's address; called whenever that is another one."""
    _events: Counter[str] = attrs.field(factory=Counter, init=False)
    _open: dict[str, int] = attrs.field(factory=dict, init=False)

    def open_tunnels(self) -> Mapping[str, int]:
        """Return 1 for a tunnel that is open, 0 for one that is lost, by name; nothing where there is none."""
        return dict(self._open)

    def events(self) -> Mapping[str, int]:
        """Return how often the tunnel was opened, moved to another address and lost."""
        return dict(self._events)

    @asynccontextmanager
    async def entered(self, local_url: str) -> AsyncIterator[None]:
        """Be reached at *local_url*, the public listener's root on this machine, while the context is open.

        Raises:
            NoPublicAddressError: if the carrier has to reach us and cannot; it names the remedy.
        """
        chosen = self.chosen_tunnel()
        if chosen is None:
            yield
            return
        with lone_errors():
            async with anyio.create_task_group() as tasks:
                await self._begin(chosen, local_url, tasks)
                yield
                tasks.cancel_scope.cancel()

    def chosen_tunnel(self) -> ChosenTunnel | None:
        """Return the tunnel that is to be opened; None where there is none, or `publicUrl`, which is taken, wins.

        Raises:
            NoPublicAddressError: if the carrier has to reach us, and neither can lead it here.
        """
        if self.settings.public_url is not None or self.address.known:
            self._take_given()
            return None
        chosen = self.choose()
        if chosen is not None and self.needs_address() and not chosen.tunnel.is_public:
            raise self.address.unreachable(
                f"{chosen.tunnel.name} leads into your own tailnet only",
                "use tailscale-funnel or ngrok as tunnel.provider, or set publicUrl",
            )
        return chosen

    def _take_given(self) -> None:
        if self.settings.public_url is None or self.address.known:
            return
        self.address.set(self.settings.public_url, may_be_private=not self.needs_address())
        if self.settings.tunnel.provider != "none" or self.settings.tailscale.mode != "off":
            _log.info("publicUrl is set, so the tunnel of the settings is not opened")

    async def _begin(self, chosen: ChosenTunnel, local_url: str, tasks: TaskGroup) -> None:
        """Open the tunnel and have it kept open."""
        keeper = TunnelKeeper(
            tunnel=chosen.tunnel,
            reached=partial(self._reached, chosen, tasks),
            lost=partial(self._lost, chosen),
        )
        try:
            await tasks.start(partial(keeper.run, local_url, insist=self.needs_address()))
        except TunnelError as error:
            raise self.address.unreachable(error.problem, error.remedy) from error

    def _reached(self, chosen: ChosenTunnel, tasks: TaskGroup, origin: str) -> None:
        before = self.address.webhook_url() if self.address.known else ""
        url = origin + chosen.webhook_path
        try:
            self.address.set(url, may_be_private=not self.needs_address())
        except NoPublicAddressError as error:
            raise TunnelError(
                chosen.tunnel.name, f"{origin} is private", "look at the tunnel's own log"
            ) from error
        self._open[chosen.tunnel.name] = 1
        self._events["moved" if before and before != url else "opened"] += 1
        if before and before != url:
            _log.warning("%s has another address: webhooks are taken at %s", chosen.tunnel.name, url)
        else:
            _log.info("%s is open: webhooks are taken at %s", chosen.tunnel.name, url)
        if before != url and self.needs_address():
            tasks.start_soon(self.lead)

    def _lost(self, chosen: ChosenTunnel, error: TunnelError, pause: float) -> None:
        name = chosen.tunnel.name
        self._open[name] = 0
        self._events["lost"] += 1
        if self.needs_address():
            self.address.lost(f"{name} is closed: {error}")
        _log.error("%s is closed: %s; it is tried again in %g seconds", name, error, pause)


def make_exposure(
    settings: Settings, address: PublicAddress, carrier_set: Callable[[], CarrierSet], home: Path
) -> Exposure:
    """Return the way in that the settings name; *carrier_set* is asked when it is needed.

    What is to be known at the next start is kept in the state folder *home*.
    """

    def choose() -> ChosenTunnel | None:
        return make_tunnel(settings, address, os.environ, streams=carrier_set().dialect is not None)

    others = (PhoneNumber(number) for number in settings.numbers)
    lead = NumberLead(
        carrier_set=carrier_set,
        numbers=tuple(dict.fromkeys((own_number(settings), *others))),
        takes_calls=settings.inbound_policy != "disabled",
        owner_chose=settings.tunnel.provider == "ngrok" and settings.tunnel.ngrok_domain is not None,
        webhook_url=address.webhook_url,
        former=FormerAddresses(home / FILE_NAME),
    )
    return Exposure(
        settings=settings,
        address=address,
        choose=choose,
        needs_address=lambda: carrier_set().needs_address,
        lead=lead.follow,
    )
