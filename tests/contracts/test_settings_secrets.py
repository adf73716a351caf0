"""Secrets: where they may come from, and that nothing shows them."""

import copy
import json
from typing import Any

import attrs
import pytest
from support.settings_documents import TWILIO, nested, problems_of, read

from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_document import redacted
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_rules import Hidden, nested_fields

CANARY = "sk-canary-7391"


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(CANARY)

    shown = (str(secret), repr(secret), f"{secret}", f"{secret!r:>5}", "%s" % secret, repr([secret]))  # noqa: UP031 the old way counts too

    assert not any(CANARY in text for text in shown)
    assert secret.reveal() == CANARY


def test_secrets_are_equal_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert hash(Secret("a")) == hash(Secret("a"))
    assert {Secret("ключ"), Secret("ключ")} == {Secret("ключ")}


def test_a_secret_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Secret("a")._text = "b"  # type: ignore[misc]  # this is what must not work


def test_a_secret_may_be_named_in_the_environment() -> None:
    reference = {"source": "env", "provider": "default", "id": "MY_TOKEN"}
    document = {**TWILIO, "twilio": {"accountSid": reference, "authToken": reference}}

    twilio = read(document, {"MY_TOKEN": "t"}).twilio

    assert twilio.account_sid == "t"
    assert twilio.auth_token == Secret("t")


def test_a_secret_may_be_named_in_a_file() -> None:
    document = {**TWILIO, "twilio": {"accountSid": "a", "authToken": {"source": "file", "id": "/run/token"}}}

    report = read_settings(document, {}, {"/run/token": "t\n"}.__getitem__)

    assert report.require().twilio.auth_token == Secret("t")


@pytest.mark.parametrize("blank", [{}, {"MY_TOKEN": ""}, {"MY_TOKEN": " "}])
def test_a_reference_that_names_nothing_is_a_problem(blank: dict[str, str]) -> None:
    document = {**TWILIO, "twilio": {"accountSid": "a", "authToken": {"source": "env", "id": "MY_TOKEN"}}}

    assert problems_of(document, blank) == [
        "twilio.authToken: the secret reference env:default:MY_TOKEN names nothing; set the variable"
    ]


def test_a_file_that_cannot_be_read_is_a_problem() -> None:
    document = {**TWILIO, "twilio": {"accountSid": "a", "authToken": {"source": "file", "id": "/none"}}}

    assert problems_of(document) == [
        "twilio.authToken: the secret reference file:default:/none names nothing; write the secret into that file"
    ]


@pytest.mark.parametrize(
    "reference",
    [
        {"source": "exec", "id": "x"},
        {"source": "env"},
        {"source": "env", "id": 5},
        {"source": "env", "id": "x", "y": 1},
    ],
)
def test_a_malformed_reference_is_a_problem(reference: dict[str, Any]) -> None:
    (problem,) = problems_of({**TWILIO, "twilio": {"accountSid": "a", "authToken": reference}})

    assert problem.startswith("twilio.authToken: Expected a secret reference {source:")


def test_references_of_carriers_that_are_not_selected_are_not_followed() -> None:
    assert problems_of({"twilio": {"authToken": {"source": "env", "id": "NOT_SET"}}}) == []


def _planted() -> dict[str, Any]:
    document: dict[str, Any] = {
        **copy.deepcopy(dict(TWILIO)),
        "models": {"providers": {"openai": {"apiKey": CANARY}}},
        "messages": {"tts": {"openai": {"apiKey": CANARY}}},
        "numbers": {"+15550001234": {"tts": {"elevenlabs": {"apiKey": CANARY}}}},
    }
    for path, field in nested_fields(Settings):
        if isinstance(field.rule, Hidden):
            inner = document
            for key in path[:-1]:
                inner = inner.setdefault(key, {})
            inner[path[-1]] = CANARY
    return document


def test_settings_full_of_secrets_show_none() -> None:
    report = read_settings(_planted(), {})
    settings = report.require()
    document = redacted(settings)

    assert CANARY not in repr(report)
    assert CANARY not in str(settings)
    assert CANARY not in json.dumps(document)
    assert document["twilio"] == {"accountSid": "AC1", "authToken": "***", "region": "us1"}
    assert document["webhookSecurity"]["trustedProxyIPs"] == []


def test_a_secret_in_any_wrong_place_is_not_repeated() -> None:
    for path, _ in nested_fields(Settings):
        document: dict[str, Any] = {"skipSignatureVerification": True}
        inner = document
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        for value in (CANARY, [CANARY], {"source": CANARY, "id": CANARY}, {"x": CANARY}):
            inner[path[-1]] = value
            for shape in (document, nested(document)):
                report = read_settings(shape, {})
                assert CANARY not in " ".join(
                    [*map(str, report.problems), *report.warnings, repr(report.problems)]
                )


def test_a_secret_in_a_faulty_variable_is_not_repeated() -> None:
    environ = {"TWILIO_FROM_NUMBER": CANARY, "OPENAI_TTS_BASE_URL": CANARY, "TWILIO_AUTH_TOKEN": CANARY}

    report = read_settings({"provider": "twilio"}, environ)

    assert len(report.problems) == 3
    assert CANARY not in repr(report)


def test_the_redacted_document_can_be_read_again() -> None:
    document = redacted(read({"mock": {"script": [{"say": "hi"}], "outcomes": {"+1555*": "busy"}}}))

    assert redacted(read(document)) == document


def test_whole_numbers_are_not_in_the_repr_of_settings() -> None:
    number = "+15550007788"
    settings = read(
        {
            "fromNumber": number,
            "toNumber": number,
            "allowFrom": [number],
            "numbers": {number: {}},
            "outbound": {"allowNumbers": [number], "denyNumbers": [number]},
            "mock": {"outcomes": {number: "busy"}},
        }
    )

    assert number not in repr(settings)
    assert json.dumps(redacted(settings)).count(number) == 7
