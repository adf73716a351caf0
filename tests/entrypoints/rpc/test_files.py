"""The token file and the discovery file."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from voice_entrypoints.rpc.discovery import (
    FILE_NAME,
    Gateway,
    find_gateway,
    publish_gateway,
    read_gateway,
    withdraw_gateway,
)
from voice_entrypoints.rpc.token_file import TokenFileError, keep_token, read_token, token_path


def gateway(pid: int) -> Gateway:
    return Gateway(
        pid=pid,
        api_url="http://127.0.0.1:1",
        webhook_url="http://127.0.0.1:2/hook",
        public_url=None,
        callback_url=None,
        started_at=5,
    )


def dead_pid() -> int:
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return int(ended.stdout)


def test_a_token_is_made_once_with_256_bits_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "api-token"
    first, second = keep_token(path), keep_token(path)

    assert first == second
    assert len(first.reveal()) == 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["api-token"]


def test_a_token_that_is_there_is_used(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("my-own-token-with-enough-bits\n")
    path.chmod(0o400)

    assert keep_token(path).reveal() == "my-own-token-with-enough-bits"


def test_processes_that_begin_at_once_agree_on_one_token(tmp_path: Path) -> None:
    path = tmp_path / "token"
    script = (
        "import sys; from pathlib import Path; from voice_entrypoints.rpc.token_file import keep_token; "
        "print(keep_token(Path(sys.argv[1])).reveal())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    tokens = {process.communicate()[0] for process in running}

    assert len(tokens) == 1
    assert [process.returncode for process in running] == [0, 0, 0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_token_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    path.write_text("t" * 43)
    path.chmod(mode)

    with pytest.raises(TokenFileError, match="chmod 600") as caught:
        read_token(path)
    assert "t" * 43 not in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", "short"])
def test_a_file_without_a_token_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(TokenFileError, match="delete it"):
        keep_token(path)


def test_a_token_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(TokenFileError, match=r"cannot be created .*; make its folder one that"):
        keep_token(tmp_path / "file" / "token")
    with pytest.raises(TokenFileError, match=r"cannot be created .*; set api.tokenFile"):
        keep_token(tmp_path / "file" / "token", otherwise="set api.tokenFile")


def test_the_token_is_where_the_settings_say_else_in_the_state_folder(tmp_path: Path) -> None:
    assert token_path(tmp_path, None) == tmp_path / "api-token"
    assert token_path(tmp_path, "~/t") == Path.home() / "t"


def test_a_gateway_is_found_while_it_is_published(tmp_path: Path) -> None:
    published = gateway(os.getpid())
    publish_gateway(tmp_path, published)

    assert find_gateway(tmp_path) == published
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert json.loads((tmp_path / FILE_NAME).read_text()) == {
        "pid": os.getpid(),
        "apiUrl": "http://127.0.0.1:1",
        "webhookUrl": "http://127.0.0.1:2/hook",
        "publicUrl": None,
        "callbackUrl": None,
        "startedAt": 5,
    }
    withdraw_gateway(tmp_path, pid=os.getpid())
    assert list(tmp_path.iterdir()) == []


def test_a_dead_gateways_file_is_stale_and_is_replaced(tmp_path: Path) -> None:
    publish_gateway(tmp_path, gateway(dead_pid()))
    assert find_gateway(tmp_path) is None
    assert read_gateway(tmp_path) is not None

    publish_gateway(tmp_path, gateway(os.getpid()))
    assert find_gateway(tmp_path) is not None


def test_another_gateways_file_is_not_removed(tmp_path: Path) -> None:
    publish_gateway(tmp_path, gateway(os.getpid()))
    withdraw_gateway(tmp_path, pid=os.getpid() + 1)

    assert find_gateway(tmp_path) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x"}', '{"pid": 0, "apiUrl": "a"}', "\x00"])
def test_a_file_that_makes_no_sense_is_no_gateway(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)

    assert find_gateway(tmp_path) is None
