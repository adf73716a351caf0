"""ngrok runs as a child of ours: its address is found, its refusals are told, and it never sees what it should not."""

import os
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest
from support.ngrok_stand_in import BEGINNING, failed, refused, started
from support.stand_in_program import StandIn, install_stand_in

from voice_adapters.tunnels.ngrok import NgrokTunnel, ngrok_program
from voice_domain.ports.tunnel import TunnelError

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

LOCAL = "http://127.0.0.1:3334"
URL = "https://a1b2.ngrok-free.app"
TOKEN = "2abcDEFsecretsecret_4XyZ"


@pytest.fixture
def ngrok(tmp_path: Path) -> StandIn:
    return install_stand_in(tmp_path / "bin", "ngrok")


def says(*lines: object) -> list[dict[str, Any]]:
    return [{"say": line} for line in (*BEGINNING, *lines)]


def tunnel(ngrok: StandIn, *, token: str = "", domain: str | None = None) -> NgrokTunnel:
    program = ngrok_program(ngrok.environ(TWILIO_AUTH_TOKEN="planted"), token=token)
    return NgrokTunnel(program=program, token=token, domain=domain)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def failure(made: NgrokTunnel) -> TunnelError:
    with pytest.raises(TunnelError) as caught:
        async with made.opened(LOCAL):
            pass
    return caught.value


async def test_its_address_is_read_from_its_log_and_it_ends_with_the_context(ngrok: StandIn) -> None:
    ngrok.keep([says(started(URL))])

    async with tunnel(ngrok).opened(LOCAL) as way:
        (start,) = ngrok.starts()
        url, alive = way.url, is_running(start.pid)

    assert (url, alive, is_running(start.pid)) == (URL, True, False)


async def test_ctrl_c_in_a_terminal_is_not_for_it(ngrok: StandIn) -> None:
    ngrok.keep([says(started(URL))])

    async with tunnel(ngrok).opened(LOCAL):
        (start,) = ngrok.starts()
        session = os.getsid(start.pid)

    assert session == start.pid


async def test_it_is_told_the_token_by_its_environment_and_nothing_of_ours(ngrok: StandIn) -> None:
    ngrok.keep([says(started(URL))])

    async with tunnel(ngrok, token=TOKEN, domain="voice.ngrok.app").opened(LOCAL):
        (start,) = ngrok.starts()

    assert start.arguments == [
        *("http", LOCAL),
        *("--log", "stdout", "--log-format", "json", "--log-level", "info"),
        *("--domain", "voice.ngrok.app"),
    ]
    assert start.environ["NGROK_AUTHTOKEN"] == TOKEN
    assert "TWILIO_AUTH_TOKEN" not in start.environ
    assert TOKEN not in repr(tunnel(ngrok, token=TOKEN))


@pytest.mark.parametrize(
    ("line", "problem", "remedy"),
    [
        (
            refused(
                "authentication failed: The authtoken you specified does not look like a proper ngrok authtoken.\n"
                f"Your authtoken: {TOKEN}",
                "ERR_NGROK_105",
            ),
            "ngrok error: authentication failed: The authtoken you specified",
            "tunnel.ngrokAuthToken",
        ),
        (
            {
                **refused("failed to start tunnel: The endpoint is already online.", "ERR_NGROK_334"),
                "lvl": "eror",
            },
            "already online. ERR_NGROK_334",
            "stop the other ngrok agent",
        ),
        (refused("something new", "ERR_NGROK_9999"), "something new", "ngrok.com/docs/errors/err_ngrok_9999"),
    ],
)
async def test_a_refusal_of_the_service_is_told_at_once_with_its_remedy_and_without_the_token(
    ngrok: StandIn, line: object, problem: str, remedy: str
) -> None:
    ngrok.keep([says(line)])  # and it goes on trying

    error = await failure(tunnel(ngrok))

    assert problem in error.problem
    assert remedy in error.remedy
    assert TOKEN not in str(error)


async def test_an_error_for_people_is_put_together_from_its_lines(ngrok: StandIn) -> None:
    sentence = "authentication failed: Usage of ngrok requires a verified account and authtoken."
    cried = (
        f"ERROR:  {sentence}\nERROR:  \nERROR:  Your authtoken: {TOKEN}\nERROR:  ERR_NGROK_4018\nERROR:  \n"
    )
    ngrok.keep([[{"cry": cried}, {"exit": 1}]])

    error = await failure(tunnel(ngrok))

    assert error.problem == f"ngrok error: {sentence} Your authtoken: *** ERR_NGROK_4018"
    assert "get-started/your-authtoken" in error.remedy


async def test_an_early_end_is_told_with_its_code(ngrok: StandIn) -> None:
    ngrok.keep([[*says(failed("dial tcp: lookup connect.ngrok-agent.com: no such host")), {"exit": 3}]])

    error = await failure(tunnel(ngrok))

    assert error.problem.startswith("ngrok exited unexpectedly with code 3: dial tcp: lookup")
    assert "ngrok diagnose" in error.remedy


async def test_a_missing_program_is_told_with_what_to_do(tmp_path: Path) -> None:
    program = ngrok_program({"PATH": str(tmp_path)})

    error = await failure(NgrokTunnel(program=program))

    assert error.problem == "Failed to start ngrok: it is not installed, or not on the PATH"
    assert "https://ngrok.com/download" in error.remedy


async def test_another_address_and_the_end_are_told_later(ngrok: StandIn) -> None:
    closed = {"err": "session closed", "lvl": "eror", "msg": "session closed, starting reconnect loop"}
    ngrok.keep(
        [
            [
                *says(started(URL)),
                {"await": "move"},
                *says(closed, started(URL), started("https://c3d4.ngrok-free.app")),
                {"await": "die"},
                {"exit": 1},
            ]
        ]
    )

    async with tunnel(ngrok).opened(LOCAL) as way:
        ngrok.allow("move")
        moved = await way.moved()
        ngrok.allow("die")
        with pytest.raises(TunnelError, match="ngrok exited unexpectedly with code 1"):
            await way.moved()

    assert (moved, way.url) == ("https://c3d4.ngrok-free.app", "https://c3d4.ngrok-free.app")


async def test_one_that_does_not_heed_the_request_to_end_is_killed(ngrok: StandIn) -> None:
    ngrok.keep([[{"deaf": 1}, *says(started(URL))]])
    made = tunnel(ngrok)

    async with attrs.evolve(made, program=attrs.evolve(made.program, stop_seconds=0.01)).opened(LOCAL):
        (start,) = ngrok.starts()

    assert not is_running(start.pid)


async def test_cancelling_ends_it_too(ngrok: StandIn) -> None:
    ngrok.keep([says(started(URL))])

    async with anyio.create_task_group() as tasks, tunnel(ngrok).opened(LOCAL) as way:
        (start,) = ngrok.starts()
        tasks.cancel_scope.cancel()
        await way.moved()

    assert not is_running(start.pid)
