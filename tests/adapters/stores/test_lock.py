import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from voice_adapters.stores.lock import AlreadyRunningError, StateLock, StateLockError

HOLDER = """
import sys
from pathlib import Path
from voice_adapters.stores.lock import StateLock
with StateLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_folder_is_free_again_after_its_holder(tmp_path: Path) -> None:
    with StateLock(tmp_path):
        pass
    assert (tmp_path / "gateway.lock").read_text() == ""

    with StateLock(tmp_path):
        assert (tmp_path / "gateway.lock").read_text() == f"{os.getpid()}\n"


def test_a_second_gateway_is_refused_and_told_the_pid(tmp_path: Path) -> None:
    with StateLock(tmp_path), pytest.raises(AlreadyRunningError) as refused, StateLock(tmp_path):
        pass

    assert refused.value.pid == os.getpid()
    assert f"pid {os.getpid()}" in str(refused.value)
    assert refused.value.kind == "unavailable"


def test_a_holder_that_has_not_written_its_pid_yet_is_respected_too(tmp_path: Path) -> None:
    with StateLock(tmp_path):
        (tmp_path / "gateway.lock").write_text("")
        with pytest.raises(AlreadyRunningError, match="just starting") as refused, StateLock(tmp_path):
            pass

    assert refused.value.pid is None


def test_the_lock_file_is_for_its_owner_only_and_its_folder_is_made(tmp_path: Path) -> None:
    home = tmp_path / "state" / "voicecall"

    with StateLock(home):
        assert (home / "gateway.lock").stat().st_mode & 0o777 == 0o600
        assert home.stat().st_mode & 0o777 == 0o700


def test_a_killed_gateway_leaves_the_folder_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunningError) as refused, StateLock(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)

    assert refused.value.pid == holder.pid
    with StateLock(tmp_path):
        assert (tmp_path / "gateway.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_one_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StateLockError, match="make its folder writable"), StateLock(tmp_path / "file"):
        pass
