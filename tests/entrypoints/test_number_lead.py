"""Calls to our number follow the tunnel: what is changed at each carrier, what is left alone, what is shouted about."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest
from dependency_injector import providers
from support.doctors_room import Wires

from voice_adapters.clock import EventLoopClock
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.faults import ApiFault, Faults
from voice_contracts.twins.ledger import Ledger
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import plivo_twin
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import telnyx_twin
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_entrypoints.container import Container
from voice_entrypoints.former_addresses import FILE_NAME, FormerAddresses

pytestmark = pytest.mark.anyio

OURS, OTHER, FOREIGN = "+15550001234", "+15550002222", "+15550003333"
ONE, TWO, THREE = (f"https://{name}.ngrok.app/voice/webhook" for name in ("one", "two", "three"))
PBX = "https://pbx.example.com/a-secret-path"


@attrs.frozen
class Office:
    """A carrier's twin, and what its console holds for a number."""

    transport: Any
    holds: Callable[[str], str]
    faults: Faults
    ledger: Ledger


@asynccontextmanager
async def twilio(held: str, trunk: str | None = None) -> AsyncIterator[Office]:
    set_up = NumberSettings(held, trunk_sid=trunk) if held or trunk else None
    account = TwilioAccount(numbers=dict.fromkeys((OURS, OTHER), set_up))
    async with twilio_twin(account) as twin:

        def holds(number: str) -> str:
            found = twin.settings_of(number)
            return found.voice_url if found else ""

        yield Office(twin.transport, holds, twin.faults, twin.ledger)


@asynccontextmanager
async def telnyx(held: str) -> AsyncIterator[Office]:
    account = TelnyxAccount(numbers=frozenset({OURS, OTHER}), webhook_url=held)
    async with telnyx_twin(account) as twin:
        yield Office(
            twin.transport, lambda _: str(twin.application["webhook_event_url"]), twin.faults, twin.ledger
        )


@asynccontextmanager
async def plivo(held: str) -> AsyncIterator[Office]:
    account = PlivoAccount(numbers=dict.fromkeys((OURS, OTHER), Application(held)))
    async with plivo_twin(account) as twin:

        def holds(number: str) -> str:
            found = twin.application_of(number)
            return found.answer_url if found else ""

        yield Office(twin.transport, holds, twin.faults, twin.ledger)


Open = Callable[[str], AbstractAsyncContextManager[Office]]
SECTIONS: Mapping[Open, Mapping[str, Any]] = {
    twilio: {
        "provider": "twilio",
        "twilio": {"accountSid": TwilioAccount().sid, "authToken": TwilioAccount().token},
    },
    telnyx: {
        "provider": "telnyx",
        "telnyx": {
            "apiKey": TelnyxAccount().api_key,
            "connectionId": TelnyxAccount().connection_id,
            "publicKey": TelnyxAccount().public_key,
        },
    },
    plivo: {
        "provider": "plivo",
        "plivo": {"authId": PlivoAccount().auth_id, "authToken": PlivoAccount().token},
    },
}
EACH = pytest.mark.parametrize("carrier", [twilio, telnyx, plivo], ids=lambda carrier: carrier.__name__)


def telephone(office: Office, home: Path, carrier: Open, **more: Any) -> Container:
    """A telephone that is about to start."""
    usual = {"fromNumber": OURS, "inboundPolicy": "open", "tunnel": {"provider": "ngrok"}}
    settings = read_settings({**usual, **SECTIONS[carrier], **more}, {}).require()
    container = Container(settings=settings, home=home)
    hosts = ("api.twilio.com", "api.telnyx.com", "api.plivo.com")
    container.clock.override(providers.Object(EventLoopClock()))
    container.shared_http.override(providers.Object(Wires(dict.fromkeys(hosts, office.transport))))
    return container


async def reached_at(container: Container, url: str) -> None:
    """Its tunnel is open at an address."""
    container.address().set(url)
    await container.exposure().lead()


@EACH
async def test_a_number_that_leads_nowhere_is_led_to_us_and_follows_every_start_and_move(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, carrier: Open
) -> None:
    async with carrier("") as office:
        before = telephone(office, tmp_path, carrier)
        held = []
        for container, url in ((before, ONE), (before, TWO), (telephone(office, tmp_path, carrier), THREE)):
            await reached_at(container, url)
            held.append(office.holds(OURS))

    assert held == [ONE, TWO, THREE]
    assert caplog.text.count(f"{carrier.__name__} was told") == 3
    assert "ERROR" not in caplog.text
    assert OURS not in caplog.text


