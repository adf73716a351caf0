import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import pytest

from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.sample_values import opened
from voice_domain.events import UtteranceHeard
from voice_domain.identity import CallId

WRITER = Path(__file__).parent / "killed_writer.py"
ROUNDS = 10
Writer = subprocess.Popen[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite3"


@contextmanager
def running_writer(path: Path) -> Iterator[Writer]:
    with subprocess.Popen(
        [sys.executable, WRITER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as writer:
        yield writer
        assert writer.stdin is not None
        writer.stdin.close()
        assert writer.wait(20) == 0


def kept_before_kill(writer: Writer, round_: str, *, patience: int) -> Mapping[CallId, int]:
    """Let a round begin, kill it after *patience* reports, and return the versions that it reported as kept."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(f"{round_}\n")
    writer.stdin.flush()
    pid, kept = 0, {}
    for count, line in enumerate(writer.stdout):
        word, *rest = line.split()
        if word == "dead":
            break
        if word == "pid":
            pid = int(rest[0])
        else:
            kept[CallId(rest[0])] = int(rest[1])
        if count == patience:
            os.kill(pid, signal.SIGKILL)
    return kept


def test_kill_9_loses_nothing_that_was_acknowledged(path: Path) -> None:
    kept: dict[CallId, int] = {}
    with running_writer(path) as writer:
        for number in range(ROUNDS):
            round_ = f"{number} {('asyncio', 'trio')[number % 2]}"
            kept |= kept_before_kill(writer, round_, patience=random.randint(1, 200))
            with closing(sqlite3.connect(path)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    assert len(kept) > ROUNDS
    anyio.run(check_everything, path, kept)


async def check_everything(path: Path, kept: Mapping[CallId, int]) -> None:
    async with SqliteStore(path) as store:
        outstanding = {item.effect_id for item in await store.outstanding()}
        assert set(await store.unfinished()) >= set(kept)
        for call_id, version in kept.items():
            events = await store.load(call_id)
            assert len(events) >= version
            # Whole appends only: one event, then two at a time.
            assert len(events) % 2 == 1
            said = tuple(UtteranceHeard(n, f"sentence {n}") for n in range(1, len(events)))
            assert events == (opened(call_id), *said)
            assert {f"{call_id}:{n}:0" for n in range(1, len(events), 2)} <= outstanding
