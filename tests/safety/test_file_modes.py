"""Everything in the state folder is its owner's alone, whatever the umask of whoever started us."""

import os
import stat
from pathlib import Path

from support.gateway import started_gateway
from support.stranger import Api, Place, eventually


def test_whatever_a_gateway_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = os.umask(0)
    try:
        settings = {"inboundPolicy": "pairing", "recording": {"enabled": True}, "mock": {"answerMs": 2}}
        with started_gateway(home, settings) as gateway:
            api = Api(gateway)
            api.reach(api.place(), ("listening",))
            api.inject(
                type="call.ringing",
                callId="in",
                direction="inbound",
                to="+15550000000",
                **{"from": "+15550007777"},
            )
            eventually((home / "pairing.json").exists)
            eventually(lambda: list((home / "recordings").iterdir()))
            Place(home).run("voicecall", "config", "set", "inboundPolicy", "open")
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}
    finally:
        os.umask(before)

    folders = {path for path in modes if path.is_dir()}
    wrong = {
        str(path.relative_to(tmp_path)): oct(mode)
        for path, mode in modes.items()
        if path.name != "stderr.txt" and mode != (0o700 if path in folders else 0o600)
    }
    assert wrong == {}
    assert {"api-token", "gateway.json", "pairing.json", "calls.sqlite3"} <= {path.name for path in modes}
    assert any(path.suffix == ".wav" for path in modes)
