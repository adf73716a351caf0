"""Settings that name Aliyun make its carrier, with everything that they say."""

import stat
from pathlib import Path
from typing import Any

import pytest

from voice_adapters.carriers.aliyun import AliyunCarrier
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest
from voice_entrypoints.container import Container
from voice_entrypoints.http.serve import gateway_parts
from voice_entrypoints.public_address import NoPublicAddressError

HOOK = "https://voice.example.com/voice/webhook"


def container(home: Path, aliyun: dict[str, Any] | None = None, **more: Any) -> Container:
    document: dict[str, Any] = {
        "provider": "aliyun",
        "fromNumber": "+865710000000",
        "aliyun": {"accessKeyId": "id-1", "accessKeySecret": "secret-1", **(aliyun or {})},
        **more,
    }
    return Container(settings=read_settings(document, {}).require(), home=home)


def carrier_of(made: Container) -> AliyunCarrier:
    carrier = made.carrier_set().carrier
    assert isinstance(carrier, AliyunCarrier)
    return carrier


def test_the_key_the_address_and_the_scripts_reach_the_carrier(tmp_path: Path) -> None:
    said = {
        "endpoint": "http://127.0.0.1:4010",
        "ttsCode": "TTS_1",
        "ttsParam": "content",
        "voiceCode": "a.wav,$message$",
    }
    plain, told = carrier_of(container(tmp_path)), carrier_of(container(tmp_path, said))

    assert (plain.client.key.id, plain.client.key.secret) == ("id-1", "secret-1")
    assert (plain.client.url, told.client.url) == ("https://dyvmsapi.aliyuncs.com", "http://127.0.0.1:4010")
    assert (plain.scripts.tts_code, plain.scripts.tts_param, plain.scripts.voice_code) == (
        None,
        "text",
        "$message$",
    )
    assert (told.scripts.tts_code, told.scripts.tts_param, told.scripts.voice_code) == (
        "TTS_1",
        "content",
        "a.wav,$message$",
    )


def test_a_token_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = carrier_of(container(tmp_path)), carrier_of(container(tmp_path))
    assert list(tmp_path.iterdir()) == []

    kept = tmp_path / "callback-token"
    assert first.secret_path == second.secret_path == kept.read_text(encoding="ascii").strip()
    assert len(first.secret_path) > 40
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_token_of_the_settings_is_the_one_that_counts(tmp_path: Path) -> None:
    carrier = carrier_of(container(tmp_path, {"callbackToken": "chosen"}))
    request = WebhookRequest(
        method="POST", urls=(), query={}, headers={}, body=b"call_id=1", path="/voice/webhook/chosen"
    )

    assert carrier.authenticate(request)
    with pytest.raises(NotAuthenticError):
        carrier.authenticate(
            WebhookRequest(
                method="POST", urls=(), query={}, headers={}, body=b"", path="/voice/webhook/other"
            )
        )
    assert list(tmp_path.iterdir()) == []


def test_what_is_to_be_entered_in_the_console_has_the_token(tmp_path: Path) -> None:
    made = container(tmp_path, {"callbackToken": "chosen"})
    made.address().set(HOOK)
    parts = gateway_parts(made, settings=made.settings(), home=tmp_path, engine=None)

    assert parts.callback_url() == f"{HOOK}/chosen"


def test_without_an_address_it_says_so_in_the_words_that_people_look_up(tmp_path: Path) -> None:
    made = container(tmp_path)
    made.carrier_set()

    with pytest.raises(
        NoPublicAddressError, match=r"^回调地址不可达：.*provider aliyun cannot reach.*publicUrl"
    ):
        made.address().webhook_url()


def test_an_address_that_only_this_machine_reaches_is_refused_in_the_same_words(tmp_path: Path) -> None:
    made = container(tmp_path)
    made.carrier_set()

    with pytest.raises(NoPublicAddressError, match=r"^回调地址不可达：.*127\.0\.0\.1.* is private"):
        made.address().set("http://127.0.0.1:3334/voice/webhook")
