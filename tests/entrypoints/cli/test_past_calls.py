"""`explain`, `replay`, `export` and `import`: what is done with calls that are over."""

import json
import stat
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.sample_values import opened
from voice_domain.effects import AskResponder
from voice_domain.events import Answered, Ended, Rang
from voice_domain.identity import CallId
from voice_domain.inputs import LineRang
from voice_domain.ports.event_store import Ruling
from voice_domain.vocabulary import EndReason
from voice_entrypoints.cli.main import run
from voice_entrypoints.embed import open_voicecall

pytestmark = pytest.mark.real_time

SETTINGS = {"mock": {"realtime": False, "script": [{"afterMs": 1, "say": "Yes."}, {"hangUp": True}]}}


async def _live(home: Path) -> str:
    async with open_voicecall(SETTINGS, home=home) as phone, phone.subscribe() as updates:
        call = await phone.call(to="+15550005678", message="Is it you?", mode="conversation")
        async for update in updates:
            if isinstance(update.event, Ended):
                break
        return call.call_id


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A state folder with one call, and the call's id."""
    home = tmp_path_factory.mktemp("home")
    return home, anyio.run(_live, home)


@pytest.fixture
def call_id(lived: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(lived[0]))
    return lived[1]


def printed_json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_call_is_explained_to_a_person(call_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", call_id]) == 0

    text = capsys.readouterr().out
    for title in ("WHAT HAPPENED", "WHO OWED WHAT TO WHOM", "VERDICTS", "WHERE THE TIME", "COST"):
        assert title in text
    assert "they said: Yes." in text
    assert "on dial accepted" in text
    assert "-> dial, start timer ring" in text
    assert "the answer to turn 1" in text
    assert "dialVerdict: allowed" in text
    assert "+15550005678" not in text


def test_a_call_is_explained_in_the_language_of_the_terminal(
    call_id: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert run(["explain", call_id]) == 0

    text = capsys.readouterr().out
    assert "dialVerdict: 允许" in text
    assert "-> 拨号、启动定时器 振铃、" in text
    assert "第 1 轮的回答" in text


def test_a_call_is_explained_to_a_program(call_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", call_id, "--json"]) == 0

    told = printed_json(capsys)
    assert told["call"]["callId"] == call_id
    assert told["moments"][0]["ordered"][0] == "dial"
    assert all(debt["until"] is not None for debt in told["debts"])
    assert told["turns"][0]["totalMs"] == sum(told["turns"][0]["parts"].values())
    assert told["billedSeconds"] > 0


def test_the_decisions_of_a_call_come_out_as_they_did(
    call_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", call_id, "--json"]) == 0

    told = printed_json(capsys)
    assert (told["same"], told["undecided"]) == (True, 0)
    assert told["decisions"] > 8


def test_an_exported_call_is_the_same_call_elsewhere(
    call_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "calls.jsonl"
    assert run(["export", "--call-id", call_id, "--out", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(["status", "--call-id", call_id, "--json"]) == 0
    here = printed_json(capsys)
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / "elsewhere"))

    assert run(["import", str(file)]) == 0
    assert run(["import", str(file), "--json"]) == 0
    assert '"known": 1' in capsys.readouterr().out
    assert run(["status", "--call-id", call_id, "--json"]) == 0
    assert printed_json(capsys) == here
    assert run(["replay", call_id]) == 0
    assert "came out as they had" in capsys.readouterr().out


def test_all_calls_are_exported_to_stdout(call_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export"]) == 0

    printed = capsys.readouterr()
    assert [json.loads(line)["call"]["callId"] for line in printed.out.splitlines()] == [call_id]
    assert "1 calls exported" in printed.err


def test_a_file_that_exists_is_not_overwritten(
    call_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("precious")

    assert run(["export", "--out", str(tmp_path / "mine")]) == 1
    assert "File exists; name another file" in capsys.readouterr().err
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.parametrize("command", ["explain", "replay"])
def test_an_unknown_call_is_told(command: str, call_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "nobody"]) == 1
    assert "Call not found: nobody" in capsys.readouterr().err


def test_lines_that_are_wrong_are_named_and_the_others_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / "state"))
    record = {"callId": "a", "provider": "mock", "from": "+15550001234", "to": "+15550005678", "startedAt": 1}
    (tmp_path / "calls.jsonl").write_text(f"{json.dumps(record)}\nnonsense\n")

    assert run(["import", str(tmp_path / "calls.jsonl")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "1 calls imported, 0 were here already\n"
    assert "calls.jsonl, line 2: it is no JSON" in printed.err
    assert run(["import", str(tmp_path / "none")]) == 1
    assert "No such file" in capsys.readouterr().err


async def _keep_with_a_difference(home: Path) -> None:
    call_id = CallId("odd")
    async with SqliteStore(home / "voice-calls" / "calls.sqlite3") as store:
        events = (opened(call_id), Rang(1_010, "r"), Answered(1_020))
        rung = Ruling(1, 1_010, LineRang(1_010, "r"), 1, (AskResponder(3),))
        await store.append(call_id, events, expected_version=0, rulings=(rung,))
        await store.append(call_id, (Ended(1_030, EndReason.TIMEOUT),), expected_version=3)


def test_a_decision_that_comes_out_otherwise_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path))
    anyio.run(partial(_keep_with_a_difference, tmp_path))

    assert run(["replay", "odd"]) == 1
    text = capsys.readouterr().out
    assert "then the one on LineRang at event 1 did not" in text
    assert "kept: Rang, AskResponder" in text
    assert "now:  Rang\n" in text
    assert run(["replay", "odd", "--json"]) == 1
    assert printed_json(capsys)["difference"]["given"] == "LineRang"
