"""What the check of the settings refuses, and nothing else, a gateway refuses too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_domain.errors import VoiceError
from voice_entrypoints.http.serve import serve
from voice_entrypoints.settings_refusals import refusals
from voice_entrypoints.settings_source import LoadedSettings

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("what the settings lead to does not depend on the event loop"),
]

FREE: Mapping[str, Any] = {
    "api": {"port": 0},
    "serve": {"port": 0, "drainSeconds": 0},
    "fromNumber": "+15550001234",
}
REACHED = {**FREE, "publicUrl": "https://voice.example.com/voice/webhook"}
TWILIO = {"provider": "twilio", "twilio": {"accountSid": "AC1", "authToken": "token"}}
PLIVO = {"provider": "plivo", "plivo": {"authId": "MA1", "authToken": "token"}}
ALIYUN = {"provider": "aliyun", "aliyun": {"accessKeyId": "LTAI", "accessKeySecret": "secret"}}
TELNYX = {"apiKey": "KEY", "connectionId": "1", "publicKey": TelnyxAccount().public_key}
SOUND = {
    "mock": FREE,
    "mock on a private address": {**FREE, "publicUrl": "http://127.0.0.1/voice/webhook"},
    "twilio": {**REACHED, **TWILIO},
    "plivo": {**REACHED, **PLIVO},
    "aliyun": {**REACHED, **ALIYUN},
    "telnyx": {**REACHED, "provider": "telnyx", "telnyx": TELNYX},
}
WRONG = {
    "switched off": ({**FREE, "enabled": False}, "enabled"),
    "no public key": (
        {**REACHED, "provider": "telnyx", "telnyx": {**TELNYX, "publicKey": "none"}},
        "telnyx",
    ),
    "no public address": ({**FREE, **TWILIO}, "publicUrl"),
    "private address": ({**FREE, **PLIVO, "publicUrl": "https://192.168.0.7/voice/webhook"}, "publicUrl"),
    "tailnet only": ({**FREE, **ALIYUN, "tunnel": {"provider": "tailscale-serve"}}, "publicUrl"),
    "tailnet only, by mode": ({**FREE, **TWILIO, "tailscale": {"mode": "serve"}}, "publicUrl"),
}


async def refused_by_gateway(document: Mapping[str, Any], home: Path) -> VoiceError | None:
    settings = read_settings(document, {}).require()
    await anyio.Path(home).mkdir()
    try:
        with anyio.CancelScope() as starting:
            await serve(
                LoadedSettings(None, document, settings, ()), home=home, announce=lambda _: starting.cancel()
            )
    except VoiceError as error:
        return error
    return None


def refused_by_check(document: Mapping[str, Any], home: Path) -> list[tuple[str, str]]:
    settings = read_settings(document, {}).require()
    return [(key, str(error)) for key, error in refusals(settings, home)]


@pytest.mark.parametrize("name", SOUND)
async def test_settings_without_a_fault_are_taken_by_both(name: str, tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert refused_by_check(SOUND[name], home) == []
    assert not home.exists()
    assert await refused_by_gateway(SOUND[name], home) is None


@pytest.mark.parametrize("name", WRONG)
async def test_a_fault_is_told_by_both_in_the_same_words(name: str, tmp_path: Path) -> None:
    document, key = WRONG[name]

    refused = await refused_by_gateway(document, tmp_path / "home")

    assert refused is not None
    assert refused_by_check(document, tmp_path / "elsewhere") == [(key, str(refused))]
