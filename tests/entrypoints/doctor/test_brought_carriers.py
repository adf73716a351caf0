"""A carrier of another package is looked at as ours are, as far as it tells; a package at fault is a finding."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from voice_adapters.installed_carrier import CarrierSet, CarrierSupplies
from voice_contracts.settings_reading import read_settings
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, CarrierInspection, NumberSeen
from voice_entrypoints.container import Container
from voice_entrypoints.doctor.examination import examine, open_case
from voice_entrypoints.doctor.finding import Finding
from voice_entrypoints.installed_carriers import GROUP, InstalledCarriers

pytestmark = pytest.mark.anyio


class _Inspection(CarrierInspection):
    """Tells of the account, and inherits the rest but for numbers."""

    async def account(self) -> AccountSeen:
        return AccountSeen(problems=(AccountProblem.TRIAL,))

    async def number(self, number: PhoneNumber) -> NumberSeen:
        return NumberSeen(is_ours=False, may_call=False)


class _Silent(CarrierInspection):
    """Tells nothing."""


def with_inspection(supplies: CarrierSupplies) -> CarrierSet:
    from support.brought_carriers import Acme

    return CarrierSet(carrier=Acme(supplies), needs_address=False, inspection=_Inspection())


def silent(supplies: CarrierSupplies) -> CarrierSet:
    from support.brought_carriers import Acme

    return CarrierSet(carrier=Acme(supplies), needs_address=False, inspection=_Silent())


async def looked_at(value: str, home: Path, **section: Any) -> dict[str, Finding]:
    point = EntryPoint("acme", value, GROUP)
    document = {
        "provider": "acme",
        "fromNumber": "+15550001234",
        "api": {"port": 0},
        "serve": {"port": 0},
        "acme": section,
    }
    settings = read_settings(document, {}, installed=lambda: ["acme"]).require()
    container = Container(settings=settings, home=home)
    container.installed.override(providers.Object(InstalledCarriers((point,))))
    case = await open_case(settings, home, {}, container=container)
    return {finding.id: finding for finding in await examine(case)}


async def test_what_a_package_tells_of_its_account_is_told(tmp_path: Path) -> None:
    told = await looked_at(f"{__name__}:with_inspection", tmp_path)

    assert told["credentials"].message("en") == "acme takes the credentials"
    assert told["account"].state == "warning"
    assert told["number"].state == "failed"
    assert "acme refuses calls from it" in told["number"].message("en")


async def test_a_package_that_tells_nothing_is_no_fault(tmp_path: Path) -> None:
    told = await looked_at(f"{__name__}:silent", tmp_path)

    assert not [finding.id for finding in told.values() if not finding.ok]
    assert "no way to prove them" in told["credentials"].message("en")
    assert "does not tell whose" in told["number"].message("en")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("support.brought_carriers:breaks", "failed with KeyError when it was made"),
        ("support.brought_carriers:strict", "acme.secretly is not a setting"),
        ("no_such_module:make", "cannot be imported"),
    ],
)
async def test_a_package_at_fault_is_a_finding(value: str, said: str, tmp_path: Path) -> None:
    told = await looked_at(value, tmp_path, secretly="planted-secret")

    bad = {name: finding.message("en") for name, finding in told.items() if not finding.ok}
    assert set(bad) == {"carrier"}
    assert said in bad["carrier"]
    assert "public-url" not in told
    assert not [finding for finding in told.values() if "planted-secret" in finding.message("both")]
