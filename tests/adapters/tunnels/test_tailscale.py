"""Tailscale's paths are mounted together or not at all, and only ours are touched. Its program runs in this process."""

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest
from support.tailscale_stand_in import ALLOW_PAGE, NAME, answer, running

from voice_adapters.tunnels.program import Finished, Program
from voice_adapters.tunnels.tailscale import Mount, TailscaleTunnel
from voice_adapters.tunnels.tailscale_cli import TailscaleCli, TailscaleWord
from voice_domain.ports.tunnel import TunnelError

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:3334"
MOUNTS = (Mount("/edge/voice/webhook", "/voice/webhook"), Mount("/edge/voice/stream", "/voice/stream"))
OURS = {
    "/edge/voice/webhook": {"Proxy": f"{LOCAL}/voice/webhook"},
    "/edge/voice/stream": {"Proxy": f"{LOCAL}/voice/stream"},
}
THEIRS = {"/wiki": {"Proxy": "http://127.0.0.1:8000"}}


@attrs.frozen(kw_only=True)
class _InThisProcess(Program):
    kept: dict[str, Any]
    commands: list[str] = attrs.field(factory=list)

    async def run(
        self, *arguments: str, seconds: float, enough: Callable[[str], bool] = lambda _: False
    ) -> Finished:
        self.commands.append(" ".join(arguments))
        code, out, errors = answer(self.kept, list(arguments))
        if code is None and not enough(out + errors):
            await anyio.sleep(seconds)
            return Finished(None, out, errors, is_late=True)
        await anyio.lowlevel.checkpoint()
        return Finished(code, out, errors)


def program(kept: dict[str, Any] | None = None) -> _InThisProcess:
    return _InThisProcess(name="tailscale", environ={}, remedy="", kept=running() if kept is None else kept)


def tunnel(
    tailscale: _InThisProcess, *, word: TailscaleWord = "funnel", port: int = 443, mounts: Any = MOUNTS
) -> TailscaleTunnel:
    return TailscaleTunnel(cli=TailscaleCli(program=tailscale), word=word, mounts=mounts, port=port)


def handlers(tailscale: _InThisProcess, port: int = 443) -> dict[str, Any]:
    config: dict[str, Any] = tailscale.kept["config"] or {}
    found: dict[str, Any] = config.get("Web", {}).get(f"{NAME}:{port}", {}).get("Handlers", {})
    return dict(found)


def neighbours(*, port: int = 443, funnel: bool = False, at: str = "/wiki") -> dict[str, Any]:
    place = f"{NAME}:{port}"
    config = {
        "TCP": {str(port): {"HTTPS": True}},
        "Web": {place: {"Handlers": {at: THEIRS["/wiki"]}}},
        "AllowFunnel": {place: True} if funnel else {},
    }
    return {**running(), "config": config}


async def failure(made: TailscaleTunnel) -> TunnelError:
    with pytest.raises(TunnelError) as caught:
        async with made.opened(LOCAL):
            pass
    return caught.value


@pytest.mark.parametrize(
    ("word", "port", "url"),
    [
        ("funnel", 443, f"https://{NAME}"),
        ("funnel", 8443, f"https://{NAME}:8443"),
        ("serve", 443, f"https://{NAME}"),
    ],
)
async def test_both_paths_are_mounted_while_the_context_is_open(
    word: TailscaleWord, port: int, url: str
) -> None:
    tailscale = program()

    async with tunnel(tailscale, word=word, port=port).opened(LOCAL) as way:
        there, reached = handlers(tailscale, port), way.url

    assert (there, reached) == (OURS, url)
    assert handlers(tailscale, port) == {}
    assert (
        f"{word} --bg --yes --https={port} --set-path=/edge/voice/stream {LOCAL}/voice/stream"
        in tailscale.commands
    )


async def test_what_others_have_mounted_stays() -> None:
    tailscale = program(neighbours(funnel=True))

    async with tunnel(tailscale).opened(LOCAL):
        there = handlers(tailscale)

    assert there == OURS | THEIRS
    assert handlers(tailscale) == THEIRS


@pytest.mark.parametrize("waits", [False, True])
async def test_a_path_that_cannot_be_mounted_takes_the_others_back(*, waits: bool) -> None:
    tailscale = program(
        {**neighbours(funnel=True), "trouble": {"path": "/edge/voice/stream", "waits": waits}}
    )

    error = await failure(tunnel(tailscale))

    assert handlers(tailscale) == THEIRS
    assert ("timed out (10s)" in error.problem) is waits
    assert 'invalid port "0"' in error.problem


async def test_a_path_that_leads_elsewhere_is_left_alone() -> None:
    tailscale = program(neighbours(funnel=True, at="/edge/voice/stream"))

    error = await failure(tunnel(tailscale))

    assert handlers(tailscale) == {"/edge/voice/stream": THEIRS["/wiki"]}
    assert error.problem == "/edge/voice/stream on port 443 leads to http://127.0.0.1:8000"
    assert "tailscale.path" in error.remedy


@pytest.mark.parametrize(
    ("word", "effect"), [("funnel", "put it on the internet"), ("serve", "take it off the internet")]
)
async def test_a_neighbour_is_neither_published_nor_hidden(word: TailscaleWord, effect: str) -> None:
    tailscale = program(neighbours(funnel=word == "serve"))

    error = await failure(tunnel(tailscale, word=word))

    assert effect in error.problem
    assert "tailscale.port" in error.remedy
    assert handlers(tailscale) == THEIRS
    async with tunnel(tailscale, word=word, port=8443).opened(LOCAL):
        assert handlers(tailscale, 8443) == OURS


