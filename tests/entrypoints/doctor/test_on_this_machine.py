"""What the command finds on this machine: files, ports, programs, a gateway that runs, one that died."""

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from support.stand_in_program import StandIn, install_stand_in
from support.tailscale_stand_in import running

from voice_adapters.stores.pairing_file import PairingFile
from voice_domain.e164 import PhoneNumber
from voice_domain.pairing import PairingBook
from voice_entrypoints.cli.main import run
from voice_entrypoints.doctor.local_probes import judge_room
from voice_entrypoints.rpc.discovery import Gateway, publish_gateway

SECRET = "planted-token-0123456789"
QUIET = {"api": {"port": 0}, "serve": {"port": 0}}
TWILIO = {
    **QUIET,
    "provider": "twilio",
    "fromNumber": "+15550001234",
    "twilio": {"accountSid": "AC1", "authToken": SECRET, "apiBaseUrl": "http://127.0.0.1:9"},
}


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOICECALL_CONFIG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "ELEVENLABS_API_KEY",
        "XI_API_KEY",
        "NGROK_AUTHTOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / "home"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


class Told:
    """What the command said as JSON."""

    def __init__(self, code: int, told: Mapping[str, Any]) -> None:
        self.code = code
        self.ok: bool = told["ok"]
        self.checks: list[dict[str, Any]] = told["checks"]

    def of(self, subject: str) -> dict[str, Any]:
        return next(check for check in self.checks if check["id"] == subject)

    @property
    def failed(self) -> set[str]:
        return {check["id"] for check in self.checks if not check["ok"]}


def examined(tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Mapping[str, Any] = QUIET) -> Told:
    path = tmp_path / "settings.json5"
    path.write_text(json.dumps(settings))
    code = run(["doctor", "--config", str(path), "--json"])
    out = capsys.readouterr().out
    assert SECRET not in out
    return Told(code, json.loads(out))


def test_all_is_well_on_the_mock_carrier_without_settings(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["doctor"])

    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.startswith(("FAIL", "     "))]
    assert code == 0
    assert lines[0].startswith("OK    settings: every setting is understood: no settings file")
    assert list(home.iterdir()) == []


