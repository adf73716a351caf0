"""A real carrier has to reach us: the gateway says how it is reached, and refuses to start if it is not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.container import Container
from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.public_address import NoPublicAddressError
from voice_entrypoints.rpc.discovery import find_gateway

PUBLIC = "https://voice.example.com/voice/webhook"


def document(**more: Any) -> dict[str, Any]:
    return {
        "provider": "twilio",
        "fromNumber": "+15550001234",
        "twilio": {"accountSid": "AC1", "authToken": "token"},
        "serve": {"port": 0},
        "api": {"port": 0},
        **more,
    }


def settings(**more: Any) -> Settings:
    return read_settings(document(**more), {}).require()


def program(name: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments],
        env={**os.environ, "VOICECALL_HOME": str(home), "HOME": str(home)},
        input="",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({}, "it has no public address"),
        (
            {"publicUrl": "http://192.168.0.10:3334/voice/webhook"},
            "192.168.0.10:3334/voice/webhook is private",
        ),
    ],
)
@pytest.mark.parametrize(
    "command",
    [["serve"], ["call", "--to", "+15550005678", "--message", "Hello"]],
    ids=["serve", "call without a gateway"],
)
def test_a_real_carrier_without_a_public_address_is_refused_with_the_remedies(
    tmp_path: Path, more: dict[str, Any], problem: str, command: list[str]
) -> None:
    (tmp_path / "config.json5").write_text(json.dumps(document(**more)))

    ended = program("voicecall", *command, home=tmp_path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert problem in ended.stderr
    assert "set publicUrl" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_pipe_that_no_carrier_can_reach_wants_a_gateway(tmp_path: Path) -> None:
    (tmp_path / "config.json5").write_text(json.dumps(document(publicUrl=PUBLIC)))

    ended = program("voicecall-rpc", home=tmp_path)

    assert (ended.returncode, ended.stdout) == (3, "")
    assert "none runs, and twilio cannot reach a pipe; start one with `voicecall serve`" in ended.stderr


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_the_gateways_file_names_the_public_url_and_what_the_console_must_hold(tmp_path: Path) -> None:
    chosen = settings(publicUrl=PUBLIC)
    container = Container(settings=chosen, home=tmp_path)

    async with open_gateway(container, settings=chosen, home=tmp_path) as (_, gateway):
        found = find_gateway(tmp_path)

    assert found == gateway
    assert (gateway.public_url, gateway.callback_url) == (PUBLIC, PUBLIC)


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_the_mock_carrier_may_have_a_private_url_and_nothing_has_to_be_entered(tmp_path: Path) -> None:
    chosen = read_settings(
        {"publicUrl": "http://localhost:9/hook", "serve": {"port": 0}, "api": {"port": 0}}, {}
    ).require()
    container = Container(settings=chosen, home=tmp_path)

    async with open_gateway(container, settings=chosen, home=tmp_path) as (_, gateway):
        described = gateway

    assert (described.public_url, described.callback_url) == ("http://localhost:9/hook", None)


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_a_telephone_in_a_program_listens_where_the_carrier_has_to_reach_it(tmp_path: Path) -> None:
    async with open_voicecall(settings(publicUrl=PUBLIC), home=tmp_path):
        reached = find_gateway(tmp_path)
    mock = read_settings({}, {}).require()
    async with open_voicecall(mock, home=tmp_path):
        nowhere = find_gateway(tmp_path)

    assert reached is not None
    assert reached.public_url == PUBLIC
    assert nowhere is None


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_a_telephone_in_a_program_is_refused_like_a_gateway(tmp_path: Path) -> None:
    with pytest.raises(NoPublicAddressError, match="it has no public address"):
        async with open_voicecall(settings(), home=tmp_path):
            pass


@pytest.mark.anyio
async def test_without_a_state_folder_a_telephone_with_a_real_carrier_says_what_it_needs() -> None:
    with pytest.raises(UnavailableError, match=r"twilio has to reach this program.*give a home"):
        async with open_voicecall(settings(publicUrl=PUBLIC)):
            pass
