"""Settings that are wrong: each fault is named by the user's own key, with what was expected."""

import pytest
from support.settings_documents import NESTED, nested, problems_of

AMOUNT = "Expected a whole number from 1 to 2147483647"
WEB_ADDRESS = "Expected a URL with http:// or https:// and without a user name, e.g. https://example.com"


@pytest.mark.parametrize("key", ["prt", "serve.prot", "streaming.providers.openai.modle", "mock.outcome_"])
def test_an_unknown_key_is_refused_in_both_shapes(key: str) -> None:
    document: dict[str, object] = {}
    inner = document
    *sections, last = key.split(".")
    for section in sections:
        inner[section] = deeper = dict[str, object]()
        inner = deeper
    inner[last] = 1

    flat = problems_of(document)
    inside = problems_of(nested(document))

    assert len(flat) == len(inside) == 1
    assert flat[0].startswith(f"{key}: unknown key; the nearest known key is ")
    assert inside[0].startswith(f"{NESTED}{key}: unknown key; the nearest known key is {NESTED}")


@pytest.mark.parametrize(
    ("document", "nearest"),
    [
        ({"serve": {"prot": 1}}, "serve.port"),
        ({"maxDuratonSeconds": 1}, "maxDurationSeconds"),
        ({"authToken": "x"}, "twilio.authToken"),
        ({"streamPath": "/x"}, "streaming.streamPath"),
        ({"webhookSecurity": {"trustedProxyIps": []}}, "webhookSecurity.trustedProxyIPs"),
        ({"messages": {"sst": {}}}, "messages.tts"),
        ({"realtime": {"enabled": True}}, "mock.realtime"),
    ],
)
def test_the_nearest_known_key_is_named(document: dict[str, object], nearest: str) -> None:
    (problem,) = problems_of(document)

    assert problem.endswith(f"unknown key; the nearest known key is {nearest}")


@pytest.mark.parametrize(
    ("document", "key", "detail"),
    [
        ({"maxDurationSeconds": "60"}, "maxDurationSeconds", f"{AMOUNT}, not text"),
        ({"maxDurationSeconds": True}, "maxDurationSeconds", f"{AMOUNT}, not true or false"),
        ({"maxDurationSeconds": 0}, "maxDurationSeconds", AMOUNT),
        ({"maxConcurrentCalls": 1.5}, "maxConcurrentCalls", AMOUNT),
        ({"enabled": 1}, "enabled", "Expected true or false, not a number"),
        ({"enabled": None}, "enabled", "Expected true or false, not null; remove the key to use the default"),
        ({"store": ""}, "store", "Expected text that is not empty"),
        ({"store": []}, "store", "Expected text that is not empty, not a list"),
        ({"allowFrom": "+15550001234"}, "allowFrom", "Expected a list, not text"),
        ({"allowFrom": ["+15550001234", "x"]}, "allowFrom[1]", "Expected E.164 format, e.g. +15550001234"),
        ({"serve": []}, "serve", "Expected an object, not a list"),
        (
            {"inboundPolicy": "opne"},
            "inboundPolicy",
            'Expected one of disabled, allowlist, pairing, open (did you mean "open"?)',
        ),
        (
            {"inboundPolicy": 1},
            "inboundPolicy",
            "Expected one of disabled, allowlist, pairing, open, not a number",
        ),
        (
            {"twilio": {"region": "de1"}},
            "twilio.region",
            'Expected one of us1, ie1, au1 (did you mean "ie1"?)',
        ),
        ({"publicUrl": "example.com"}, "publicUrl", WEB_ADDRESS),
        ({"publicUrl": "https://me:pw@example.com"}, "publicUrl", WEB_ADDRESS),
        (
            {"serve": {"path": "hook"}},
            "serve.path",
            "Expected a path that starts with /, e.g. /voice/webhook",
        ),
        ({"locale": "english"}, "locale", "Expected a language tag (BCP 47), e.g. zh-CN"),
        (
            {"outbound": {"allowCountries": ["USA"]}},
            "outbound.allowCountries[0]",
            "Expected a region's two letters (ISO 3166), e.g. US",
        ),
        ({"numbers": {"911": {}}}, 'numbers["911"]', "Expected E.164 format, e.g. +15550001234 as the key"),
        (
            {"mock": {"outcomes": {"+1555*": "bussy"}}},
            'mock.outcomes["+1555*"]',
            'Expected one of answer, busy, no-answer, failed, voicemail (did you mean "busy"?)',
        ),
        ({"store": "\ud800"}, "store", "Expected text that is not empty"),
        ({"tts": {"openai": {"speed": 0}}}, "tts.openai.speed", "Expected a number from 0.25 to 4"),
        (
            {"tts": {"openai": {"speed": float("nan")}}},
            "tts.openai.speed",
            "Expected a number from 0.25 to 4",
        ),
        ({"maxDurationSeconds": float("inf")}, "maxDurationSeconds", AMOUNT),
        (
            {"streaming": {"providers": {"openai": {"silenceDurationMs": 0}}}},
            "streaming.providers.openai.silenceDurationMs",
            AMOUNT,
        ),
        ({"twilio": 5}, "twilio", "Expected an object, not a number"),
        ({"messages": 5}, "messages", "Expected an object"),
        ({"messages": {"tts": 5}}, "messages.tts", "Expected an object"),
        ({"plugins": 5}, "plugins", "Expected an object, not a number"),
        (
            {"plugins": {"entries": {"voice-call": {"enabled": "no"}}}},
            "plugins.entries.voice-call.enabled",
            "Expected true or false, not text",
        ),
        (
            {"plugins": {"entries": {"voice-call": {"config": "x"}}}},
            "plugins.entries.voice-call.config",
            "Expected an object, not text",
        ),
    ],
)
def test_a_wrong_value_is_named_by_key_and_kind(document: object, key: str, detail: str) -> None:
    assert problems_of(document) == [f"{key}: {detail}"]


