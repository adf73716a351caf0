"""Tailscale's command line, as far as we use it: asking it, mounting a path, taking one back.

Facts from tailscale.com/docs/reference/tailscale-cli and the program's own source, since version 1.52.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from voice_adapters.tunnels.program import Finished, Program, few_variables
from voice_adapters.tunnels.tailscale_state import Mounted, ServeState, machine_name, read_json_object
from voice_domain.ports.tunnel import TunnelError

__all__ = ("TailscaleCli", "TailscaleWord", "tailscale_program")

TailscaleWord: TypeAlias = Literal["serve", "funnel"]

_MAC_APP: Final = "/Applications/Tailscale.app/Contents/MacOS/Tailscale"
_ALLOW_PAGE: Final = re.compile(r"https://login\.tailscale\.com/f/\S+")
_LONGEST_PROBLEM: Final = 300


def tailscale_program(environ: Mapping[str, str]) -> Program:
    """Return the command line, which talks to the service that runs on this machine."""
    return Program(
        name="tailscale",
        environ=few_variables(environ, "TS_"),
        remedy="install it from https://tailscale.com/download, or set publicUrl",
        places=(_MAC_APP,),
    )


@attrs.frozen(kw_only=True)
class TailscaleCli:
    """Runs one command after the other; each has a deadline."""

    program: Program
    seconds: float = 10.0
    """How long one command may take. On a busy machine even a question takes some."""

    async def machine_name(self) -> str:
        """Return the MagicDNS name of this machine.

        Raises:
            TunnelError: if Tailscale cannot be asked, does not run or has none.
        """
        return machine_name(await self._asked("status", "--json", "--peers=false"))

    async def state(self) -> ServeState:
        """Return what is mounted.

        Raises:
            TunnelError: if Tailscale cannot be asked.
        """
        return ServeState(await self._asked("serve", "status", "--json"))

    async def mount(self, word: TailscaleWord, mounted: Mounted) -> None:
        """Have a path lead to its target, for the tailnet (serve) or the internet (funnel).

        Raises:
            TunnelError: if Tailscale refuses, or waits for somebody to allow it.
        """
        done = await self.program.run(
            word,
            "--bg",
            "--yes",
            f"--https={mounted.port}",
            f"--set-path={mounted.path}",
            mounted.target,
            seconds=self.seconds,
            enough=lambda said: _ALLOW_PAGE.search(said) is not None,
        )
        page = _ALLOW_PAGE.search(f"{done.out} {done.errors}")
        if page is not None:  # the exit code may be 0 all the same
            problem = f"Tailscale {word.capitalize()} is not enabled on your tailnet"
            raise TunnelError("tailscale", problem, f"allow it at {page[0]}", allow_url=page[0])
        if done.code != 0:
            raise self._failed(f"tailscale {word}", done)

    async def unmount(self, mounted: Mounted) -> None:
        """Have a path lead nowhere; a funnel that leads to nothing any more closes with it.

        Raises:
            TunnelError: if Tailscale refuses.
        """
        # `serve` takes a funnel's paths back too, even after the tailnet's owner has forbidden funnels.
        done = await self.program.run(
            "serve",
            "--yes",
            f"--https={mounted.port}",
            f"--set-path={mounted.path}",
            "off",
            seconds=self.seconds,
        )
        if done.code != 0 and "handler does not exist" not in done.told:
            raise self._failed("tailscale serve off", done)

    async def _asked(self, *words: str) -> Mapping[str, Any]:
        done = await self.program.run(*words, seconds=self.seconds)
        told = read_json_object(done.out)
        if told is not None and not done.is_late:  # `status` exits with 1 where nobody is logged in
            return told
        raise self._failed(f"tailscale {words[0]}", done)

    def _failed(self, command: str, done: Finished) -> TunnelError:
        said = done.told[:_LONGEST_PROBLEM]
        if done.is_late:
            problem = f"{command} timed out ({self.seconds:g}s)" + (f": {said}" if said else "")
            return TunnelError("tailscale", problem, "look at `tailscale status`")
        if "denied" in said.lower():
            remedy = "let this user change it: sudo tailscale set --operator=$USER"
        elif "tailscaled" in said or "is Tailscale running" in said:
            remedy = "start Tailscale on this machine"
        else:
            remedy = "look at `tailscale serve status`; version 1.52 or newer is needed"
        return TunnelError(
            "tailscale", f"{command} failed with code {done.code}: {said or 'it said nothing'}", remedy
        )
