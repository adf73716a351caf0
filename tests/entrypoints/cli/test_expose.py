"""`voicecall expose`: what is published, what is printed, and what is refused. Tailscale is a stand-in."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.stand_in_program import StandIn, install_stand_in
from support.tailscale_stand_in import ALLOW_PAGE, NAME, running

from voice_entrypoints.cli.main import run

TWILIO = {
    "provider": "twilio",
    "fromNumber": "+15550001234",
    "twilio": {"accountSid": "AC1", "authToken": "planted-token"},
    "serve": {"port": 4334},
    "tailscale": {"port": 8443},
}


@pytest.fixture
def tailscale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = install_stand_in(tmp_path / "bin", "tailscale")
    made.keep(running())
    monkeypatch.setenv("PATH", made.environ()["PATH"])
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VOICECALL_CONFIG", raising=False)
    return made


def configured(tmp_path: Path, settings: dict[str, Any]) -> list[str]:
    path = tmp_path / "settings.json5"
    path.write_text(json.dumps(settings))
    return ["--config", str(path)]


def handlers(tailscale: StandIn, port: int) -> dict[str, Any]:
    found: dict[str, Any] = tailscale.kept()["config"]["Web"].get(f"{NAME}:{port}", {}).get("Handlers", {})
    return found


def test_webhooks_and_streams_are_published_until_they_are_taken_back(
    tmp_path: Path, tailscale: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = configured(tmp_path, TWILIO)

    assert run([*settings, "expose", "--mode", "funnel", "--path", "/edge/voice/webhook", "--json"]) == 0
    told, there = json.loads(capsys.readouterr().out), handlers(tailscale, 8443)
    assert run([*settings, "expose", "--mode", "off", "--path", "/edge/voice/webhook"]) == 0
    printed = capsys.readouterr().out

    assert told == {
        "ok": True,
        "mode": "funnel",
        "path": "/edge/voice/webhook",
        "localUrl": "http://127.0.0.1:4334/voice/webhook",
        "publicUrl": f"https://{NAME}:8443/edge/voice/webhook",
    }
    assert there == {
        "/edge/voice/webhook": {"Proxy": "http://127.0.0.1:4334/voice/webhook"},
        "/edge/voice/stream": {"Proxy": "http://127.0.0.1:4334/voice/stream"},
    }
    assert printed == "taken back: /edge/voice/webhook on port 8443, /edge/voice/stream on port 8443\n"
    assert handlers(tailscale, 8443) == {}
    assert all(
        "planted-token" not in json.dumps([*start.environ.values(), *start.arguments])
        for start in tailscale.starts()
    )


def test_the_public_url_is_printed_with_what_to_do_with_it(
    tailscale: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["expose", "--mode", "serve", "--port", "9000"]) == 0

    printed = capsys.readouterr()
    assert printed.out == f"https://{NAME}/voice/webhook\n"
    assert "carriers do not" in printed.err
    assert f"voicecall config set publicUrl https://{NAME}/voice/webhook" in printed.err
    assert handlers(tailscale, 443) == {"/voice/webhook": {"Proxy": "http://127.0.0.1:9000/voice/webhook"}}


def test_what_has_to_be_allowed_first_is_told_with_its_page(
    tailscale: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    tailscale.keep(running(not_enabled="funnel"))

    code = run(["expose", "--mode", "funnel", "--json"])

    printed = capsys.readouterr()
    told = json.loads(printed.out)
    page = ALLOW_PAGE.format(word="funnel")
    assert (code, told["ok"], told["publicUrl"]) == (1, False, None)
    assert told["hint"]["enableUrl"] == page
    assert page in told["hint"]["note"]
    assert page in printed.err


def test_a_port_that_nobody_knows_yet_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([*configured(tmp_path, {"serve": {"port": 0}}), "expose", "--mode", "funnel"])

    assert code == 2
    assert "give --port" in capsys.readouterr().err
