"""Tailscale's program as a process: its arguments, its output, its end."""

from pathlib import Path

import pytest
from support.stand_in_program import install_stand_in
from support.tailscale_stand_in import ALLOW_PAGE, NAME, running

from voice_adapters.tunnels.tailscale import Mount, TailscaleTunnel
from voice_adapters.tunnels.tailscale_cli import TailscaleCli, tailscale_program
from voice_domain.ports.tunnel import TunnelError

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

LOCAL = "http://127.0.0.1:3334"


def tunnel(environ: dict[str, str], *, patient: bool = True) -> TailscaleTunnel:
    seconds = 60 if patient else 0.05
    cli = TailscaleCli(program=tailscale_program(environ), seconds=seconds)
    return TailscaleTunnel(cli=cli, word="funnel", mounts=(Mount("/hook", "/hook"),))


async def test_a_path_is_mounted_and_taken_back(tmp_path: Path) -> None:
    tailscale = install_stand_in(tmp_path / "bin", "tailscale")
    tailscale.keep(running())

    async with tunnel(tailscale.environ(OPENAI_API_KEY="planted")).opened(LOCAL) as way:
        url, config = way.url, tailscale.kept()["config"]

    assert url == f"https://{NAME}"
    assert config["Web"][f"{NAME}:443"]["Handlers"] == {"/hook": {"Proxy": f"{LOCAL}/hook"}}
    assert tailscale.kept()["config"]["Web"] == {}
    assert all("OPENAI_API_KEY" not in start.environ for start in tailscale.starts())


async def test_a_program_that_waits_for_permission_is_not_waited_for(tmp_path: Path) -> None:
    tailscale = install_stand_in(tmp_path / "bin", "tailscale")
    tailscale.keep(running(not_enabled="funnel", waits=True))

    with pytest.raises(TunnelError) as caught:
        async with tunnel(tailscale.environ()).opened(LOCAL):
            pass

    assert caught.value.allow_url == ALLOW_PAGE.format(word="funnel")


async def test_a_program_that_says_nothing_is_ended(tmp_path: Path) -> None:
    tailscale = install_stand_in(tmp_path / "bin", "tailscale")
    tailscale.keep(running(silent="status"))

    with pytest.raises(TunnelError, match=r"tailscale status timed out \(0.05s\)"):
        async with tunnel(tailscale.environ(), patient=False).opened(LOCAL):
            pass


async def test_a_missing_program_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TunnelError, match=r"Failed to start tailscale: .*https://tailscale.com/download"):
        async with tunnel({"PATH": str(tmp_path)}).opened(LOCAL):
            pass