async def test_a_path_that_somebody_took_over_meanwhile_is_left_to_them() -> None:
    tailscale = program()

    async with tunnel(tailscale).opened(LOCAL):
        handlers_now = tailscale.kept["config"]["Web"][f"{NAME}:443"]["Handlers"]
        handlers_now["/edge/voice/stream"] = THEIRS["/wiki"]

    assert handlers(tailscale) == {"/edge/voice/stream": THEIRS["/wiki"]}


async def test_a_port_that_is_forwarded_as_it_is_is_refused() -> None:
    kept = {**running(), "config": {"TCP": {"443": {"TCPForward": "127.0.0.1:22"}}}}

    error = await failure(tunnel(program(kept)))

    assert error.problem == "port 443 is forwarded to another program"


async def test_what_a_killed_process_of_ours_left_behind_is_used_and_taken_back() -> None:
    left = tunnel(program())
    await left.open(LOCAL)
    tailscale = left.cli.program
    assert isinstance(tailscale, _InThisProcess)

    async with tunnel(tailscale).opened(LOCAL):
        there = handlers(tailscale)

    assert (there, handlers(tailscale)) == (OURS, {})


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("word", ["serve", "funnel"])
async def test_what_the_tailnets_owner_has_to_allow_is_told_with_the_page_for_it(
    *, word: TailscaleWord, waits: bool
) -> None:
    began = anyio.current_time()

    error = await failure(tunnel(program(running(not_enabled=word, waits=waits)), word=word))

    page = ALLOW_PAGE.format(word=word)
    assert error.problem == f"Tailscale {word.capitalize()} is not enabled on your tailnet"
    assert (error.remedy, error.allow_url) == (f"allow it at {page}", page)
    assert anyio.current_time() == began


def status(**told: Any) -> dict[str, Any]:
    return {**running(), "status": {"BackendState": "Running", "Self": {"DNSName": f"{NAME}."}, **told}}


@pytest.mark.parametrize(
    ("kept", "problem", "remedy"),
    [
        (status(BackendState="NeedsLogin", Self={"DNSName": ""}), "not logged in", "tailscale up"),
        (status(BackendState="Stopped"), "stopped", "tailscale up"),
        (status(BackendState="NeedsMachineAuth"), "waits to be approved", "approve it"),
        (status(BackendState=None), "not running (state None)", "tailscale up"),
        (status(Self={"DNSName": "."}), "no MagicDNS name", "admin/dns"),
        (status(Self=[]), "no MagicDNS name", "admin/dns"),
        (running(no_service=True), "doesn't appear to be running", "start Tailscale"),
        (running(denied=True), "Access denied", "sudo tailscale set --operator=$USER"),
        (running(garbage="status"), "tailscale status failed with code 0: <html>", "1.52"),
        (running(garbage="config"), "tailscale serve failed with code 0: <html>", "1.52"),
        (running(forgets=True), "does not publish /edge/voice/webhook", "who changed it"),
        (running(silent="status"), "tailscale status timed out (10s)", "tailscale status"),
    ],
)
async def test_why_nothing_is_published_is_told_with_the_remedy(
    kept: dict[str, Any], problem: str, remedy: str
) -> None:
    error = await failure(tunnel(program(kept)))

    assert problem in error.problem
    assert remedy in error.remedy


async def test_what_tailscale_says_it_did_and_did_not_is_noticed() -> None:
    tailscale = program()
    made = tunnel(tailscale)
    await made.open(LOCAL)
    tailscale.kept["config"]["AllowFunnel"] = {}

    with pytest.raises(TunnelError, match="does not publish the funnel on port 443"):
        await made.check(LOCAL)


async def test_paths_that_somebody_took_away_close_the_tunnel_after_a_minute() -> None:
    tailscale = program()

    async with tunnel(tailscale).opened(LOCAL) as way:
        tailscale.kept["config"] = {}
        began = anyio.current_time()
        with pytest.raises(TunnelError, match="does not publish /edge/voice/webhook, /edge/voice/stream"):
            await way.moved()
        waited = anyio.current_time() - began

    assert waited == pytest.approx(60)


async def test_an_answer_that_is_missing_once_closes_nothing_and_another_name_is_told() -> None:
    tailscale = program()
    other = "voice.tail1234.ts.net"

    async with anyio.create_task_group() as tasks, tunnel(tailscale).opened(LOCAL) as way:

        async def change() -> None:
            await anyio.sleep(15)
            tailscale.kept["trouble"] = {"no_service": True}
            await anyio.sleep(30)
            tailscale.kept["trouble"] = {}
            tailscale.kept["status"]["Self"]["DNSName"] = f"{other}."

        tasks.start_soon(change)
        moved = await way.moved()

    assert moved == f"https://{other}"


async def test_being_cancelled_in_the_middle_leaves_nothing_behind() -> None:
    tailscale = program(running(path="/edge/voice/stream", waits=True))

    with anyio.move_on_after(5) as limit:
        async with tunnel(tailscale).opened(LOCAL):
            pass

    assert limit.cancelled_caught
    assert handlers(tailscale) == {}


async def test_a_path_that_cannot_be_taken_back_is_told(caplog: pytest.LogCaptureFixture) -> None:
    tailscale = program()

    async with tunnel(tailscale).opened(LOCAL):
        tailscale.kept["trouble"] = {"denied": True}

    assert "what it published may still be there: tailscale serve off failed" in caplog.text
