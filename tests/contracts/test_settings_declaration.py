"""One declaration: classes, schema, pages and behaviour cannot drift apart."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from support.settings_documents import TWILIO, nested
from support.settings_schema_fit import fits

from docs.render_settings import ROOT, pages
from voice_contracts.json_schema import schema_of
from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_document import plain, redacted
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_rules import (
    Choice,
    Field,
    Flag,
    Free,
    Hidden,
    ListOf,
    MapOf,
    Number,
    Section,
    Text,
    Whole,
    camel_case,
    fields_of,
    nested_fields,
)
from voice_contracts.settings_schema import settings_schema

SCHEMA = settings_schema()
PATHS = [".".join(path) for path, _ in nested_fields(Settings)]

# The keys of the product's specification, section 2, beside the carriers' and the speech services'.
PROMISED = [
    "enabled",
    "provider",
    "fromNumber",
    "toNumber",
    "inboundPolicy",
    "allowFrom",
    "inboundGreeting",
    "maxDurationSeconds",
    "silenceTimeoutMs",
    "transcriptTimeoutMs",
    "ringTimeoutMs",
    "maxConcurrentCalls",
    "staleCallReaperSeconds",
    "publicUrl",
    "skipSignatureVerification",
    "store",
    "responseModel",
    "responseSystemPrompt",
    "responseTimeoutMs",
    "numbers",
    "sessionScope",
    "locale",
    "twilio.accountSid",
    "twilio.authToken",
    "twilio.region",
    "twilio.apiBaseUrl",
    "telnyx.apiKey",
    "telnyx.connectionId",
    "telnyx.publicKey",
    "telnyx.apiBaseUrl",
    "plivo.authId",
    "plivo.authToken",
    "plivo.apiBaseUrl",
    "aliyun.accessKeyId",
    "aliyun.accessKeySecret",
    "aliyun.regionId",
    "aliyun.endpoint",
    "aliyun.ttsCode",
    "aliyun.ttsParam",
    "aliyun.voiceCode",
    "aliyun.callbackToken",
    "serve.port",
    "serve.bind",
    "serve.path",
    "serve.drainSeconds",
    "api.bind",
    "api.port",
    "api.tokenFile",
    "tailscale.mode",
    "tailscale.path",
    "tailscale.port",
    "tunnel.provider",
    "tunnel.ngrokAuthToken",
    "tunnel.ngrokDomain",
    "tunnel.allowNgrokFreeTierLoopbackBypass",
    "webhookSecurity.allowedHosts",
    "webhookSecurity.trustForwardingHeaders",
    "webhookSecurity.trustedProxyIPs",
    "outbound.detectMachines",
    "outbound.defaultMode",
    "outbound.notifyHangupDelaySec",
    "outbound.allowCountries",
    "outbound.denyNumbers",
    "outbound.allowNumbers",
    "outbound.maxCallsPerHour",
    "outbound.quietHours.from",
    "outbound.quietHours.to",
    "outbound.quietHours.timezone",
    "outbound.adoptExternal",
    "streaming.enabled",
    "streaming.streamPath",
    "streaming.provider",
    "streaming.preStartTimeoutMs",
    "streaming.maxPendingConnections",
    "streaming.maxPendingConnectionsPerIp",
    "streaming.maxConnections",
    "streaming.openaiBaseUrl",
    "stt.provider",
    "stt.model",
    "tts.provider",
    "tts.openai.apiKey",
    "tts.openai.model",
    "tts.openai.voice",
    "tts.openai.baseUrl",
    "tts.openai.speed",
    "tts.openai.instructions",
    "tts.elevenlabs.apiKey",
    "tts.elevenlabs.voiceId",
    "tts.elevenlabs.modelId",
    "tts.elevenlabs.baseUrl",
    "tts.elevenlabs.voiceSettings.stability",
    "tts.maxTextLength",
    "tts.timeoutMs",
    "mock.ringMs",
    "mock.answerMs",
    "mock.outcome",
    "mock.outcomes",
    "mock.script",
    "mock.realtime",
    "models.providers",
    "logging.level",
    "logging.format",
    "logging.showNumbers",
    "logging.showTranscripts",
    "recording.enabled",
    "report.summary",
    "report.webhookSecret",
    "report.webhookUrl",
    "retention.days",
]


def test_every_promised_key_exists() -> None:
    assert [key for key in PROMISED if key not in PATHS] == []


def test_the_written_files_are_what_the_declaration_says() -> None:
    written = {name: Path(ROOT / name).read_text(encoding="utf-8") for name in pages()}

    assert written == pages(), "run: python docs/render_settings.py"


def test_the_pages_check_finds_no_difference_from_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "docs/render_settings.py", "--check"], cwd=ROOT, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("page", ["docs/settings.md", "docs/settings.zh-CN.md"])
def test_every_setting_has_its_row_on_both_pages(page: str) -> None:
    text = pages()[page]

    missing = [
        ".".join(path)
        for path, field in nested_fields(Settings)
        if not isinstance(field.rule, Section) and f"| `{'.'.join(path)}` |" not in text
    ]

    assert missing == []


@pytest.mark.parametrize(("path", "field"), nested_fields(Settings), ids=PATHS)
def test_a_setting_is_explained_in_both_languages(path: tuple[str, ...], field: Field) -> None:
    assert field.doc.endswith("."), path
    assert field.doc_zh.endswith("。"), path
    assert field.wire == camel_case(field.name) or path[-1] in {"notifyHangupDelaySec", "trustedProxyIPs"}


def test_the_annotation_of_a_setting_is_what_its_rule_yields() -> None:
    wrong = [
        f"{holder.__name__}.{field.name}"
        for holder in _all_holders()
        for field in fields_of(holder)
        if not _agrees(get_type_hints(holder)[field.name], field)
    ]

    assert wrong == []


def _all_holders() -> set[type]:
    found: set[type] = set()
    waiting: list[Any] = [Settings]
    while waiting:
        holder = waiting.pop()
        found.add(holder)
        for field in fields_of(holder):
            rule: Any = field.rule
            while isinstance(rule, ListOf | MapOf):
                rule = rule.item if isinstance(rule, ListOf) else rule.value
            if isinstance(rule, Section) and rule.holder not in found:
                waiting.append(rule.holder)
    return found


def _agrees(annotation: Any, field: Field) -> bool:
    is_optional = type(None) in get_args(annotation) or annotation is type(None)
    inner = next((part for part in get_args(annotation) if part is not type(None)), annotation)
    kind = inner if is_optional and annotation is not type(None) else annotation
    match field.rule:
        case Choice(words):
            fits_rule = kind is str or (get_origin(kind) is Literal and get_args(kind) == words)
        case ListOf():
            fits_rule = get_origin(kind) is tuple
        case MapOf():
            fits_rule = get_origin(kind) is Mapping
        case Section(holder):
            fits_rule = kind is holder
        case Free():
            return annotation is type(None)
        case rule:
            kinds = {Flag: bool, Whole: int, Number: float, Text: str, Hidden: Secret}
            fits_rule = kind is kinds[type(rule)]
    return fits_rule and is_optional == (field.default is None and not _has_section_default(field))


def _has_section_default(field: Field) -> bool:
    return isinstance(field.rule, Section) and not field.optional


def test_the_defaults_written_out_are_valid_for_reader_and_schema() -> None:
    document = redacted(read_settings(TWILIO, {}).require())

    assert read_settings(document, {}).problems == ()
    assert fits(document, SCHEMA, SCHEMA)
    assert fits(nested(document), SCHEMA, SCHEMA)


def test_every_default_is_one_that_its_own_rule_accepts() -> None:
    wrong = [
        f"{holder.__name__}.{field.name}"
        for holder in _all_holders()
        for field in fields_of(holder)
        if field.default is not None and not fits(plain(field.default), schema_of(field.rule), SCHEMA)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        TWILIO,
        {"provider": "log", "twilio": {"from": "+15550001234"}, "agentId": "main"},
        {
            "streaming": {
                "sttProvider": "openai-realtime",
                "sttModel": "x",
                "openaiApiKey": "k",
                "vadThreshold": 0,
            }
        },
        {
            "tts": {
                "provider": "edge",
                "providers": {"openai": {"voice": "x"}, "gradium": {}},
                "microsoft": {},
            }
        },
        {
            "messages": {"tts": {"openai": {"speakerVoice": "x"}}},
            "models": {"mode": "merge", "providers": {}},
        },
        {"plivo": {"authToken": {"source": "env", "id": "X"}}, "store": {"source": "file", "id": "/x"}},
        {"mock": {"outcomes": {"+1555*": "busy"}, "script": [{"afterMs": 1, "say": "x"}], "realtime": False}},
        {"maxDurationSeconds": 60.0, "$schema": "x"},
        {"streaming": {"providers": {"deepgram": {"apiKey": "x"}, "other": {}}}},
        nested({"provider": "mock"}),
        {**nested({"serve": {"port": 0}}, enabled=False), "messages": {"x": 1}, "agents": {}},
    ],
)
def test_what_the_reader_takes_the_schema_takes(document: dict[str, Any]) -> None:
    assert read_settings(document, {"X": "x"}, lambda _name: "/store").problems == ()
    assert fits(dict(document), SCHEMA, SCHEMA)


@pytest.mark.parametrize(
    "document",
    [
        {"serve": {"prot": 1}},
        {"prot": 1},
        {"maxDurationSeconds": "60"},
        {"maxDurationSeconds": True},
        {"maxDurationSeconds": 0},
        {"fromNumber": "13800138000"},
        {"allowFrom": ["x"]},
        {"numbers": {"911": {}}},
        {"numbers": {"+15550001234": {"serve": {}}}},
        {"twilio": {"region": "de1"}},
        {"twilio": {"authToken": ""}},
        {"tts": {"provider": "gradium"}},
        {"tts": {"openai": {"speed": 5}}},
        {"messages": {"tts": {"openai": {"speed": 5}}}},
        {"messages": {"stt": {}}},
        {"models": {"providers": {"x": {"baseUrl": "ftp://x"}}}},
        {"plivo": {"authToken": {"source": "exec", "id": "x"}}},
        {"mock": {"script": [{"shout": "x"}]}},
        {"enabled": None},
        nested({"prot": 1}),
        nested({"models": 5}),
        nested([]),
        {**nested({}), "models": []},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(document: dict[str, Any]) -> None:
    assert read_settings(document, {}).problems != ()
    assert not fits(document, SCHEMA, SCHEMA)


def test_the_schema_shows_no_secret_and_marks_old_spellings() -> None:
    text = json.dumps(SCHEMA)

    assert SCHEMA["$defs"]["TwilioSettings"]["properties"]["authToken"]["anyOf"][0]["writeOnly"]
    assert SCHEMA["$defs"]["TwilioSettings"]["properties"]["from"]["deprecated"]
    assert SCHEMA["$defs"]["StreamingSettings"]["properties"]["sttModel"]["deprecated"]
    assert "***" not in text
