"""The program as people start it: terminals, pipes, signals, a gateway."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pytest
from support.gateway import PATIENCE_SECONDS

CALLEE = "+15550005678"
_PROGRAM = (sys.executable, "-m", "voice_entrypoints.cli.main")


@attrs.frozen
class Machine:
    """A state folder of its own, and the program."""

    home: Path
    environ: Mapping[str, str]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        return subprocess.run(
            [*_PROGRAM, *words],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the program."""
        return subprocess.Popen(
            [*_PROGRAM, *words],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def settings(self, document: object) -> None:
        """Write the settings file."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        (self.home / "config.json5").write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("VOICECALL", "LC_"))},
        "HOME": str(tmp_path),
        "VOICECALL_HOME": str(tmp_path / "state"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    return Machine(tmp_path / "state", environ)


@pytest.fixture
def gateway(machine: Machine) -> Iterator[Machine]:
    """A machine on which a gateway runs."""
    # Said again and again, so that it does not matter how long it takes until somebody asks and listens.
    script = [{"afterMs": 1_500, "say": "Yes, please."}] * 40
    machine.settings({"serve": {"port": 0}, "api": {"port": 0}, "mock": {"script": script}})
    serving = machine.start("serve")
    assert serving.stdout is not None
    assert re.fullmatch(r"ready http://\S+ http://\S+\n", serving.stdout.readline())
    yield machine
    serving.send_signal(signal.SIGINT)
    _, errors = serving.communicate(timeout=PATIENCE_SECONDS)
    assert serving.returncode == 0, errors


def on_a_terminal(machine: Machine, *words: str, columns: int = 80) -> tuple[str, int]:
    """Run the program on a pseudo-terminal; return what it drew, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = subprocess.Popen(
        [*_PROGRAM, *words], env=machine.environ, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    drawn = bytearray()
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline and select.select([ours], [], [], PATIENCE_SECONDS)[0]:
            drawn += os.read(ours, 65_536)
    except OSError:
        pass  # the program has closed its side: it is done
    finally:
        os.close(ours)
    return drawn.decode(), running.wait(timeout=PATIENCE_SECONDS)


def test_the_demonstration_on_a_chinese_terminal(machine: Machine) -> None:
    plain = {name: value for name, value in machine.environ.items() if name != "NO_COLOR"}
    chinese = attrs.evolve(machine, environ={**plain, "LC_ALL": "zh_CN.UTF-8"})

    drawn, code = on_a_terminal(chinese, "demo")

    assert code == 0, drawn[-2_000:]
    live, _, summary = drawn.rpartition("\x1b[?25h")
    assert "我方说话" in live
    assert "话语权：对方" in live
    assert "\x1b[2;36m" in live  # what is being said is dim
    assert "——被打断" in live
    assert live.count("\x1b[2K") > 100
    assert "您好，枫叶牙科提醒您：明天上午十点看牙。" in summary
    assert "轮数" in summary
    assert "：对方挂断" in summary
    assert "后续步骤：" in summary
    (recording,) = (machine.home / "recordings").glob("*.wav")
    assert recording.name in "".join(summary.split())
    assert "voicecall history" in summary


def test_a_call_without_a_gateway_is_carried_here_and_kept(machine: Machine) -> None:
    machine.settings({"outbound": {"notifyHangupDelaySec": 0}})

    done = machine.run("call", "--to", CALLEE, "--message", "Good morning.", "--wait", "--json")

    record = json.loads(done.stdout)
    assert (done.returncode, record["endReason"], record["mode"]) == (0, "completed", "notify")
    assert done.stderr == (
        "voicecall: no gateway runs: this process carries the call, and waits until it is over\n"
    )
    listed = json.loads(machine.run("history", "--json").stdout)["calls"]
    assert listed == [record]


def test_a_pipe_gets_a_line_for_each_event(machine: Machine) -> None:
    machine.settings({"mock": {"outcome": "busy"}})

    done = machine.run("call", "--to", CALLEE, "--message", "Good morning.")

    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3}  \w{8}  \w+", line) for line in lines[:-1])
    assert lines[-2].endswith("ended: busy")
    assert "\x1b" not in done.stdout


def test_ctrl_c_hangs_up_and_leaves_a_true_record(machine: Machine) -> None:
    machine.settings({"mock": {"answerMs": 0, "ringMs": 0}})
    calling = machine.start("call", "--to", CALLEE, "--message", "Hello. " * 100, "--mode", "conversation")
    assert calling.stdout is not None
    while "they begin to hear us" not in calling.stdout.readline():
        assert calling.poll() is None

    calling.send_signal(signal.SIGINT)
    _, errors = calling.communicate(timeout=PATIENCE_SECONDS)

    assert calling.returncode == 1
    assert "Traceback" not in errors
    assert "hanging up" in errors
    (record,) = json.loads(machine.run("history", "--json").stdout)["calls"]
    assert (record["state"], record["endReason"]) == ("hangup-bot", "hangup-bot")
    assert record["transcript"][0]["interrupted"] is True


def test_a_gateway_is_asked_by_every_command(gateway: Machine) -> None:
    placed = gateway.run(
        "call", "--to", CALLEE, "--message", "Is it you?", "--mode", "conversation", "--json"
    )
    call_id = json.loads(placed.stdout)["callId"]
    busy = gateway.run("call", "--to", CALLEE, "--message", "And you?", "--json")
    live = gateway.run("status", "--json")
    second = gateway.run("serve")
    ended = gateway.run("end", "--call-id", call_id, "--json")
    late = gateway.run("speak", "--call-id", call_id, "--message", "Hello?")
    found = gateway.run("status", "--call-id", call_id, "--json")

    assert (placed.returncode, placed.stderr) == (0, "")
    assert (busy.returncode, json.loads(busy.stdout)["error"]["kind"]) == (4, "limit_reached")
    assert [call["callId"] for call in json.loads(live.stdout)["calls"]] == [call_id]
    assert second.returncode == 1
    assert re.search(r"pid \d+", second.stderr)
    assert json.loads(ended.stdout) == {"success": True}
    assert late.returncode == 1
    assert json.loads(found.stdout)["endReason"] == "hangup-bot"


def test_a_client_needs_neither_the_carriers_secrets_nor_an_environment(gateway: Machine) -> None:
    gateway.settings({"provider": "twilio", "fromNumber": CALLEE, "twilio": {"accountSid": "AC1"}})
    bare = Machine(gateway.home, {"VOICECALL_HOME": str(gateway.home)})
    placed = bare.run("call", "--to", CALLEE, "--message", "Hello?", "--json")
    call_id = json.loads(placed.stdout)["callId"]

    done = [
        placed,
        bare.run("plan", "--to", CALLEE, "--json"),
        bare.run("status", "--call-id", call_id, "--config", str(gateway.home / "config.json5")),
        bare.run("end", "--call-id", call_id),
        bare.run("pairing", "list"),
    ]

    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * len(done)
    assert json.loads(done[1].stdout)["carrier"] == "mock"
    refused = bare.run("pairing", "approve", "123456")
    assert (refused.returncode, "123456" in refused.stderr) == (1, True)


def test_a_conversation_by_commands(gateway: Machine) -> None:
    call_id = json.loads(
        gateway.run("call", "-t", CALLEE, "-m", "Hello.", "--mode", "conversation", "--json").stdout
    )["callId"]
    tail = gateway.start("tail", "--call-id", call_id, "--json")
    assert tail.stdout is not None
    while json.loads(tail.stdout.readline())["type"] != "call.answered":
        assert tail.poll() is None

    heard = gateway.run("continue", "--call-id", call_id, "--message", "Would you like tea?", "--json")
    pressed = gateway.run("dtmf", "--call-id", call_id, "--digits", "1#")
    gateway.run("end", "--call-id", call_id)
    while json.loads(tail.stdout.readline())["type"] != "call.ended":
        assert tail.poll() is None
    tail.send_signal(signal.SIGINT)

    assert json.loads(heard.stdout) == {"success": True, "transcript": "Yes, please."}
    assert pressed.returncode == 0
    assert tail.wait(timeout=PATIENCE_SECONDS) == 0
    tail.communicate()


def test_a_closed_pipe_ends_quietly(machine: Machine) -> None:
    machine.settings({"mock": {"outcome": "busy"}})
    machine.run("call", "--to", CALLEE, "--message", "Good morning.")
    tail = machine.start("tail")
    assert tail.stdout is not None

    first = tail.stdout.readline()
    tail.stdout.close()
    machine.run("call", "--to", CALLEE, "--message", "Good morning.")

    assert "outbound call" in first
    assert tail.wait(timeout=PATIENCE_SECONDS) == 0
    assert tail.stderr is not None
    assert tail.stderr.read() == ""
    tail.stderr.close()


def test_a_stale_discovery_file_is_no_gateway(machine: Machine) -> None:
    machine.home.mkdir(mode=0o700)
    (machine.home / "gateway.json").write_text(
        json.dumps(
            {
                "pid": os.getpid(),
                "apiUrl": "http://127.0.0.1:1",
                "webhookUrl": "http://127.0.0.1:1/voice/webhook",
                "publicUrl": None,
                "callbackUrl": None,
                "startedAt": 0,
            }
        ),
        encoding="utf-8",
    )

    listed = machine.run("history", "--json")
    ended = machine.run("end", "--call-id", "x")

    assert (listed.returncode, json.loads(listed.stdout)) == (0, {"calls": []})
    assert ended.returncode == 3


def test_help_needs_neither_the_parser_nor_the_network(machine: Machine) -> None:
    program = "import sys; from voice_entrypoints.cli.main import run; run(['--help']); print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], env=machine.environ, capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"cyclopts", "rich", "httpx", "starlette", "numpy", "anyio", "asyncio"} & set(loaded)


def test_a_terminal_that_knows_few_characters_gets_the_others_replaced(machine: Machine) -> None:
    narrow = attrs.evolve(machine, environ={**machine.environ, "PYTHONIOENCODING": "ascii"})

    done = narrow.run("skill")

    assert done.returncode == 0
    assert "# Voice call" in done.stdout


def test_a_call_that_another_process_carries_is_seen_as_live(machine: Machine) -> None:
    machine.settings({"mock": {"outcome": "no-answer"}})
    calling = machine.start("call", "--to", CALLEE, "--message", "Hello.")
    assert calling.stdout is not None
    while "it rings" not in calling.stdout.readline():
        assert calling.poll() is None

    seen = machine.run("status", "--json")
    second = machine.run("call", "--to", CALLEE, "--message", "Hello.", "--json")
    calling.send_signal(signal.SIGTERM)
    calling.communicate(timeout=PATIENCE_SECONDS)

    assert [call["state"] for call in json.loads(seen.stdout)["calls"]] == ["ringing"]
    assert second.returncode == 1
    assert str(calling.pid) in json.loads(second.stdout)["error"]["message"]
    assert calling.returncode == 1
    (record,) = json.loads(machine.run("history", "--json").stdout)["calls"]
    assert record["endReason"] == "hangup-bot"
