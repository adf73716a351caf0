"""Who holds a port, as a made-up `/proc` tells it."""

from pathlib import Path

import pytest

from voice_entrypoints.http.port_holder import gateway_on

TITLES = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, state: str, inode: int) -> str:
    return f"   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  0  0 {inode} 1 0 100\n"


def process(proc: Path, pid: int, *words: str, inode: int) -> None:
    (proc / str(pid) / "fd").mkdir(parents=True)
    (proc / str(pid) / "cmdline").write_bytes("\0".join((*words, "")).encode())
    (proc / str(pid) / "fd" / "3").symlink_to(f"socket:[{inode}]")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Port 3334 (hex 0D06) is listened on by socket 77, and connected from by socket 78."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(
        TITLES + row("0100007F:0D06", "0A", 77) + row("0100007F:0D06", "01", 78)
    )
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("/usr/bin/python", "/opt/bin/voicecall-http", "--config", "c.json5"),
        ("/usr/bin/python", "/opt/bin/voicecall", "serve"),
        ("python", "-m", "voice_entrypoints.http.main"),
    ],
)
def test_our_own_gateway_is_named(proc: Path, words: tuple[str, ...]) -> None:
    process(proc, 41, "/opt/bin/voicecall-http", inode=78)
    process(proc, 42, *words, inode=77)

    assert gateway_on(3334, proc=proc) == 42


@pytest.mark.parametrize("words", [("nginx",), ("python", "/opt/bin/voicecall", "tail"), ()])
def test_another_program_is_not(proc: Path, words: tuple[str, ...]) -> None:
    process(proc, 42, *words, inode=77)

    assert gateway_on(3334, proc=proc) is None


def test_a_gateway_on_another_port_is_not(proc: Path) -> None:
    process(proc, 42, "/opt/bin/voicecall-http", inode=79)

    assert gateway_on(3334, proc=proc) is None
    assert gateway_on(3335, proc=proc) is None


def test_a_system_that_does_not_tell_names_nobody(tmp_path: Path) -> None:
    assert gateway_on(3334, proc=tmp_path / "none") is None
