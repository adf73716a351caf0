"""A gateway behind ngrok: what leads where, what follows when it moves or dies, and what is left of a killed one."""

import os
import select
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import attrs
import httpx
import pytest
from dependency_injector import providers
from support.gateway import started_gateway
from support.ngrok_stand_in import BEGINNING, refused, started
from support.stand_in_program import StandIn, install_stand_in

from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.signature import sign
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.container import Container
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.public_address import NoPublicAddressError, PublicAddress
from voice_entrypoints.rpc.discovery import Gateway, find_gateway

ONE, TWO = "https://one.ngrok.app", "https://two.ngrok.app"
OURS = "+15550001234"
TOKEN = "2planted_ngrok_token"
TWILIO: Mapping[str, Any] = {
    "provider": "twilio",
    "fromNumber": OURS,
    "twilio": {"accountSid": "AC1", "authToken": "token"},
    "serve": {"port": 0},
    "api": {"port": 0},
    "tunnel": {"provider": "ngrok", "ngrokAuthToken": TOKEN},
}
OPENING = [{"say": line} for line in (*BEGINNING, started(ONE))]


@pytest.fixture
def ngrok(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = install_stand_in(tmp_path / "bin", "ngrok")
    monkeypatch.setenv("PATH", made.environ()["PATH"])
    return made


async def changed(address: PublicAddress, cause: Callable[[], None]) -> None:
    """Return once *cause* has changed what is known of the address."""
    change = anyio.Event()
    with address.followed(change.set), anyio.fail_after(60):
        cause()
        await change.wait()


async def webhook_status(gateway: Gateway, public_url: str) -> int:
    form = {"CallSid": "CA1", "CallStatus": "completed", "AccountSid": "AC1"}
    signature = sign("token", public_url, form.items())
    async with httpx.AsyncClient() as client:
        answer = await client.post(gateway.webhook_url, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_a_gateway_follows_its_tunnel(tmp_path: Path, ngrok: StandIn) -> None:
    moving = [{"await": "move"}, {"say": started(TWO)}, {"await": "die"}, {"exit": 1}]
    ngrok.keep([[*OPENING, *moving], [{"await": "never"}]])
    account = TwilioAccount(sid="AC1", token="token", numbers={OURS: None})
    async with twilio_twin(account) as twin, twin.listening() as api:
        document = {**TWILIO, "inboundPolicy": "open"}
        document["twilio"] = {**TWILIO["twilio"], "apiBaseUrl": api}
        settings = read_settings(document, {}).require()
        await _follow_its_tunnel(Container(settings=settings, home=tmp_path), tmp_path, ngrok)
        held = twin.settings_of(OURS)

    assert held is not None
    assert held.voice_url == f"{TWO}/voice/webhook"
    changes = [taken for taken in twin.ledger.requests if taken.method == "POST"]
    assert [dict(taken.fields)["VoiceUrl"] for taken in changes] == [
        f"{origin}/voice/webhook" for origin in (ONE, TWO)
    ]


async def _follow_its_tunnel(container: Container, tmp_path: Path, ngrok: StandIn) -> None:
    settings, exposure = container.settings(), container.exposure()
    told = [anyio.Event(), anyio.Event()]

    async def lead() -> None:
        await exposure.lead()
        next(each for each in told if not each.is_set()).set()

    container.exposure.override(providers.Object(attrs.evolve(exposure, lead=lead)))
    async with open_gateway(container, settings=settings, home=tmp_path) as (phone, gateway):
        (start,) = ngrok.starts()
        with anyio.fail_after(60):
            await told[0].wait()
        first = find_gateway(tmp_path)
        await changed(container.address(), lambda: ngrok.allow("move"))
        with anyio.fail_after(60):
            await told[1].wait()
        moved = find_gateway(tmp_path)
        verdicts = [await webhook_status(gateway, f"{origin}/voice/webhook") for origin in (ONE, TWO)]
        await changed(container.address(), lambda: ngrok.allow("die"))
        with pytest.raises(UnavailableError, match="cannot reach us: ngrok is closed"):
            await phone.call(to="+15550005678", message="Hello")
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{gateway.api_url}/readyz")
            bearer = {"Authorization": f"Bearer {(tmp_path / 'api-token').read_text().strip()}"}
            metrics = (await client.get(f"{gateway.api_url}/metrics", headers=bearer)).text

    assert start.arguments[:2] == ["http", gateway.webhook_url.removesuffix("/voice/webhook")]
    assert TOKEN not in " ".join(start.arguments)
    assert start.environ["NGROK_AUTHTOKEN"] == TOKEN
    assert first is not None
    assert (first.public_url, first.callback_url) == (f"{ONE}/voice/webhook", f"{ONE}/voice/webhook")
    assert moved is not None
    assert (moved.public_url, moved.callback_url) == (f"{TWO}/voice/webhook", f"{TWO}/voice/webhook")
    assert verdicts == [401, 200]
    assert ready.status_code == 503
    assert "ngrok exited unexpectedly with code 1" in ready.json()["problem"]
    assert 'voicecall_tunnel_open{tunnel="ngrok"} 0.0' in metrics
    assert 'voicecall_tunnel_events_total{event="moved"} 1.0' in metrics
    assert find_gateway(tmp_path) is None


def test_a_gateway_that_is_killed_takes_its_tunnel_with_it(tmp_path: Path, ngrok: StandIn) -> None:
    ngrok.keep([OPENING])

    with started_gateway(
        tmp_path / "home", {"tunnel": {"provider": "ngrok"}}, code=-signal.SIGKILL
    ) as gateway:
        found = find_gateway(tmp_path / "home")
        (start,) = ngrok.starts()
        ending = os.pidfd_open(start.pid)
        gateway.process.kill()
        ended, _, _ = select.select([ending], [], [], 20)
        os.close(ending)

    assert found is not None
    assert found.public_url == f"{ONE}/voice/webhook"
    assert ended == [ending]


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_a_refused_tunnel_keeps_a_real_carriers_gateway_from_starting(
    tmp_path: Path, ngrok: StandIn
) -> None:
    wrong = f"authentication failed: it does not look like a proper ngrok authtoken.\nYour authtoken: {TOKEN}"
    ngrok.keep([[{"say": refused(wrong, "ERR_NGROK_105")}, {"exit": 1}]])
    settings = read_settings(TWILIO, {}).require()
    container = Container(settings=settings, home=tmp_path)

    with pytest.raises(NoPublicAddressError) as caught:
        async with open_gateway(container, settings=settings, home=tmp_path):
            pass

    told = str(caught.value)
    assert told.startswith("provider twilio cannot reach this gateway: ngrok error: authentication failed")
    assert "ERR_NGROK_105; copy the token from" in told
    assert TOKEN not in told
    assert find_gateway(tmp_path) is None