def test_a_document_is_an_object() -> None:
    assert problems_of([]) == ["Expected an object with settings, not a list"]


@pytest.mark.parametrize(
    "number", ["13800138000", "+0123", "+1", "+1234567890123456", "+1555 0001", "+1555x", "+１５５５"]
)
def test_a_number_must_be_e164(number: str) -> None:
    assert problems_of({"fromNumber": number}) == ["fromNumber: Expected E.164 format, e.g. +15550001234"]
    assert problems_of({"toNumber": number}) == ["toNumber: Expected E.164 format, e.g. +15550001234"]


def test_a_whole_number_may_be_written_with_a_fraction_of_zero() -> None:
    assert problems_of({"maxDurationSeconds": 60.0}) == []


@pytest.mark.parametrize("port", [0, 1.5, 65536, "443"])
def test_a_tailscale_port_is_a_port(port: object) -> None:
    (problem,) = problems_of({"tailscale": {"port": port}})

    assert problem.startswith("tailscale.port: Expected a whole number from 1 to 65535")


def test_what_a_carrier_cannot_tell_is_refused_with_its_name() -> None:
    wanted = {"outbound": {"detectMachines": True}}

    refused = [each for each in problems_of({"provider": "aliyun", **wanted}) if "detectMachines" in each]

    assert refused == ["outbound.detectMachines: aliyun cannot tell machines from people; remove it"]
    assert problems_of(wanted) == []


@pytest.mark.parametrize(
    "document",
    [
        {"tailscale": {"mode": "funnel", "port": 4545}},
        {"tailscale": {"port": 4545}, "tunnel": {"provider": "tailscale-funnel"}},
    ],
)
def test_a_funnel_has_three_ports(document: dict[str, object]) -> None:
    assert problems_of(document) == [
        "tailscale.port: Tailscale Funnel HTTPS port must be one of 443, 8443, 10000"
    ]


def test_tailscale_serve_has_any_port() -> None:
    assert problems_of({"tailscale": {"mode": "serve", "port": 4545}}) == []


def test_quiet_hours_have_two_different_ends() -> None:
    assert problems_of({"outbound": {"quietHours": {"from": "21:00"}}}) == [
        "outbound.quietHours.to is required where there are quiet hours"
    ]
    assert problems_of({"outbound": {"quietHours": {"from": "21:00", "to": "21:00"}}}) == [
        "outbound.quietHours.to: from and to are the same time; drop quietHours if no hour is quiet"
    ]
    assert problems_of({"outbound": {"quietHours": {"from": "9pm", "to": "08:00"}}}) == [
        "outbound.quietHours.from: Expected a time of day as HH:MM, e.g. 21:00"
    ]


@pytest.mark.parametrize("step", [{}, {"afterMs": 5}, {"hangUp": False}, {"say": "a", "press": "1"}])
def test_a_step_of_the_script_does_exactly_one_thing(step: dict[str, object]) -> None:
    assert problems_of({"mock": {"script": [{"say": "hello"}, step]}}) == [
        "mock.script[1]: Expected exactly one of say, press, interrupt, hangUp"
    ]


def test_all_faults_come_in_one_report() -> None:
    document = {
        "provider": "twilio",
        "fromNumber": "1",
        "serve": {"port": "x", "prot": 1},
        "tts": {"openai": {"speed": 9}},
        "tailscale": {"mode": "funnel", "port": 1},
        "nothing": 1,
    }

    assert len(problems_of(document)) == 8


def test_a_document_nested_too_deeply_is_refused() -> None:
    document: dict[str, object] = {}
    inner = document
    for _ in range(2000):
        inner["tts"] = deeper = dict[str, object]()
        inner = deeper

    assert problems_of(document) == ["objects and lists are nested too deeply to be settings"]


def test_a_long_unknown_key_is_shown_in_part() -> None:
    (problem,) = problems_of({"k" * 5000: 1})

    assert len(problem) < 200
