"""Wrong settings, met by every program: one report, the place of the fault, the right exit code."""

import json
from pathlib import Path

import pytest
from support.stranger import Place, Ran

PROGRAMS = (
    ("voicecall", "serve"),
    ("voicecall-http",),
    ("voicecall-rpc",),
    ("voicecall", "call", "--to", "+15550005678", "--message", "Hi."),
)
CHECK = ("voicecall", "config", "check", "--json")


def met_by_all(place: Place) -> tuple[list[Ran], Ran]:
    """Run every program that needs the settings; return what they did, and what the check says."""
    *ran, checked = place.run_all(*PROGRAMS, CHECK)
    return ran, checked


def test_broken_json5_is_shown_with_line_column_and_caret(tmp_path: Path) -> None:
    place = Place.made(tmp_path, '{\n  provider: "mock",\n  toNumber: +1555 twilio,\n}\n')

    ran, checked = met_by_all(place)

    assert [each.code for each in ran] == [1, 1, 1, 1]
    for each in ran:
        first, line, caret = each.err.splitlines()
        assert f"{place.home / 'config.json5'}:3:19: " in first
        assert line.startswith("    toNumber: ")
        assert caret.index("^") - line.index("toNumber") + 3 == 19
        assert (each.out, "Traceback" in each.err, "twilio" in each.err) == ("", False, False)
    (problem,) = checked.json["checks"]
    assert (checked.code, checked.json["ok"], problem["ok"]) == (1, False, False)
    assert ":3:19: " in problem["message"]


def test_every_problem_is_in_one_report_with_its_remedy(tmp_path: Path) -> None:
    settings = {
        "provider": "twilio",
        "fromNumbr": "+15550001111",
        "maxDurationSeconds": "long",
        "twilio": {"authToken": {"source": "env", "id": "NO_SUCH_VARIABLE"}},
        "serve": {"port": 70_000},
    }
    place = Place.made(tmp_path, settings)

    ran, checked = met_by_all(place)

    wanted = {
        "fromNumbr": "the nearest known key is fromNumber",
        "maxDurationSeconds": "not text",
        "serve.port": "from 0 to 65535",
        "fromNumber": "is required",
        "twilio.accountSid": "is required (or set TWILIO_ACCOUNT_SID env)",
        "twilio.authToken": "NO_SUCH_VARIABLE",
    }
    failed = {each["id"]: each for each in checked.json["checks"] if not each["ok"]}
    assert (checked.code, failed.keys()) == (1, wanted.keys())
    for key, words in wanted.items():
        assert words in failed[key]["message"]
        assert failed[key]["remedy"]
        assert all(failed[key]["message"] in each.err for each in ran)
    assert failed["fromNumber"]["remedy"] == "give it a value: voicecall config set fromNumber VALUE"
    # Others can read what stands on a command line.
    assert failed["twilio.authToken"]["remedy"] == (
        "set TWILIO_AUTH_TOKEN, or put it in a file for you alone: "
        """voicecall config set twilio.authToken '{source: "file", id: "FILE"}'"""
    )
    assert failed["serve.port"]["remedy"].endswith("voicecall config unset serve.port")
    assert [(each.code, each.out) for each in ran] == [(1, "")] * 4


def test_a_missing_settings_file_is_named_by_every_program(tmp_path: Path) -> None:
    place = Place.made(tmp_path)
    missing = str(tmp_path / "none.json5")
    ran = place.run_all(
        ("voicecall-http", "--config", missing),
        ("voicecall-rpc", "--config", missing),
        ("voicecall", "--config", missing, "serve"),
        ("voicecall", "status", f"--config={missing}", "--json"),
    )

    assert [each.code for each in ran] == [1] * 4
    assert all(f"{missing}: there is no such settings file" in each.err for each in ran)
    assert ran[3].json["error"]["kind"] == "invalid_settings"


@pytest.mark.parametrize("before", [True, False])
def test_the_settings_file_is_named_before_or_after_the_command(tmp_path: Path, *, before: bool) -> None:
    place = Place.made(tmp_path, {"toNumber": "+15550001111"})
    other = tmp_path / "other.json5"
    other.write_text('{toNumber: "+15550002222"}')
    named = ("--config", str(other))
    command = ("config", "get", "toNumber")

    words = (*named, *command) if before else (*command, *named)

    assert place.run("voicecall", *words).out == "+15550002222\n"


def test_without_a_settings_file_the_defaults_hold(tmp_path: Path) -> None:
    place = Place.made(tmp_path)
    path, provider, check = place.run_all(
        ("voicecall", "config", "path"),
        ("voicecall", "config", "get", "provider"),
        CHECK,
    )

    assert (path.code, path.out) == (0, "")
    assert str(place.home / "config.json5") in path.err
    assert provider.out == "mock\n"
    assert (check.code, check.json["ok"]) == (0, True)


def test_a_hosts_file_is_read_and_changed_in_its_place(tmp_path: Path) -> None:
    place = Place.made(tmp_path)
    host = tmp_path / ".openclaw" / "openclaw.json"
    host.parent.mkdir()
    secret = "not-to-be-seen-0815"
    config = {"maxConcurrentCalls": 3, "twilio": {"authToken": secret}}
    document = {"theirs": [1], "plugins": {"entries": {"voice-call": {"enabled": True, "config": config}}}}
    host.write_text(json.dumps(document))
    long_key = "plugins.entries.voice-call.config.maxConcurrentCalls"

    found, everything, hidden = place.run_all(
        ("voicecall", "config", "path"),
        ("voicecall", "config", "get", "--json"),
        ("voicecall", "config", "get", "twilio.authToken"),
    )
    changed = place.run("voicecall", "config", "set", long_key, "7")
    refused = place.run("voicecall", "config", "set", "maxDurationSeconds", "0")
    short = place.run("voicecall", "config", "get", "maxConcurrentCalls")
    removed = place.run("voicecall", "config", "unset", "maxConcurrentCalls")
    again = place.run("voicecall", "config", "unset", "maxConcurrentCalls")

    assert found.out == f"{host}\n"
    assert (everything.json["maxConcurrentCalls"], hidden.out) == (3, "***\n")
    assert secret not in everything.out + everything.err
    assert changed.out == f"{long_key} is written to {host}\n"
    assert (refused.code, "plugins.entries.voice-call.config.maxDurationSeconds" in refused.err) == (1, True)
    assert short.out == "7\n"
    assert removed.out == f"maxConcurrentCalls is removed from {host}\n"
    assert (again.code, again.out, again.err) == (0, "", "voicecall: maxConcurrentCalls was not set\n")
    del config["maxConcurrentCalls"]
    assert json.loads(host.read_text()) == document


def test_a_wrong_file_does_not_keep_people_from_looking(tmp_path: Path) -> None:
    place = Place.made(tmp_path, "{")

    listed = place.run("voicecall", "history", "--json")

    assert (listed.code, listed.json) == (0, {"calls": []})
    assert listed.err.splitlines()[-1] == "voicecall: going on with the built-in settings"


def test_switched_off_settings_are_told_by_every_program(tmp_path: Path) -> None:
    ran, _ = met_by_all(Place.made(tmp_path, {"enabled": False}))

    assert [(each.code, each.out) for each in ran] == [(1, "")] * 4
    assert all("disabled in plugin config; set `enabled` to true" in each.err for each in ran)
