"""Programs that are asked to stop, or lose whoever reads them, while a call is up: the call is ended and recorded."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.gateway import PATIENCE_SECONDS, started_gateway
from support.stranger import Api, Place, eventually

SETTINGS: dict[str, Any] = {
    "api": {"port": 0},
    "serve": {"port": 0},
    "recording": {"enabled": False},
    "mock": {"ringMs": 1, "answerMs": 2},
}
TALK = ("voicecall", "call", "--to", "+15550005678", "--message", "Hello. " * 50, "--mode", "conversation")
INITIATE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "voicecall.initiate",
    "params": {"to": "+15550005678", "message": "Hello. " * 50, "mode": "conversation"},
}


def hear(process: subprocess.Popen[str], words: str) -> str:
    """Read what a program prints until a line has *words*; return that line."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it ended without {words!r}")


def only_record(place: Place) -> dict[str, Any]:
    (record,) = place.run("voicecall", "history", "--json").json["calls"]
    assert record["endedAt"] >= record["startedAt"]
    return dict(record)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_call_is_hung_up_when_its_program_is_asked_to_stop(tmp_path: Path, asked: signal.Signals) -> None:
    place = Place.made(tmp_path, SETTINGS)
    calling = place.start(*TALK, before=_heed_hang_up)
    hear(calling, "they begin to hear us")

    calling.send_signal(asked)
    out, err = calling.communicate(timeout=PATIENCE_SECONDS)

    assert calling.returncode == 1
    assert "ended: hangup-bot" in out
    assert err.splitlines()[-1] == "voicecall: hanging up; press Ctrl-C again to leave at once"
    record = only_record(place)
    assert (record["state"], record["transcript"][0]["interrupted"]) == ("hangup-bot", True)


def test_a_terminal_that_may_be_lost_ends_nothing(tmp_path: Path) -> None:
    place = Place.made(tmp_path, {**SETTINGS, "outbound": {"notifyHangupDelaySec": 0}})
    calling = place.start(
        *("voicecall", "call", "--to", "+15550005678", "--message", "Nobody stops me."),
        before=_ignore_hang_up,
    )
    hear(calling, "they begin to hear us")

    calling.send_signal(signal.SIGHUP)
    out, _ = calling.communicate(timeout=PATIENCE_SECONDS)

    assert (calling.returncode, "ended: completed" in out) == (0, True)


def _heed_hang_up() -> None:
    # Whoever runs these tests may have told its own programs to ignore it.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _ignore_hang_up() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _nothing(_: subprocess.Popen[str]) -> None:
    return


def _close_input(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (_close_input, 0),
        (lambda process: process.send_signal(signal.SIGTERM), 143),
        (lambda process: process.send_signal(signal.SIGINT), 130),
    ],
)
def test_a_pipe_of_json_rpc_hangs_up_before_it_leaves(
    tmp_path: Path, leave: Callable[[subprocess.Popen[str]], None], code: int
) -> None:
    place = Place.made(tmp_path, SETTINGS)
    serving = place.start("voicecall-rpc")
    assert serving.stdin is not None
    assert serving.stdout is not None
    serving.stdin.write(json.dumps(INITIATE) + "\n")
    serving.stdin.flush()
    placed = json.loads(serving.stdout.readline())

    leave(serving)
    out, err = serving.communicate(timeout=PATIENCE_SECONDS)

    assert (serving.returncode, out, err) == (code, "", "")
    record = only_record(place)
    assert (record["callId"], record["state"]) == (placed["result"]["callId"], "hangup-bot")


GARBAGE = (
    b"garbage",
    b"\xff\xfe\xfd",
    b"[" * 100_000,
    b'"' + b"x" * (1 << 20) + b'"',
    b'{"jsonrpc":"2.0","id":9,"method":"voicecall.nothing"}',
    b'{"jsonrpc":"2.0","method":"voicecall.status"}',
    b"",
    b'{"jsonrpc":"2.0","id":10,"method":"voicecall.status"}',
)