def test_a_chinese_terminal_is_told_in_chinese(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    home.chmod(0o755)

    run(["doctor"])

    out = capsys.readouterr().out
    assert (
        f"WARN  state-folder: 本机其他用户可以读取 {home}，其中保存了通话记录和令牌\n      请收紧权限" in out
    )


def test_every_wrong_setting_is_told_and_the_machine_is_looked_at_all_the_same(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = examined(tmp_path, capsys, {"provider": "twilio", "maxConcurrentCalls": 0})

    problems = [check["message"] for check in told.checks if check["id"] == "settings"]
    assert (told.code, told.ok) == (1, False)
    assert {"fromNumber", "maxConcurrentCalls", "twilio.accountSid", "twilio.authToken"} <= {
        word for problem in problems for word in problem.replace(":", " ").split()
    }
    assert told.of("settings")["remedy"].endswith("voicecall config unset maxConcurrentCalls")
    assert told.of("state-folder")["ok"]


def test_a_missing_key_of_aliyuns_has_the_words_that_its_users_look_up(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = examined(tmp_path, capsys, {"provider": "aliyun", "fromNumber": "+8657100000000"})

    messages = " ".join(check["message"] for check in told.checks)
    assert "AccessKey ID 是必需的" in messages
    assert "aliyun.accessKeyId is required" in messages


def test_a_file_that_cannot_be_read_is_a_finding(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "settings.json5"
    path.write_text("{ provider: ")

    code = run(["doctor", "--config", str(path)])

    assert code == 1
    assert capsys.readouterr().out.startswith("FAIL  settings: ")


def test_calls_that_are_switched_off_are_a_finding(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = examined(tmp_path, capsys, {**QUIET, "enabled": False})

    assert told.failed == {"settings"}
    assert told.of("settings")["remedy"] == "switch it on: voicecall config set enabled true"


def test_a_state_folder_that_is_a_file_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").write_text("")

    told = examined(tmp_path, capsys)

    assert told.failed == {"state-folder"}
    assert "it is not a folder" in told.of("state-folder")["message"]


def test_a_state_folder_that_does_not_exist_is_none_and_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = examined(tmp_path, capsys)

    assert told.of("state-folder")["message"].endswith("does not exist yet; the gateway makes it")
    assert not (tmp_path / "home").exists()


def test_a_port_of_another_program_is_a_finding(
    tmp_path: Path, home: Path, taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    told = examined(tmp_path, capsys, {"api": {"port": taken}, "serve": {"port": 0}})

    assert told.failed == {"api-port"}
    assert f"Port {taken} is in use" in told.of("api-port")["message"]
    assert told.of("api-port")["remedy"].endswith("voicecall config set api.port NUMBER")


@pytest.mark.parametrize(
    ("pid", "state", "word"), [(2**22 + 1, "warning", "left of a gateway"), (0, "failed", "nobody listens")]
)
def test_what_a_gateway_left_behind_is_a_finding(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], pid: int, state: str, word: str
) -> None:
    closed = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    closed.close()
    gateway = Gateway(
        pid=pid or os.getpid(), api_url=url, webhook_url=url, public_url=None, callback_url=None, started_at=1
    )
    publish_gateway(home, gateway)

    told = examined(tmp_path, capsys)

    assert told.of("gateway")["ok"] is (state == "warning")
    assert word in told.of("gateway")["message"]
    assert told.of("gateway")["remedy"]


@pytest.mark.parametrize(
    ("free", "state"),
    [(10 << 20, "failed"), (500 << 20, "warning"), (5 << 30, "ok")],
    ids=["full", "low", "enough"],
)
def test_the_room_on_a_disk_is_judged(free: int, state: str) -> None:
    assert judge_room(free).state == state


async def _wait_for_approval(home: Path) -> None:
    def ask(book: PairingBook) -> PairingBook:
        return book.ask(PhoneNumber("+15550005678"), code="123456", now_ms=time.time_ns() // 1_000_000)[0]

    await PairingFile(home / "pairing.json").change(ask)


def test_who_waits_to_call_is_told(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = examined(tmp_path, capsys, {**QUIET, "inboundPolicy": "pairing"})
    anyio.run(_wait_for_approval, home)
    one = examined(tmp_path, capsys, {**QUIET, "inboundPolicy": "pairing"})
    (home / "pairing.json").write_text("{")
    damaged = examined(tmp_path, capsys, {**QUIET, "inboundPolicy": "pairing"})
    empty = examined(tmp_path, capsys, {**QUIET, "inboundPolicy": "allowlist"})

    assert nobody.of("pairing")["message"] == "0 callers are approved, nobody waits"
    assert one.of("pairing")["message"] == "1 callers heard a code and wait; 0 are approved"
    assert "123456" not in json.dumps(one.checks)
    assert damaged.failed == {"pairing"}
    assert "allowFrom is empty" in empty.of("pairing")["message"]
    assert empty.ok


@pytest.fixture
def ngrok(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = install_stand_in(tmp_path / "bin", "ngrok")
    monkeypatch.setenv("PATH", made.environ()["PATH"])
    return made


@pytest.mark.parametrize(
    "case",
    [
        ("version: 2\n", {}, {"tunnel"}),
        ("authtoken: x\n", {}, set()),
        ("", {"ngrokAuthToken": SECRET}, set()),
    ],
    ids=["without a token", "token in its file", "token in the settings"],
)
def test_an_ngrok_without_an_account_is_a_finding(
    tmp_path: Path,
    ngrok: StandIn,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, dict[str, str], set[str]],
) -> None:
    file, more, failed = case
    (tmp_path / "ngrok.yml").write_text(file)
    ngrok.keep([[{"say": f"Valid configuration file at {tmp_path / 'ngrok.yml'}"}, {"exit": 0}]])

    told = examined(tmp_path, capsys, {**QUIET, "tunnel": {"provider": "ngrok", **more}})

    assert told.failed == failed
    assert [start.arguments for start in ngrok.starts()] == [["config", "check"]]
    assert all(SECRET not in json.dumps(start.environ) for start in ngrok.starts())


def test_a_tailscale_that_nobody_is_logged_in_to_is_a_finding(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tailscale = install_stand_in(tmp_path / "bin", "tailscale")
    tailscale.keep({**running(), "status": {"BackendState": "NeedsLogin"}})
    monkeypatch.setenv("PATH", tailscale.environ()["PATH"])

    told = examined(tmp_path, capsys, {**QUIET, "tunnel": {"provider": "tailscale-funnel"}})

    assert told.failed == {"tunnel"}
    assert told.of("tunnel")["message"].endswith("Tailscale is not logged in")
    assert told.of("tunnel")["remedy"] == "run `tailscale up`"
