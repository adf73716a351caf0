"""Where calls to our numbers are led at the carrier: to our tunnel, as far as they led to us before, or nowhere.

Whatever leads to any other address was set up by somebody else, and stays: that is said loudly, and whoever enters our
address in the carrier's console once has it kept right from then on.
"""

import logging
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import urlsplit

import anyio
import attrs

from voice_adapters.installed_carrier import CarrierSet
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError, Redirectable
from voice_domain.ports.carrier_inspection import CarrierInspection
from voice_entrypoints.former_addresses import FormerAddresses

__all__ = ("NumberLead",)

_log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 15.0
_LONGEST_PAUSE: Final = 960.0


@attrs.frozen
class _Console:
    """What a carrier tells and takes of a number."""

    name: str
    shows: CarrierInspection
    changes: Redirectable


@attrs.frozen(kw_only=True)
class NumberLead:
    """Keeps the carrier's settings of our numbers at our address. What it cannot do, the log says with the remedy."""

    carrier_set: Callable[[], CarrierSet]
    numbers: tuple[PhoneNumber, ...]
    """The numbers that the settings name."""
    takes_calls: bool
    """Whether calls to us are wanted at all."""
    owner_chose: bool
    """Whether the tunnel's address is one that its owner chose, and may give to another machine next."""
    webhook_url: Callable[[], str]
    """Gives the public address of the webhooks as it is now."""
    former: FormerAddresses
    _alone: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    """Of two changes at once the older one could come last."""

    async def follow(self) -> None:
        """Have the carrier know the address of the moment, as long as that takes; called when there is another one."""
        chosen = self.carrier_set()
        if chosen.callback_url is None:
            return
        url, before, console = chosen.callback_url(), self.former.all(), _console(chosen)
        if console is None or not self.owner_chose:
            # First, because a number that is told and forgotten would be somebody else's at the next start.
            self.former.add(url)
        if not self.takes_calls and (console is not None or chosen.carrier.capabilities.inbound):
            return
        if console is not None:
            async with anyio.create_task_group() as tasks:
                for number in self.numbers:
                    tasks.start_soon(self._lead, console, number, chosen.callback_url)
        elif url not in before[-1:]:
            shown = self.webhook_url() if url == self.webhook_url() else f"{self.webhook_url()}/…"
            self._shout(f"{chosen.carrier.name} cannot be told of another address", shown)

    async def _lead(self, console: _Console, number: PhoneNumber, url: Callable[[], str]) -> None:
        """Lead calls to *number* to the address that *url* gives, trying again where the carrier is not reached."""
        pause = _FIRST_PAUSE
        while True:
            async with self._alone:
                wanted = url()
                try:
                    problem, is_passing = await self._led(console, number, wanted), False
                except CarrierError as error:
                    problem, is_passing = str(error), error.retryable
            if not is_passing:
                if problem:
                    self._shout(f"calls to {number.masked} do not come here: {problem}", wanted)
                return
            again = f"{problem}; it is tried again in {pause:g} seconds"
            self._shout(f"calls to {number.masked} may not come here: {again}", wanted)
            await anyio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _led(self, console: _Console, number: PhoneNumber, wanted: str) -> str:
        """Lead calls to a number to *wanted*; return what is in the way, empty for nothing."""
        seen = await console.shows.number(number)
        if seen is None or not seen.is_ours:
            return f"the number does not belong to the account at {console.name}"
        if seen.leads_to:
            return f"they go to {seen.leads_to}"
        if seen.webhook_url == wanted:
            _log.info("calls to %s come to %s", number.masked, wanted)
            return ""
        if seen.webhook_url and seen.webhook_url not in self.former.all():
            # Of a stranger's address only the host: its path may be a secret.
            host = urlsplit(seen.webhook_url).hostname or "another address"
            return f"they go to {host}, which this gateway has not set up and leaves alone"
        if not await console.changes.redirect(number, from_url=seen.webhook_url, to_url=wanted):
            return f"{console.name} has nothing set up for the number that could be changed"
        _log.warning("calls to %s come to %s from now on: %s was told", number.masked, wanted, console.name)
        return ""

    def _shout(self, problem: str, url: str) -> None:
        _log.error(
            "%s. Enter %s in the carrier's console (gateway.json has the whole address as callbackUrl); a fixed "
            "address spares you that: tunnel.ngrokDomain, tailscale-funnel or publicUrl",
            problem,
            url,
        )


def _console(chosen: CarrierSet) -> _Console | None:
    """Return what tells and takes; None for a carrier whose console only people see."""
    if chosen.inspection is None or not hasattr(chosen.carrier, "redirect"):  # the role Redirectable
        return None
    return _Console(chosen.carrier.name, chosen.inspection, cast("Redirectable", chosen.carrier))
