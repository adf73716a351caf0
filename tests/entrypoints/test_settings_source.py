"""Where settings come from: the state folder, the files in their order, secrets in files."""

import stat
from pathlib import Path
from typing import Any

import pytest

from voice_contracts.secret import Secret
from voice_contracts.settings_report import InvalidSettingsError
from voice_entrypoints.json5_source import SettingsFileError
from voice_entrypoints.settings_source import StateFolderError, find_source, home, load_settings

FLAT = "{maxDurationSeconds: 77}"
NESTED = '{plugins: {entries: {"voice-call": {config: {maxDurationSeconds: %d}}}}}'


@pytest.fixture
def user(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_state_folder_is_made_for_its_owner_only(tmp_path: Path, user: dict[str, str]) -> None:
    folder = home(user)

    assert folder == tmp_path / ".voicecall"
    assert mode_of(folder) == 0o700


def test_the_state_folder_may_be_elsewhere(tmp_path: Path, user: dict[str, str]) -> None:
    assert home({**user, "VOICECALL_HOME": str(tmp_path / "a" / "b")}) == tmp_path / "a" / "b"
    assert home({**user, "VOICECALL_HOME": "~/other"}) == tmp_path / "other"
    assert home({**user, "VOICECALL_HOME": " "}) == tmp_path / ".voicecall"


def test_a_state_folder_that_others_can_enter_is_closed(tmp_path: Path, user: dict[str, str]) -> None:
    (tmp_path / ".voicecall").mkdir(mode=0o755)

    assert mode_of(home(user)) == 0o700


def test_a_file_in_place_of_the_state_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "file", "")

    with pytest.raises(StateFolderError, match=r"it is not a folder; set VOICECALL_HOME to another folder"):
        home({"VOICECALL_HOME": str(tmp_path / "file")})
    with pytest.raises(StateFolderError, match=r"Not a directory; set VOICECALL_HOME"):
        home({"VOICECALL_HOME": str(tmp_path / "file" / "below")})


def test_without_any_file_the_defaults_hold(user: dict[str, str], tmp_path: Path) -> None:
    loaded = load_settings(None, user)

    assert loaded.path is None
    assert loaded.document == {}
    assert loaded.settings.provider == "mock"
    assert find_source(None, user).target == tmp_path / ".voicecall" / "config.json5"


def test_files_are_looked_for_in_their_order(tmp_path: Path, user: dict[str, str]) -> None:
    found: list[tuple[Path | None, int]] = []
    steps: list[tuple[Path, str]] = [
        (tmp_path / ".clawdbot" / "config.json", NESTED % 1),
        (tmp_path / ".moltbot" / "moltbot.json", NESTED % 2),
        (tmp_path / ".openclaw" / "openclaw.json", NESTED % 3),
        (tmp_path / ".voicecall" / "config.json5", FLAT),
    ]

    for path, text in steps:
        write(path, text)
        loaded = load_settings(None, user)
        found.append((loaded.path, loaded.settings.max_duration_seconds))

    assert found == [(path, seconds) for (path, _), seconds in zip(steps, (1, 2, 3, 77), strict=True)]
    named = write(tmp_path / "env.json5", "{maxDurationSeconds: 5}")
    given = write(tmp_path / "given.json5", "{maxDurationSeconds: 6}")
    assert load_settings(None, {**user, "VOICECALL_CONFIG": str(named)}).settings.max_duration_seconds == 5
    assert load_settings(given, {**user, "VOICECALL_CONFIG": str(named)}).settings.max_duration_seconds == 6


def test_a_hosts_file_without_our_entry_is_passed_over(tmp_path: Path, user: dict[str, str]) -> None:
    write(tmp_path / ".openclaw" / "openclaw.json", "{agents: {}, plugins: {entries: {}}}")
    write(tmp_path / ".clawdbot" / "config.json", NESTED % 9)

    assert load_settings(None, user).settings.max_duration_seconds == 9


def test_the_state_folder_that_is_named_holds_the_file(tmp_path: Path, user: dict[str, str]) -> None:
    write(tmp_path / ".voicecall" / "config.json5", FLAT)
    write(tmp_path / "other" / "config.json5", "{maxDurationSeconds: 8}")

    loaded = load_settings(None, {**user, "VOICECALL_HOME": str(tmp_path / "other")})

    assert loaded.settings.max_duration_seconds == 8


@pytest.mark.parametrize("variable", ["given", "VOICECALL_CONFIG"])
def test_a_named_file_that_is_missing_is_an_error(
    tmp_path: Path, user: dict[str, str], variable: str
) -> None:
    missing = tmp_path / "none.json5"
    path = missing if variable == "given" else None

    with pytest.raises(SettingsFileError) as caught:
        load_settings(path, {**user, variable: str(missing)})

    assert str(caught.value) == f"{missing}: there is no such settings file; correct the path, or create it"


def test_problems_of_the_file_are_raised_together(tmp_path: Path, user: dict[str, str]) -> None:
    path = write(tmp_path / "c.json5", "{provider: 'plivo', serve: {prot: 1}}")

    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(path, user)

    assert len(caught.value.problems) == 4


def test_warnings_come_with_the_settings(tmp_path: Path, user: dict[str, str]) -> None:
    path = write(tmp_path / "c.json5", "{provider: 'log'}")

    assert load_settings(path, user).warnings == ('provider: "log" is an old word; write "mock" instead',)


@pytest.mark.parametrize("name", ["token", "~/token", "absolute"])
def test_secrets_are_read_from_the_files_that_references_name(
    tmp_path: Path, user: dict[str, str], name: str
) -> None:
    token = write(tmp_path / "token", "s3cret\n")
    reference = str(token) if name == "absolute" else name
    plivo = f"{{authId: 'a', authToken: {{source: 'file', id: '{reference}'}}}}"
    text = f"{{provider: 'plivo', fromNumber: '+15550001234', plivo: {plivo}}}"

    loaded = load_settings(write(tmp_path / "c.json5", text), user)

    assert loaded.settings.plivo.auth_token == Secret("s3cret")
    assert "s3cret" not in repr(loaded)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xff", b"x" * 100_000])
def test_a_secret_file_that_holds_no_secret_is_a_problem(
    tmp_path: Path, user: dict[str, str], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    path = write(tmp_path / "c.json5", "{tts: {openai: {apiKey: {source: 'file', id: 'token'}}}}")

    with pytest.raises(
        InvalidSettingsError, match=r"tts.openai.apiKey: the secret reference file:default:token"
    ):
        load_settings(path, user)


def test_a_source_shows_no_value_of_the_file(tmp_path: Path, user: dict[str, str]) -> None:
    path = write(tmp_path / "c.json5", "{twilio: {authToken: 's3cret'}}")
    shown: Any = (repr(find_source(path, user)), repr(load_settings(path, user)))

    assert all("s3cret" not in text for text in shown)
