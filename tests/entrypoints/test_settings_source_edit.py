"""Single settings: read with secrets hidden, changed without harm to the rest of the file."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from support.settings_documents import NESTED, TWILIO, nested, read

from voice_contracts.settings_report import InvalidSettingsError
from voice_entrypoints.json5_source import SettingsFileError, read_object
from voice_entrypoints.settings_edit import (
    SettingsChange,
    UnknownSettingError,
    get_setting,
    set_setting,
    unset_setting,
)
from voice_entrypoints.settings_source import find_source, load_settings


class File:
    """A settings file, changed the way a command line does it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {"HOME": str(path.parent)}

    def write(self, document: object) -> None:
        self.path.write_text(
            document if isinstance(document, str) else json.dumps(document), encoding="utf-8"
        )

    def read(self) -> Any:
        return read_object(self.path)[1]

    def set(self, key: str, text: str) -> SettingsChange:
        return set_setting(find_source(self.path, self.environ), key, text, self.environ)

    def unset(self, key: str) -> SettingsChange:
        return unset_setting(find_source(self.path, self.environ), key, self.environ)


@pytest.fixture
def file(tmp_path: Path) -> File:
    file = File(tmp_path / "config.json5")
    file.write({})
    return file


@pytest.mark.parametrize("prefix", ["", NESTED])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("serve.port", 3334),
        ("provider", "twilio"),
        ("twilio.authToken", "***"),
        ("twilio.apiBaseUrl", None),
        ("outbound.notifyHangupDelaySec", 3),
        ('mock.outcomes["+1555*"]', "busy"),
        ("mock.outcomes.+1555*", "busy"),
        ("mock.script[0].say", "hi"),
        ("mock.script.0.say", "hi"),
        ("mock.script[7].say", None),
        ("outbound.quietHours.from", None),
    ],
)
def test_a_setting_is_found_by_its_short_and_its_long_key(prefix: str, key: str, value: object) -> None:
    settings = read({**TWILIO, "mock": {"outcomes": {"+1555*": "busy"}, "script": [{"say": "hi"}]}})

    assert get_setting(settings, f"{prefix}{key}") == value


def test_all_settings_are_shown_without_a_key() -> None:
    shown = get_setting(read(TWILIO))

    assert shown["twilio"]["authToken"] == "***"
    assert shown["serve"]["path"] == "/voice/webhook"


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("serve.prot", "serve.port"),
        ("providr", "provider"),
        ("serve.port.x", "serve.port"),
        ("streamPath", "streaming.streamPath"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest(key: str, nearest: str) -> None:
    with pytest.raises(UnknownSettingError) as caught:
        get_setting(read({}), key)

    assert str(caught.value) == f"{key} is not a setting; the nearest known key is {nearest}"


@pytest.mark.parametrize("key", ["serve.port", f"{NESTED}serve.port"])
def test_a_change_fits_the_shape_of_the_file(file: File, key: str) -> None:
    file.set(key, "4000")
    assert file.read() == {"serve": {"port": 4000}}

    host = {"agents": {"list": [1]}, **nested({"serve": {"bind": "::1"}}, enabled=True)}
    file.write(host)
    file.set(key, "4001")
    assert file.read() == {
        "agents": {"list": [1]},
        **nested({"serve": {"bind": "::1", "port": 4001}}, enabled=True),
    }


def test_keys_of_the_host_stay_at_the_top(file: File) -> None:
    file.write(nested({}))

    file.set("messages.tts.openai.voice", "coral")
    file.set("plugins.entries.voice-call.enabled", "false")

    assert file.read() == {
        **nested({}, enabled=False),
        "messages": {"tts": {"openai": {"voice": "coral"}}},
    }


def test_the_hosts_switch_is_our_own_in_a_flat_file(file: File) -> None:
    file.set("plugins.entries.voice-call.enabled", "false")

    assert file.read() == {"enabled": False}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("serve.port", "0x10", 16),
        ("fromNumber", "+15550001234", "+15550001234"),
        ("fromNumber", "'+15550001234'", "+15550001234"),
        ("twilio.authToken", "123456", "123456"),
        ("inboundGreeting", "true", "true"),
        ("inboundGreeting", "Hello, you!", "Hello, you!"),
        ("inboundGreeting", "", ""),
        ("allowFrom", "['+15550001234']", ["+15550001234"]),
        ("mock.script", "[{say: 'hi'}]", [{"say": "hi"}]),
        ("plivo.authToken", "{source: 'env', id: 'X'}", {"source": "env", "id": "X"}),
        ("recording.enabled", "true", True),
    ],
)
def test_a_value_is_json5_or_else_text(file: File, key: str, text: str, value: object) -> None:
    file.set(key, text)

    inner = file.read()
    for step in key.split("."):
        inner = inner[step]
    assert inner == value


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("serve.port", "many", "serve.port: Expected a whole number from 0 to 65535, not text"),
        ("serve.prot", "1", "serve.prot: unknown key; the nearest known key is serve.port"),
        ("provider", "plivo", "fromNumber is required"),
        ("fromNumber", "13800138000", "fromNumber: Expected E.164 format, e.g. +15550001234"),
    ],
)
def test_a_change_that_would_do_harm_is_refused_and_named(
    file: File, key: str, text: str, problem: str
) -> None:
    file.write({"maxDurationSeconds": 5})

    with pytest.raises(InvalidSettingsError) as caught:
        file.set(key, text)

    assert problem in [found.message for found in caught.value.problems] or problem in str(caught.value)
    assert file.read() == {"maxDurationSeconds": 5}


