"""The programs `voicecall-http` and `voicecall-rpc`, as processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voice_entrypoints.http import main as http_main
from voice_entrypoints.mcp import main as mcp_main
from voice_entrypoints.rpc import main as rpc_main
from voice_entrypoints.rpc.discovery import FILE_NAME

HTTP = (sys.executable, "-m", "voice_entrypoints.http.main")
RPC = (sys.executable, "-m", "voice_entrypoints.rpc.main")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    settings = {
        "serve": {"port": 0, "drainSeconds": 1},
        "api": {"port": 0},
        "mock": {"ringMs": 1, "answerMs": 2, "realtime": False},
    }
    (folder / "config.json5").write_text(json.dumps(settings))
    return folder


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, **bare(home), "HOME": str(home)}


def bare(home: Path) -> dict[str, str]:
    """What a service manager gives, and where our packages are: no HOME, no PATH, no language."""
    return {"VOICECALL_HOME": str(home), "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}


def ask(home: Path, *messages: Any) -> subprocess.CompletedProcess[str]:
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    return subprocess.run(
        RPC, input=lines, env=environment(home), capture_output=True, text=True, timeout=120, check=False
    )


def request(method: str, request_id: int = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


@pytest.fixture
def gateway(home: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        HTTP, env=bare(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_gateway_says_when_it_is_ready_shares_its_phone_and_stops_cleanly(
    home: Path, gateway: subprocess.Popen[str]
) -> None:
    assert gateway.stdout is not None
    ready = gateway.stdout.readline().split()
    found = json.loads((home / FILE_NAME).read_text())
    second = subprocess.run(
        HTTP, env=environment(home), capture_output=True, text=True, timeout=120, check=False
    )
    # The carrier's secrets are the gateway's: whoever shares its phone need not have them.
    (home / "config.json5").write_text("{provider: 'twilio'}")
    shared = ask(home, request("voicecall.subscribe"), request("voicecall.status", 2))
    gateway.send_signal(signal.SIGTERM)
    _, errors = gateway.communicate(timeout=120)

    assert ready == ["ready", found["apiUrl"], found["webhookUrl"]]
    assert found["pid"] == gateway.pid
    answers = [json.loads(line) for line in shared.stdout.splitlines()]
    assert sorted(answer["id"] for answer in answers) == [1, 2]
    assert shared.stderr == ""
    assert (second.returncode, second.stdout) == (1, "")
    assert str(gateway.pid) in second.stderr
    assert gateway.returncode == 0
    assert not (home / FILE_NAME).exists()
    assert "Traceback" not in errors + second.stderr + shared.stderr


def test_without_a_gateway_voicecall_rpc_has_a_phone_of_its_own(home: Path) -> None:
    asked = ask(
        home,
        request("voicecall.initiate", 1, to="+15550005678", message="Hello"),
        {"jsonrpc": "2.0", "method": "voicecall.status"},
        "garbage",
    )

    answers = {str(answer["id"]): answer for answer in map(json.loads, asked.stdout.splitlines())}
    assert answers["1"]["result"]["initiated"] is True
    assert answers["None"]["error"]["code"] == -32600
    assert (asked.returncode, "Traceback" in asked.stderr) == (0, False)


@pytest.mark.parametrize("main", [http_main.main, rpc_main.main])
def test_wrong_settings_are_one_sentence_and_exit_code_1(
    main: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json5"
    broken.write_text("{serve: {prot: 1}}")

    assert main(["--config", str(broken)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "serve.port" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("main", "about"),
    [
        (http_main.main, "运行网关。"),
        (rpc_main.main, "标准输入输出上的 JSON-RPC 2.0，每行一条消息。"),
        (mcp_main.main, "通过标准输入输出上的 MCP 提供智能体工具 voice_call。"),
    ],
)
def test_help_and_wrong_usage_are_in_the_language_of_the_terminal(
    main: Any, about: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    with pytest.raises(SystemExit) as helped:
        main(["--help"])
    page = capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        main(["--confi"])
    told = capsys.readouterr().err

    assert (helped.value.code, refused.value.code) == (0, 2)
    assert page.startswith("用法：voicecall-")
    assert about in page
    assert "\n选项：\n" in page
    assert "显示本帮助并退出" in page
    assert told.splitlines()[-1] == "错误：参数 --config 需要一个值"