@pytest.mark.parametrize("with_gateway", [False, True])
def test_garbage_in_a_pipe_of_json_rpc_is_answered_line_by_line(
    tmp_path: Path, *, with_gateway: bool
) -> None:
    if with_gateway:
        with started_gateway(tmp_path / "state", SETTINGS) as gateway:
            asked = Place(gateway.home).run("voicecall-rpc", given=b"\n".join(GARBAGE))
        assert "Traceback" not in (gateway.home / "stderr.txt").read_text()
    else:
        asked = Place.made(tmp_path, SETTINGS).run("voicecall-rpc", given=b"\n".join(GARBAGE))

    answers = [json.loads(line) for line in asked.out.splitlines()]
    without_id = [answer["error"]["code"] for answer in answers if answer["id"] is None]
    named = {answer["id"]: answer for answer in answers if answer["id"] is not None}
    assert (asked.code, asked.err) == (0, "")
    assert sorted(without_id) == [-32700, -32700, -32700, -32600]
    assert "A message may have 1048576 bytes; send less at once" in asked.out
    assert named[9]["error"]["code"] == -32601
    assert named[10]["result"] == {"calls": []}
    assert len(answers) == 6


def test_a_pipe_of_json_rpc_says_when_its_gateway_goes(tmp_path: Path) -> None:
    with started_gateway(tmp_path / "state", SETTINGS, code=-signal.SIGKILL) as gateway:
        relaying = Place(gateway.home).start("voicecall-rpc")
        assert relaying.stdin is not None
        assert relaying.stdout is not None
        relaying.stdin.write('{"jsonrpc":"2.0","id":1,"method":"voicecall.status"}\n')
        relaying.stdin.flush()
        answer = relaying.stdout.readline()
        gateway.process.kill()
        assert relaying.stderr is not None
        err = relaying.stderr.read()
        out, _ = relaying.communicate(timeout=PATIENCE_SECONDS)

    assert json.loads(answer)["result"] == {"calls": []}
    assert (relaying.returncode, out) == (3, "")
    assert err == (
        f"error: No gateway is reachable: process {gateway.process.pid} closed the connection;"
        " start one with `voicecall serve`\n"
    )


def test_a_reader_that_goes_away_ends_what_it_read(tmp_path: Path) -> None:
    place = Place.made(tmp_path, {**SETTINGS, "mock": {"outcome": "busy", "ringMs": 1, "answerMs": 2}})
    place.run("voicecall", "call", "--to", "+15550005678", "--message", "Hi.")
    tail = place.start("voicecall", "tail")
    assert tail.stdout is not None

    hear(tail, "outbound call")
    tail.stdout.close()  # nothing more happens that could be written

    assert tail.wait(timeout=PATIENCE_SECONDS) == 0
    assert tail.stderr is not None
    assert tail.stderr.read() == ""
    tail.stderr.close()
    assert tail.stdin is not None
    tail.stdin.close()


def test_a_gateway_lets_calls_finish_says_goodbye_and_is_not_ready_meanwhile(tmp_path: Path) -> None:
    quick = {"serve": {"port": 0, "drainSeconds": 1}, "mock": {**SETTINGS["mock"], "realtime": False}}
    with started_gateway(tmp_path / "state", {**SETTINGS, **quick}) as gateway:
        api = Api(gateway)
        call_id = api.place()
        api.reach(call_id, ("listening",))
        gateway.process.terminate()
        ready = eventually(lambda: answer if (answer := api.get("/readyz")).status_code != 200 else None)
        refused = api.refusal("initiate", to="+15550005678", message="Hi.")
        healthy = api.get("/healthz").status_code
        gateway.process.wait(timeout=PATIENCE_SECONDS)

    assert (ready.status_code, ready.json()["problem"].startswith("draining")) == (503, True)
    assert (refused[0], refused[1], healthy) == (-32008, "unavailable", 200)
    record = only_record(Place(gateway.home))
    assert record["state"] == "hangup-bot"
    assert record["transcript"][-1]["text"].endswith("Goodbye.")
    assert not (gateway.home / "gateway.json").exists()


def test_a_gateway_says_that_it_drains_and_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with started_gateway(
        tmp_path / "state", {**SETTINGS, "serve": {"port": 0, "drainSeconds": 600}}
    ) as gateway:
        api = Api(gateway)
        call_id = api.place()
        api.reach(call_id, ("listening",))
        before = api.ask("status")
        gateway.process.terminate()
        eventually(lambda: api.get("/readyz").status_code == 503)
        told, shown = api.ask("status"), Place(gateway.home).run("voicecall", "status")
        gateway.process.terminate()
        gateway.process.wait(timeout=PATIENCE_SECONDS)

    record = only_record(Place(gateway.home))
    assert (record["state"], len(record["transcript"])) == ("hangup-bot", 1)
    assert "problem" not in before
    assert told["problem"] == "draining: no new calls are taken"
    assert [call["callId"] for call in told["calls"]] == [call_id]
    assert "takes no new calls; draining" in shown.err
    assert call_id in shown.out