def test_a_file_with_problems_can_be_mended_key_by_key(file: File) -> None:
    file.write({"serve": {"port": "x", "bind": 5}, "prot": 1})

    file.set("serve.port", "1")
    file.unset("prot")
    file.set("serve.bind", "::1")

    assert load_settings(file.path, file.environ).settings.serve.port == 1


def test_what_is_removed_has_its_default_again(file: File) -> None:
    file.write({"serve": {"port": 1}, "maxDurationSeconds": 5})

    change = file.unset("serve.port")

    assert file.read() == {"maxDurationSeconds": 5}
    assert change.warnings == ()


def test_removing_what_is_needed_is_refused(file: File) -> None:
    file.write(dict(TWILIO))

    with pytest.raises(InvalidSettingsError, match=r"twilio.authToken is required"):
        file.unset("twilio.authToken")


def test_removing_what_is_not_there_says_so(file: File) -> None:
    assert file.unset("serve.port").warnings == ("serve.port was not set",)


def test_lost_comments_are_a_warning(file: File) -> None:
    file.write("// mine\n{serve: {port: 1}}")

    change = file.set("serve.port", "2")

    assert change.warnings == (
        f"the comments in {file.path} are gone: they are not kept when a setting changes",
    )
    assert file.read() == {"serve": {"port": 2}}


def test_a_change_warns_only_of_what_it_brings(file: File) -> None:
    file.write({"provider": "log"})

    assert file.set("serve.port", "1").warnings == ()
    assert len(file.set("skipSignatureVerification", "true").warnings) == 1


def test_the_first_change_makes_a_private_file_in_the_state_folder(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}

    change = set_setting(find_source(None, environ), "locale", "zh-CN", environ)

    assert change.path == tmp_path / ".voicecall" / "config.json5"
    assert stat.S_IMODE(change.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(change.path.parent.stat().st_mode) == 0o700
    assert load_settings(None, environ).settings.locale == "zh-CN"


def test_a_change_makes_the_file_private_and_leaves_nothing_else(file: File) -> None:
    file.path.chmod(0o644)

    file.set("inboundGreeting", "你好")

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert list(file.path.parent.iterdir()) == [file.path]
    assert "你好" in file.path.read_text(encoding="utf-8")


def test_a_link_to_the_file_stays_a_link(file: File, tmp_path: Path) -> None:
    link = tmp_path / "link.json5"
    link.symlink_to(file.path)

    File(link).set("serve.port", "1")

    assert link.is_symlink()
    assert file.read() == {"serve": {"port": 1}}


def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / ".voicecall").write_text("a file where the folder should be")
    environ = {"HOME": str(tmp_path)}

    with pytest.raises(SettingsFileError, match=r"the settings file cannot be written"):
        set_setting(find_source(None, environ), "locale", "zh-CN", environ)
