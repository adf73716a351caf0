"""What must not be reached from other machines is refused where it would be."""

from typing import Any

import pytest

from voice_contracts.settings_reading import read_settings


def twilio(bind: str, *, skip: bool) -> dict[str, Any]:
    return {
        "provider": "twilio",
        "fromNumber": "+15550001234",
        "twilio": {"accountSid": "AC1", "authToken": "t"},
        "serve": {"bind": bind},
        "skipSignatureVerification": skip,
    }


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.7", "host.example.com"])  # noqa: S104 - refused here
def test_unsigned_webhooks_are_refused_on_an_address_that_other_machines_reach(bind: str) -> None:
    report = read_settings(twilio(bind, skip=True), {})

    assert [problem.path for problem in report.problems] == ["skipSignatureVerification"]
    assert "serve.bind" in report.problems[0].message
    assert "listen on 127.0.0.1" in report.problems[0].message


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.53", "localhost", "::1"])
def test_unsigned_webhooks_are_allowed_with_a_warning_on_this_machine(bind: str) -> None:
    report = read_settings(twilio(bind, skip=True), {})

    assert report.problems == ()
    assert any("whoever finds the webhook URL can feign calls" in warning for warning in report.warnings)


def test_signed_webhooks_may_come_to_any_address() -> None:
    assert read_settings(twilio("0.0.0.0", skip=False), {}).problems == ()  # noqa: S104 - a gateway behind nothing


def test_the_mock_carrier_whose_webhooks_nobody_signs_may_listen_anywhere() -> None:
    document = {"serve": {"bind": "0.0.0.0"}, "skipSignatureVerification": True}  # noqa: S104 - nobody calls it

    assert read_settings(document, {}).problems == ()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"tunnel": {"provider": "ngrok"}}, "tunnel.provider leads others here"),
        ({"tailscale": {"mode": "serve"}}, "tailscale.mode leads others here"),
    ],
)
def test_unsigned_webhooks_are_refused_behind_a_tunnel(more: dict[str, Any], named: str) -> None:
    report = read_settings({**twilio("127.0.0.1", skip=True), **more}, {})

    assert [problem.path for problem in report.problems] == ["skipSignatureVerification"]
    assert named in report.problems[0].message
    assert read_settings({**twilio("127.0.0.1", skip=False), **more}, {}).problems == ()


def test_a_tunnel_that_is_not_opened_because_of_a_public_url_leads_nobody_here() -> None:
    document = {
        **twilio("127.0.0.1", skip=True),
        "publicUrl": "https://a.example/hook",
        "tunnel": {"provider": "ngrok"},
    }

    assert read_settings(document, {}).problems == ()


@pytest.mark.parametrize(
    ("serve", "api", "wrong"),
    [
        ({"port": 3335}, {}, ["serve.port"]),
        ({"port": 4000, "bind": "0.0.0.0"}, {"port": 4000}, ["serve.port"]),  # noqa: S104 - refused here
        ({"port": 4000, "bind": "192.0.2.7"}, {"port": 4000}, []),
        ({"port": 0}, {"port": 0}, []),
    ],
)
def test_both_listeners_cannot_have_one_port(
    serve: dict[str, Any], api: dict[str, Any], wrong: list[str]
) -> None:
    report = read_settings({"serve": serve, "api": api}, {})

    assert [problem.path for problem in report.problems] == wrong