@EACH
async def test_a_number_that_somebody_else_has_set_up_stays_and_the_log_says_what_to_enter(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, carrier: Open
) -> None:
    async with carrier(PBX) as office:
        await reached_at(telephone(office, tmp_path, carrier), ONE)

        assert office.holds(OURS) == PBX
    (shouted,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "they go to pbx.example.com, which this gateway has not set up" in shouted.getMessage()
    assert f"Enter {ONE} in the carrier's console" in shouted.getMessage()
    assert "secret" not in caplog.text


async def test_a_number_that_something_else_takes_is_shouted_about_whatever_its_address(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async with twilio(ONE, trunk="TK1") as office:
        await reached_at(telephone(office, tmp_path, twilio), ONE)

    assert "do not come here: they go to trunk TK1. Enter" in caplog.text


async def test_our_address_that_was_entered_by_hand_is_kept_right_from_then_on(tmp_path: Path) -> None:
    async with twilio(PBX) as office:
        await reached_at(telephone(office, tmp_path, twilio), ONE)
    async with twilio(ONE) as office:  # entered in the console
        await reached_at(telephone(office, tmp_path, twilio), TWO)

        assert office.holds(OURS) == TWO


async def test_nothing_is_asked_or_told_where_calls_to_us_are_not_wanted(tmp_path: Path) -> None:
    async with twilio("") as office:
        await reached_at(telephone(office, tmp_path, twilio, inboundPolicy="disabled"), ONE)

        assert office.ledger.requests == []


async def test_an_address_that_its_owner_chose_is_not_taken_from_whoever_has_it_next(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    chosen = {"provider": "ngrok", "ngrokDomain": "one.ngrok.app"}
    async with twilio("") as office:
        await reached_at(telephone(office, tmp_path, twilio, tunnel=chosen), ONE)
        at_first = office.holds(OURS)
        await reached_at(telephone(office, tmp_path, twilio), TWO)

        assert (at_first, office.holds(OURS)) == (ONE, ONE)
    assert "they go to one.ngrok.app" in caplog.text


@EACH
async def test_every_number_that_the_settings_name_is_led_to_us(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, carrier: Open
) -> None:
    numbers: dict[str, Any] = {OTHER: {}, FOREIGN: {}}
    async with carrier("") as office:
        await reached_at(telephone(office, tmp_path, carrier, numbers=numbers), ONE)

        assert (office.holds(OURS), office.holds(OTHER)) == (ONE, ONE)
    (shouted,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert f"does not belong to the account at {carrier.__name__}" in shouted


async def test_a_refusal_is_shouted_about_once(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    async with twilio("") as office:
        office.faults.break_api(ApiFault(status=401))
        await reached_at(telephone(office, tmp_path, twilio), ONE)

        assert office.holds(OURS) == ""
    (shouted,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "do not come here: twilio" in shouted
    assert f"Enter {ONE}" in shouted


async def test_a_carrier_that_is_not_reached_is_told_when_it_is(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async with twilio("") as office:
        for _ in range(6):  # each request is sent three times
            office.faults.break_api(ApiFault(status=503))
        await reached_at(telephone(office, tmp_path, twilio), ONE)

        assert office.holds(OURS) == ONE
    assert [f"again in {seconds} seconds" in caplog.text for seconds in (15, 30, 60)] == [True, True, False]


async def test_of_two_moves_the_later_one_counts_however_slow_the_carrier_is(tmp_path: Path) -> None:
    async with twilio("") as office, anyio.create_task_group() as tasks:
        office.faults.break_api(ApiFault(status=None))  # no answer until our patience is over
        container = telephone(office, tmp_path, twilio)
        tasks.start_soon(reached_at, container, ONE)
        await anyio.sleep(1)
        await reached_at(container, TWO)
        await anyio.sleep(60)

        assert office.holds(OURS) == TWO


async def test_a_carrier_that_cannot_be_told_is_shouted_about_when_the_address_is_another_one(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    aliyun = {
        "provider": "aliyun",
        "fromNumber": "+862112345678",
        "aliyun": {
            "accessKeyId": "id",
            "accessKeySecret": "s",
            "callbackToken": "t0ken-of-the-callback-address",
        },
        "tunnel": {"provider": "ngrok"},
    }
    shouted = []
    for url in (ONE, ONE, TWO):
        caplog.clear()
        await reached_at(Container(settings=read_settings(aliyun, {}).require(), home=tmp_path), url)
        shouted.append(caplog.text)

    assert ["aliyun cannot be told" in text for text in shouted] == [True, False, True]
    assert f"Enter {TWO}/… in the carrier's console (gateway.json has the whole address" in shouted[2]
    assert "t0ken" not in "".join(shouted)


@pytest.mark.parametrize("text", ["[", '{"a": 1}', "\udcff"])
async def test_without_a_memory_a_number_stays_where_it_is(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, text: str
) -> None:
    (tmp_path / FILE_NAME).write_text(text, errors="surrogateescape")
    async with twilio(ONE) as office:
        await reached_at(telephone(office, tmp_path, twilio), TWO)

        assert office.holds(OURS) == ONE
    assert f"Enter {TWO}" in caplog.text
    assert FormerAddresses(tmp_path / FILE_NAME).all() == (TWO,)


def test_addresses_are_kept_for_their_owner_alone_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    kept = FormerAddresses(tmp_path / FILE_NAME)

    for place in (*range(120), 50):
        kept.add(f"https://n{place}.ngrok.app")

    assert [kept.all()[place] for place in (0, -2, -1)] == [
        f"https://n{place}.ngrok.app" for place in (20, 119, 50)
    ]
    assert len(kept.all()) == 100
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    FormerAddresses(tmp_path / "no folder" / FILE_NAME).add(ONE)

    assert "cannot be written" in caplog.text
