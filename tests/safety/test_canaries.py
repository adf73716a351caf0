"""What is planted in a gateway as secret, number or speech comes out nowhere that nobody asked for it."""

import gc
import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import attrs
import pytest
from support.carrier_rigs import RIGS
from support.carrier_world import KEY, Scene, carrier_world
from support.gateway import started_gateway
from support.stranger import Api, Place, eventually

from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_operation import LoggingSettings
from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_entrypoints.cli.failures import exit_code_for
from voice_entrypoints.logs import set_up_logs
from voice_entrypoints.program_exit import exit_code

OURS_CANARY, THEIRS_CANARY = "The magpie counts to ninety", "Zebra quartz at midnight"
FRIEND, STRANGER, DENIED = "+15550008123", "+15550007456", "+15550006789"
SECRETS = {
    "twilio": {"authToken": "canary-twilio-7391"},
    "telnyx": {"apiKey": "canary-telnyx-7391"},
    "plivo": {"authToken": "canary-plivo-7391"},
    "aliyun": {"accessKeySecret": "canary-aliyun-7391"},
    "models": {"providers": {"openai": {"apiKey": "canary-openai-7391"}}},
    "tts": {"elevenlabs": {"apiKey": "canary-eleven-7391"}},
}
SETTINGS: dict[str, Any] = {
    **SECRETS,
    "responseModel": "echo",
    "inboundPolicy": "allowlist",
    "allowFrom": [FRIEND],
    "fromNumber": "+15550000000",
    "inboundGreeting": OURS_CANARY,
    "outbound": {"denyNumbers": [DENIED]},
    "recording": {"enabled": False},
    "mock": {"ringMs": 1, "answerMs": 2, "realtime": False},
}
NUMBERS = (FRIEND, STRANGER, DENIED)


def _live(home: Path, **logs: Any) -> tuple[str, list[str]]:
    """Let a gateway have calls and troubles; return its log, and everything else that is seen from outside."""
    document = {**SETTINGS, "logging": {"level": "debug", **logs}}
    with started_gateway(home, document) as gateway:
        api = Api(gateway)
        ring = {"type": "call.ringing", "direction": "inbound", "to": "+15550000000"}
        api.inject(callId="one", **ring, **{"from": FRIEND})
        api.inject(callId="two", **ring, **{"from": STRANGER})
        call_id = eventually(lambda: api.ask("status")["calls"])[0]["callId"]
        api.reach(call_id, ("listening",))
        api.webhook({"event": {"type": "call.speech", "callId": "mock-one", "transcript": THEIRS_CANARY}})
        eventually(lambda: len(api.record(call_id)["transcript"]) >= 3)
        seen = [
            json.dumps(api.answer("initiate", to=DENIED, message=THEIRS_CANARY)["error"]),
            json.dumps(api.answer("transfer", callId=call_id, to=DENIED)["error"]),
            json.dumps(api.answer("plan", to=DENIED)["result"]["reasons"]),
            api.post(b'{"to": "' + FRIEND.encode()).text,
            api.webhook(THEIRS_CANARY.encode()).text,
            *(api.get(path).text for path in ("/metrics", "/readyz", "/healthz", "/nothing")),
            Path(f"/proc/{gateway.process.pid}/cmdline").read_text(),
            (home / "gateway.json").read_text(),
        ]
        api.ask("end", callId=call_id)
    return (home / "stderr.txt").read_text(), seen


def test_a_gateway_shows_no_canary_that_was_planted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    log, seen = _live(home)
    gets = (("voicecall", "config", "get"), ("voicecall", "config", "get", "twilio"))
    told = [text for ran in Place(home).run_all(*gets) for text in (ran.out, ran.err)]

    secrets = [
        text for section in ("twilio", "telnyx", "plivo", "aliyun") for text in SECRETS[section].values()
    ]
    for canary in (*secrets, "canary-openai-7391", "canary-eleven-7391"):
        assert canary not in log
        assert not [text for text in (*seen, *told) if canary in text]
    for canary in (OURS_CANARY, THEIRS_CANARY, *NUMBERS):
        assert canary not in log
        assert not [text for text in seen if canary in text]
    assert "the counterpart said transcript='(24 characters)'" in log
    assert "inbound from +1555***8123" in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("shown", "hidden", "switch"),
    [
        ((FRIEND, STRANGER), (OURS_CANARY, THEIRS_CANARY), "showNumbers"),
        ((OURS_CANARY, THEIRS_CANARY), NUMBERS, "showTranscripts"),
    ],
)
def test_a_switch_of_the_log_shows_that_and_nothing_else(
    tmp_path: Path, shown: tuple[str, ...], hidden: tuple[str, ...], switch: str
) -> None:
    log, seen = _live(tmp_path / "home", **{switch: True})

    assert all(canary in log for canary in shown)
    assert not [canary for canary in hidden if canary in log]
    assert "7391" not in log
    assert not [text for text in seen for canary in (*NUMBERS, THEIRS_CANARY) if canary in text]


@pytest.fixture
def log() -> Iterator[StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_is_told_of_a_crash_shows_no_canary(
    log: StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOICECALL_DEBUG", raising=False)
    set_up_logs(Settings(), stream=log, secrets=["canary-planted-7391"])

    def crash() -> int:
        raise RuntimeError(f"canary-planted-7391 for {FRIEND}, Bearer canary-bearer-7391")

    codes = (
        exit_code(crash, words=()),
        exit_code_for(RuntimeError(f"canary-planted-7391 {FRIEND}"), as_json=True),
    )
    told = "".join(capsys.readouterr())

    assert codes == (1, 1)
    assert "+1555***8123" in told
    assert not [canary for canary in ("7391", FRIEND) if canary in told]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "carrier",
    [pytest.param(name, marks=pytest.mark.asyncio_only("one loop is enough to look at")) for name in RIGS],
)
async def test_no_object_and_no_log_of_a_running_call_shows_a_secret(carrier: str, log: StringIO) -> None:
    hide_nothing = Settings(logging=LoggingSettings(level="debug", show_transcripts=True, show_numbers=True))
    set_up_logs(hide_nothing, stream=log)
    scene = Scene(callee=Callee((Say(THEIRS_CANARY), HangUp(9_000))))
    async with carrier_world(RIGS[carrier].open, scene) as world:
        placed = await world.place(OURS_CANARY)
        await world.until(placed.call_id, "listening")
        secrets = _planted(world.container.settings())
        shown = [
            f"{type(each)}: {secret}"
            for each in gc.get_objects()
            if _is_ours(type(each))
            for text in (repr(each),)
            for secret in secrets
            if secret in text
        ]
        await world.over(placed.call_id)

    assert len(secrets) >= 2
    assert shown == []
    assert not [secret for secret in secrets if secret in log.getvalue()]


def _is_ours(kind: type) -> bool:
    """Whether it is a class of the library, but of nothing that plays the other side."""
    module = str(kind.__module__)
    return module.startswith("voice_") and ".twins." not in module and not issubclass(kind, BaseException)


def _planted(settings: Settings) -> set[str]:
    """Return the credentials of both services, as the settings hold them."""
    found: set[str] = {KEY}
    for section in (settings.twilio, settings.telnyx, settings.plivo, settings.aliyun):
        values = (getattr(section, field.name) for field in attrs.fields(type(section)))
        found |= {value.reveal() for value in values if isinstance(value, Secret)}
    return found
