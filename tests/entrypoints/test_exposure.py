"""How carriers reach the gateway: which way is taken, what is refused, and what follows when a tunnel dies or moves."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
import pytest

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.tunnel import OpenTunnel, Tunnel, TunnelError
from voice_entrypoints.exposure import Exposure
from voice_entrypoints.public_address import NoPublicAddressError, PublicAddress
from voice_entrypoints.wiring_tunnels import ChosenTunnel

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:3334"
ONE, TWO = "https://one.ngrok.app", "https://two.ngrok.app"
PUBLIC = "https://voice.example.com/voice/webhook"


@attrs.define
class _Tunnel(Tunnel):
    """Opens at each address in turn, for ten seconds; None is a refusal."""

    addresses: list[str | None]
    name: str = "ngrok"
    is_public: bool = True
    opened_at: list[str] = attrs.field(factory=list)

    @asynccontextmanager
    async def opened(self, local_url: str) -> AsyncIterator[OpenTunnel]:
        self.opened_at.append(local_url)
        url = self.addresses.pop(0)
        if url is None:
            raise TunnelError("ngrok", "ngrok error: it refused (ERR_NGROK_105)", "copy the token")
        yield _Way(url)


@attrs.define
class _Way(OpenTunnel):
    url: str

    async def moved(self) -> str:
        await anyio.sleep(10)
        raise TunnelError("ngrok", "ngrok exited unexpectedly with code 1", "run ngrok diagnose")


@attrs.define
class _Scene:
    exposure: Exposure
    tunnel: _Tunnel
    told: list[str]
    """The addresses that the carrier was told."""

    @property
    def address(self) -> PublicAddress:
        return self.exposure.address


def settings(**more: Any) -> Settings:
    return read_settings(more, {}).require()


def scene(
    addresses: Sequence[str | None],
    *,
    needed: bool = True,
    public: bool = True,
    **more: Any,
) -> _Scene:
    tunnel = _Tunnel([*addresses], is_public=public)
    told: list[str] = []
    address = PublicAddress("twilio", stream_path="/voice/stream", webhook_path="/voice/webhook")

    async def lead() -> None:
        told.append(address.webhook_url())

    exposure = Exposure(
        settings=settings(**more),
        address=address,
        choose=lambda: ChosenTunnel(tunnel, "/voice/webhook"),
        needs_address=lambda: needed,
        lead=lead,
    )
    return _Scene(exposure, tunnel, told)


async def test_a_tunnel_gives_the_address_of_webhooks_and_streams() -> None:
    played = scene([ONE])

    async with played.exposure.entered(LOCAL):
        webhook, stream = played.address.webhook_url(), played.address.stream_url("t")
        states, events = played.exposure.open_tunnels(), played.exposure.events()

    assert (webhook, stream) == (f"{ONE}/voice/webhook", "wss://one.ngrok.app/voice/stream/t")
    assert played.tunnel.opened_at == [LOCAL]
    assert (states, events) == ({"ngrok": 1}, {"opened": 1})


async def test_a_public_url_is_taken_and_no_tunnel_opened() -> None:
    played = scene([ONE], publicUrl=PUBLIC, tunnel={"provider": "ngrok"})

    async with played.exposure.entered(LOCAL):
        url = played.address.webhook_url()

    assert (url, played.tunnel.opened_at) == (PUBLIC, [])


async def test_what_a_host_has_set_is_kept() -> None:
    played = scene([ONE], publicUrl=PUBLIC)
    played.address.set("https://host.example.com/x")

    async with played.exposure.entered(LOCAL):
        url = played.address.webhook_url()

    assert (url, played.tunnel.opened_at) == ("https://host.example.com/x", [])


@pytest.mark.parametrize(
    ("addresses", "public", "problem"),
    [
        (
            [None],
            True,
            r"twilio cannot reach this gateway: ngrok error: it refused \(ERR_NGROK_105\); copy the token",
        ),
        (["https://127.0.0.1:9"], True, r"https://127\.0\.0\.1:9 is private"),
        ([ONE], False, r"leads into your own tailnet only; use tailscale-funnel or ngrok"),
    ],
    ids=["refused", "private", "tailnet only"],
)
async def test_a_real_carrier_does_not_start_without_a_way_in(
    *, addresses: list[str | None], public: bool, problem: str
) -> None:
    played = scene(addresses, public=public)

    with pytest.raises(NoPublicAddressError, match=problem):
        async with played.exposure.entered(LOCAL):
            pass


async def test_a_private_public_url_is_refused_for_a_real_carrier_only() -> None:
    private = "http://192.168.0.10:3334/voice/webhook"

    with pytest.raises(NoPublicAddressError, match=r"is private; set publicUrl"):
        async with scene([], publicUrl=private).exposure.entered(LOCAL):
            pass
    mock = scene([], needed=False, publicUrl=private)
    async with mock.exposure.entered(LOCAL):
        assert mock.address.webhook_url() == private


async def test_a_carrier_that_needs_no_address_starts_without_one_and_gets_it_later() -> None:
    played = scene([None, ONE], needed=False, public=False)

    async with played.exposure.entered(LOCAL):
        at_first = played.address.known, played.address.problem
        await anyio.sleep(1.5)
        later = played.address.webhook_url()

    assert (at_first, later) == ((False, ""), f"{ONE}/voice/webhook")


async def test_a_lost_tunnel_is_a_problem_until_it_is_open_again(caplog: pytest.LogCaptureFixture) -> None:
    played = scene([ONE, None, ONE])
    changes: list[bool] = []

    with played.address.followed(lambda: changes.append(bool(played.address.problem))):
        async with played.exposure.entered(LOCAL):
            before = played.address.problem
            await anyio.sleep(10.5)
            lost, states = played.address.problem, played.exposure.open_tunnels()
            await anyio.sleep(3)
            again, events = played.address.problem, played.exposure.events()

    assert (before, again) == ("", "")
    assert lost == "ngrok is closed: ngrok exited unexpectedly with code 1; run ngrok diagnose"
    assert (states, events) == ({"ngrok": 0}, {"opened": 2, "lost": 2})
    assert changes == [False, True, True, False]
    assert "it is tried again in 2 seconds" in caplog.text


async def test_the_carrier_is_told_at_the_start_and_whenever_the_address_is_another_one() -> None:
    played = scene([ONE, ONE, TWO])
    changes: list[str] = []

    with played.address.followed(lambda: changes.append(played.address.webhook_url())):
        async with played.exposure.entered(LOCAL):
            await anyio.sleep(10.5)
            at_first = [*played.told]
            await anyio.sleep(15)

    one, two = f"{ONE}/voice/webhook", f"{TWO}/voice/webhook"
    assert changes == [one, one, one, one, two]
    assert (at_first, played.told) == ([one], [one, two])
    assert played.exposure.events()["moved"] == 1


async def test_a_public_url_is_told_to_nobody_and_neither_is_the_address_of_a_carrier_that_needs_none() -> (
    None
):
    given, mock = scene([], publicUrl=PUBLIC), scene([ONE], needed=False)

    for played in (given, mock):
        async with played.exposure.entered(LOCAL):
            await anyio.sleep(1)

    assert mock.address.webhook_url() == f"{ONE}/voice/webhook"
    assert (given.told, mock.told) == ([], [])
