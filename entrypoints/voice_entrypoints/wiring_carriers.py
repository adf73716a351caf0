"""Which carrier the settings name; part of the container, so it may name concrete adapters.

A carrier of ours has one line in `CARRIERS`; other packages bring theirs by an entry point.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from voice_adapters.carriers.mock import MockCarrier, MockScript
from voice_adapters.carriers.mock.script import HangUp, Interrupt, MockOutcome, Press, Say, Step
from voice_adapters.installed_carrier import CarrierSet, CarrierSupplies
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.transports.stream_tokens import StreamTokens
from voice_contracts.settings import Settings
from voice_contracts.settings_mock import MockStep
from voice_domain.identity import CallId
from voice_domain.ports.clock import Clock
from voice_domain.ports.synthesizer import Synthesizer
from voice_entrypoints.installed_carriers import InstalledCarriers
from voice_entrypoints.public_address import PublicAddress
from voice_entrypoints.secret_file import keep_token
from voice_entrypoints.settings_mapping import own_number
from voice_entrypoints.wiring_speech import local_synthesizer, streams_calls

if TYPE_CHECKING:  # it takes its time, and the mock carrier needs none
    from voice_adapters.transports.http_client import HttpClient

__all__ = ("CARRIERS", "CarrierParts", "CarrierSet", "make_carrier")


@attrs.frozen(kw_only=True)
class CarrierParts:
    """What carriers are made of."""

    settings: Settings
    home: Path
    """The state folder."""
    http: "Callable[[], HttpClient]"
    clock: Clock
    address: PublicAddress
    tokens: StreamTokens
    scripted_transcriber: ScriptedTranscriber

    def stream_url(self, call_id: CallId) -> str | None:
        """Return a fresh address for the media stream of a call; None where calls are not streamed."""
        if not streams_calls(self.settings):
            return None
        return self.address.stream_url(self.tokens.issue(call_id))

    def kept_secret(self, name: str, setting: str | None = None) -> Callable[[], str]:
        """Return what gives the secret of a file in the state folder; it is made when it is first asked for.

        It raises TokenFileError if the file cannot be used, which names *setting*, if that can hold the secret instead.
        """
        otherwise = {} if setting is None else {"otherwise": f"set {setting}"}
        return cache(lambda: keep_token(self.home / name, **otherwise).reveal())


def make_carrier(parts: CarrierParts, installed: InstalledCarriers) -> CarrierSet:
    """Return the carrier that the settings name: one of ours, or one that another package brings.

    Raises:
        CarrierPackageError: if there is no such carrier, or two, or the package that brings it is at fault.
        CarrierSettingsError: if that package cannot use its section.
    """
    name = parts.settings.provider
    installed.check_choice(name, tuple(CARRIERS))
    make = CARRIERS.get(name)
    return installed.make(_supplies(parts)) if make is None else make(parts)


def _supplies(parts: CarrierParts) -> CarrierSupplies:
    return CarrierSupplies(
        name=parts.settings.provider,
        settings=parts.settings.installed_carrier,
        own_number=own_number(parts.settings),
        http=parts.http,
        clock=parts.clock,
        webhook_url=parts.address.webhook_url,
        stream_url=parts.stream_url,
        media_streams=streams_calls(parts.settings),
        kept_secret=parts.kept_secret,
    )


def _mock(parts: CarrierParts) -> CarrierSet:
    mock = parts.settings.mock
    script = MockScript(
        ring_ms=mock.ring_ms,
        answer_ms=mock.answer_ms,
        outcome=MockOutcome(mock.outcome),
        outcomes={number: MockOutcome(outcome) for number, outcome in mock.outcomes.items()},
        steps=tuple(_mock_step(step) for step in mock.script),
        realtime=mock.realtime,
    )
    callee_voice: Synthesizer = local_synthesizer()
    carrier = MockCarrier(
        script, synthesizer=callee_voice, transcriber=parts.scripted_transcriber, clock=parts.clock
    )
    return CarrierSet(carrier=carrier, needs_address=False)


def _mock_step(step: MockStep) -> Step:
    if step.say is not None:
        return Say(step.say, step.after_ms)
    if step.press is not None:
        return Press(step.press, step.after_ms)
    if step.interrupt is not None:
        return Interrupt(step.interrupt, step.after_ms)
    return HangUp(step.after_ms)


def _twilio(parts: CarrierParts) -> CarrierSet:
    from voice_adapters.carriers.twilio import (
        TwilioCarrier,
        TwilioClient,
        TwilioDialect,
        TwilioInspection,
        TwilioSignature,
        api_base_url,
    )

    settings, twilio = parts.settings, parts.settings.twilio
    account_sid = twilio.account_sid or ""
    auth_token = twilio.auth_token.reveal() if twilio.auth_token else ""
    client = TwilioClient(
        http=parts.http(),
        account_sid=account_sid,
        auth_token=auth_token,
        base_url=api_base_url(twilio.region, twilio.api_base_url),
    )
    carrier = TwilioCarrier(
        client=client,
        signature=TwilioSignature(auth_token=auth_token),
        webhook_url=parts.address.webhook_url,
        stream_url=parts.stream_url,
        clock=parts.clock,
        voice=settings.tts.openai.voice,
        detects_machines=settings.outbound.detect_machines,
        media_streams=streams_calls(settings),
    )
    # Calls to our number come to the address that the console holds.
    return CarrierSet(
        carrier=carrier,
        dialect=TwilioDialect(),
        callback_url=parts.address.webhook_url,
        inspection=TwilioInspection(client),
    )


def _telnyx(parts: CarrierParts) -> CarrierSet:
    from voice_adapters.carriers.telnyx import (
        TELNYX_URL,
        TelnyxCarrier,
        TelnyxClient,
        TelnyxDialect,
        TelnyxInspection,
        TelnyxSignature,
        read_public_key,
    )

    settings, telnyx = parts.settings, parts.settings.telnyx
    client = TelnyxClient(
        http=parts.http(),
        api_key=telnyx.api_key.reveal() if telnyx.api_key else "",
        connection_id=telnyx.connection_id or "",
        base_url=telnyx.api_base_url or TELNYX_URL,
    )
    carrier = TelnyxCarrier(
        client=client,
        signature=TelnyxSignature(
            public_key=read_public_key(telnyx.public_key) if telnyx.public_key else None, clock=parts.clock
        ),
        webhook_url=parts.address.webhook_url,
        stream_url=parts.stream_url,
        clock=parts.clock,
        own_number=own_number(settings),
        voice=settings.tts.openai.voice,
        detects_machines=settings.outbound.detect_machines,
        media_streams=streams_calls(settings),
    )
    # Calls to our number come to the address that the portal holds.
    return CarrierSet(
        carrier=carrier,
        dialect=TelnyxDialect(),
        callback_url=parts.address.webhook_url,
        inspection=TelnyxInspection(client),
    )


def _plivo(parts: CarrierParts) -> CarrierSet:
    from voice_adapters.carriers.plivo import (
        PLIVO_URL,
        PlivoCarrier,
        PlivoClient,
        PlivoDialect,
        PlivoInspection,
        PlivoSignature,
    )

    settings, plivo = parts.settings, parts.settings.plivo
    auth_token = plivo.auth_token.reveal() if plivo.auth_token else ""
    client = PlivoClient(
        http=parts.http(),
        auth_id=plivo.auth_id or "",
        auth_token=auth_token,
        base_url=plivo.api_base_url or PLIVO_URL,
    )
    carrier = PlivoCarrier(
        client=client,
        signature=PlivoSignature(auth_token=auth_token),
        webhook_url=parts.address.webhook_url,
        stream_url=parts.stream_url,
        clock=parts.clock,
        own_number=own_number(settings),
        voice=settings.tts.openai.voice,
        detects_machines=settings.outbound.detect_machines,
        media_streams=streams_calls(settings),
    )
    # Calls to our number come to the address that the application in the console holds.
    return CarrierSet(
        carrier=carrier,
        dialect=PlivoDialect(),
        callback_url=parts.address.webhook_url,
        inspection=PlivoInspection(client),
    )


def _aliyun(parts: CarrierParts) -> CarrierSet:
    from voice_adapters.carriers.aliyun import (
        AccessKey,
        AliyunCarrier,
        AliyunClient,
        AliyunInspection,
        CallbackToken,
        Scripts,
        endpoint_url,
    )

    aliyun = parts.settings.aliyun
    given = aliyun.callback_token
    reveal = (
        given.reveal if given is not None else parts.kept_secret("callback-token", "aliyun.callbackToken")
    )
    secret = aliyun.access_key_secret.reveal() if aliyun.access_key_secret else ""
    client = AliyunClient(
        http=parts.http(),
        key=AccessKey(aliyun.access_key_id or "", secret),
        clock=parts.clock,
        url=endpoint_url(aliyun.endpoint),
    )
    carrier = AliyunCarrier(
        client=client,
        token=CallbackToken(reveal),
        scripts=Scripts(tts_code=aliyun.tts_code, tts_param=aliyun.tts_param, voice_code=aliyun.voice_code),
        clock=parts.clock,
    )
    parts.address.explain("回调地址不可达：请确保 publicUrl 公网可访问")
    return CarrierSet(
        carrier=carrier,
        callback_url=lambda: f"{parts.address.webhook_url().rstrip('/')}/{reveal()}",
        users_read="zh",
        inspection=AliyunInspection(client),
    )


CARRIERS: Mapping[str, Callable[[CarrierParts], CarrierSet]] = MappingProxyType(
    {"mock": _mock, "twilio": _twilio, "telnyx": _telnyx, "plivo": _plivo, "aliyun": _aliyun}
)
"""How each carrier is made, by its word in the settings file."""
