"""A carrier of another package is wired by its name, and a package at fault is a sentence."""

import json
import subprocess
import sys
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers
from support.brought_carriers import Acme

from voice_adapters.installed_carrier import CarrierSettingsError
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.settings_reading import read_settings
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_entrypoints.container import Container
from voice_entrypoints.installed_carriers import GROUP, CarrierPackageError, InstalledCarriers

HOOK = "https://voice.example.com/voice/webhook"
STREAMING = {
    "tts": {"provider": "openai", "openai": {"apiKey": "sk"}},
    "streaming": {"enabled": True, "provider": "openai", "providers": {"openai": {"apiKey": "sk"}}},
}


class Package(Distribution):
    """An installed package of a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read_text(self, filename: str) -> str | None:
        return f"Name: {self._name}\n" if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        raise FileNotFoundError(path)


def brings(value: str, name: str = "acme", package: str | None = "voicecall-acme") -> EntryPoint:
    point = EntryPoint(name, f"support.brought_carriers:{value}" if ":" not in value else value, GROUP)
    if package is not None:
        vars(point).update(dist=Package(package))  # as importlib.metadata does it
    return point


def container(*points: EntryPoint, home: Path | None = None, **document: Any) -> Container:
    settings = read_settings(
        {"provider": "acme", "fromNumber": "+15550001234", **document},
        {},
        installed=lambda: [point.name for point in points] or ["acme"],
    ).require()
    made = Container(settings=settings, home=home or Path())
    made.installed.override(providers.Object(InstalledCarriers(points)))
    return made


def test_its_factory_gets_what_it_needs(tmp_path: Path) -> None:
    made = container(brings("make"), home=tmp_path, acme={"apiKey": "s3cret"}, **STREAMING)
    made.address().set(HOOK)
    carrier = made.carrier()

    assert isinstance(carrier, Acme)
    supplies = carrier.supplies
    assert (supplies.name, supplies.settings) == ("acme", {"apiKey": "s3cret"})
    assert supplies.own_number == PhoneNumber("+15550001234")
    assert isinstance(supplies.http(), HttpClient)
    assert supplies.clock is made.clock()
    assert supplies.webhook_url() == HOOK
    assert str(supplies.stream_url(CallId("c1"))).startswith("wss://voice.example.com/")
    assert supplies.media_streams
    assert supplies.kept_secret("acme-token")() == (tmp_path / "acme-token").read_text().strip()
    assert "s3cret" not in repr(supplies)


def test_without_streaming_there_is_no_stream() -> None:
    carrier = container(brings("make")).carrier()

    assert isinstance(carrier, Acme)
    assert (carrier.supplies.media_streams, carrier.supplies.stream_url(CallId("c1"))) == (False, None)


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ({}, "acme.apiKey is required; set apiKey in the section acme"),
        ({"apiKey": " "}, "acme.apiKey must be text that is not blank; set apiKey in the section acme"),
        ({"apiKey": 7}, "acme.apiKey must be text that is not blank; set apiKey in the section acme"),
        ({"apiKye": "k"}, "acme.apiKye is not a setting; write apiKey, or remove it"),
        ({"zzz": "k"}, "acme.zzz is not a setting; known are apiKey, apiUrl"),
    ],
)
def test_its_settings_are_its_own_to_check(section: dict[str, object], sentence: str) -> None:
    with pytest.raises(CarrierSettingsError) as caught:
        container(brings("strict"), acme=section).carrier_set()

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("no_such_module:make", "cannot be imported (ModuleNotFoundError: No module named 'no_such_module')"),
        ("absent", "cannot be imported (AttributeError: "),
        ("SEVEN", "names int, which is not a function"),
        ("number", "gave int and not a CarrierSet"),
        ("bare", "gave a carrier without capabilities, dial, answer, reject, hang_up, look_up"),
        ("misnamed", "gave a carrier that calls itself 'other'"),
        ("breaks", "failed with KeyError when it was made"),
    ],
)
def test_a_package_at_fault_is_named_with_a_remedy(value: str, problem: str) -> None:
    made = container(brings(value), acme={"secretive": "s3cret"})

    with pytest.raises(CarrierPackageError) as caught:
        made.carrier_set()

    sentence = str(caught.value)
    assert sentence.startswith("carrier 'acme' of the package voicecall-acme (")
    assert f") {problem}" in sentence
    assert "uninstall it" in sentence
    assert "s3cret" not in sentence


@pytest.mark.parametrize("provider", ["mock", "twilio"])
def test_a_name_of_ours_is_not_to_be_had(provider: str) -> None:
    twilio = {"accountSid": "AC1", "authToken": "t"}
    made = container(brings("make", provider), provider=provider, twilio=twilio)

    with pytest.raises(CarrierPackageError) as caught:
        made.carrier_set()

    expected = (
        f"carrier '{provider}' is one of voicecall's own, and the package voicecall-acme brings another; "
        "uninstall the package voicecall-acme"
    )
    assert str(caught.value) == expected


def test_two_packages_with_one_name_are_both_named() -> None:
    made = container(brings("make"), brings("make", package="acme2"), brings("make", package=None))

    with pytest.raises(CarrierPackageError) as caught:
        made.carrier_set()

    expected = (
        "carrier 'acme' is brought by an unnamed package and the package acme2 and the package voicecall-acme; "
        "uninstall all but one"
    )
    assert str(caught.value) == expected


def test_a_carrier_that_nobody_brings_is_refused_with_those_that_there_are() -> None:
    made = container(provider="acme")
    made.installed.override(providers.Object(InstalledCarriers((brings("make", "beta"),))))

    with pytest.raises(
        CarrierPackageError, match=r"no package brings it; use one of mock, .* the installed beta"
    ):
        made.carrier_set()


def test_a_package_that_is_not_chosen_is_not_imported() -> None:
    made = container(brings("no_such_module:make"), provider="mock")

    assert made.carrier().name == "mock"


def test_what_is_installed_here_is_looked_up() -> None:
    program = (
        "import json; from voice_entrypoints.installed_carriers import installed_names;"
        "print(json.dumps(installed_names()))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(said.stdout) == []
