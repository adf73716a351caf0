"""The page of what each carrier can do is what the adapters declare."""

import attrs
import pytest

from docs.render_carriers import ABILITIES, FOLDER, SWITCHES, main, pages
from voice_domain.ports.carrier import Capabilities
from voice_entrypoints.wiring_carriers import CARRIERS


def test_the_pages_are_up_to_date_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, "run: python docs/render_carriers.py"
    assert capsys.readouterr().out == ""
    assert all((FOLDER / name).is_file() for name in pages())


def test_every_ability_and_every_carrier_is_on_it() -> None:
    assert set(ABILITIES) == {field.name for field in attrs.fields(Capabilities)}
    assert all(f"`{name}`" in text for name in CARRIERS for text in pages().values())


def test_what_depends_on_a_setting_names_the_setting() -> None:
    text = pages()["README.md"]

    assert all(f"with `{switch}`" in text for switch in SWITCHES)
