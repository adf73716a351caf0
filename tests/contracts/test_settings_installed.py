"""A carrier of another package is named in the settings, and has a section of its own there."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.settings_documents import nested
from support.settings_schema_fit import fits

from voice_contracts.settings_document import redacted
from voice_contracts.settings_installed import can_be_named
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_report import SettingsReport
from voice_contracts.settings_schema import settings_schema

SECTION = {"apiUrl": "https://api.example.com", "retries": 3, "keys": [{"secret": "s3cret"}]}
DOCUMENT = {"provider": "example", "fromNumber": "+15550000000", "example": SECTION}


def read(document: Any, environ: Mapping[str, str] | None = None) -> SettingsReport:
    return read_settings(document, environ or {}, installed=lambda: ("example", "other"))


@pytest.mark.parametrize("document", [DOCUMENT, nested(DOCUMENT)])
def test_its_section_is_kept_as_it_was_written(document: Any) -> None:
    settings = read(document).require()

    assert settings.provider == "example"
    assert settings.installed_carrier == SECTION


def test_references_to_secrets_in_it_are_followed() -> None:
    section = {"token": {"source": "env", "id": "EXAMPLE_TOKEN"}}
    report = read({**DOCUMENT, "example": section}, {"EXAMPLE_TOKEN": "s3cret"})

    assert report.require().installed_carrier == {"token": "s3cret"}


def test_a_reference_that_names_nothing_is_a_problem_of_its_path() -> None:
    section = {"hosts": [{"token": {"source": "env", "id": "EXAMPLE_TOKEN"}}]}
    (problem,) = read({**DOCUMENT, "example": section}).problems

    assert problem.path == "example.hosts[0].token"


def test_references_of_a_carrier_that_is_not_chosen_are_not_followed() -> None:
    section = {"token": {"source": "env", "id": "OTHER_TOKEN"}}

    assert read({**DOCUMENT, "other": section}).problems == ()


def test_nothing_of_it_is_shown() -> None:
    settings = read(DOCUMENT).require()

    assert "s3cret" not in repr(settings)
    assert redacted(settings)["example"] == {"apiUrl": "***", "retries": 3, "keys": [{"secret": "***"}]}


def test_it_needs_a_number_as_every_carrier_does() -> None:
    (problem,) = read({"provider": "example"}).problems

    assert problem.message == "fromNumber is required"


def test_a_section_that_is_no_object_is_a_problem() -> None:
    (problem,) = read({**DOCUMENT, "example": "yes"}).problems

    assert problem.message == "example: Expected an object, not text"


def test_an_unknown_carrier_is_refused_with_ours_and_the_installed_ones() -> None:
    problem = read({**DOCUMENT, "provider": "exampel"}).problems[0]

    expected = "provider: Expected one of mock, twilio, telnyx, plivo, aliyun, example, other"
    assert problem.message.startswith(expected)
    assert '(did you mean "example"?)' in problem.message


def test_a_section_of_a_carrier_that_is_not_installed_is_an_unknown_key() -> None:
    report = read_settings(DOCUMENT, {})

    assert [problem.path for problem in report.problems] == ["provider", "example"]


def test_nobody_asks_what_is_installed_where_all_is_ours() -> None:
    def asked() -> tuple[str, ...]:
        raise LookupError

    assert read_settings({"provider": "mock"}, {}, installed=asked).problems == ()


@pytest.mark.parametrize("name", ["serve", "twilio", "messages", "My", "a-b", "", "1st", "例"])
def test_a_name_that_is_taken_or_no_word_names_no_carrier(name: str) -> None:
    assert not can_be_named(name)


def test_the_schema_of_the_installation_knows_its_carriers() -> None:
    schema = settings_schema(["example", "serve"])

    assert fits(DOCUMENT, schema, schema)
    assert not fits({**DOCUMENT, "other": {}}, schema, schema)
    assert not fits(DOCUMENT, settings_schema(), settings_schema())
