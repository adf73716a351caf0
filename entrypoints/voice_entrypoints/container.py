"""The wiring: the only module that names concrete adapters.

Building it does nothing to the world: constructors store. Lifetimes belong to `embed.open_voicecall`. Every provider
can be overridden on an instance, which is how hosts and tests bring their own adapters.
"""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import attrs
from dependency_injector import containers, providers

from voice_adapters.audio.wav import StereoRecorder
from voice_adapters.carriers.mock import MockCarrier
from voice_adapters.carriers.mock.script import HangUp, Interrupt, MockOutcome, MockScript, Press, Say, Step
from voice_adapters.carriers.mock.webhooks import signals_of
from voice_adapters.clock import RandomIdentities, SystemClock
from voice_adapters.media.native_voice import NativeVoice
from voice_adapters.media.pacer import Pacer
from voice_adapters.media.recording import CallRecording
from voice_adapters.media.stream_voice import StreamVoice, VoiceParts
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_adapters.responders.echo import EchoResponder
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.services import CallServices, VoiceMaker
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.speech.tone import ToneSynthesizer
from voice_adapters.stores.pairing_file import PairingFile
from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.settings import Settings
from voice_contracts.settings_mock import MockStep
from voice_domain.call import Call
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput
from voice_domain.ports.carrier import Carrier, CarrierSignal, Keypad, NativeSpeech
from voice_domain.ports.clock import Clock, Identities
from voice_domain.ports.event_store import EventStore
from voice_domain.ports.pairing_store import PairingStore
from voice_domain.ports.responder import Responder
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Transcriber
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.use_cases.converse import Converse
from voice_domain.use_cases.find_call import FindCall
from voice_domain.use_cases.place_call import OutboundRules, PlaceCall
from voice_domain.use_cases.steer_call import SteerCall
from voice_entrypoints.phone import Injectable, Phone
from voice_entrypoints.settings_mapping import call_terms, inbound_rules, outbound_rules

__all__ = ("Container", "recording_path", "store_path")


def store_path(settings: Settings, home: Path) -> Path:
    """Return the file that calls are kept in."""
    folder = Path(settings.store).expanduser() if settings.store else home / "voice-calls"
    return folder / "calls.sqlite3"


def recording_path(home: Path, call_id: CallId) -> Path:
    """Return the WAV file of a call."""
    return home / "recordings" / f"{call_id}.wav"


def _mock_step(step: MockStep) -> Step:
    if step.say is not None:
        return Say(step.say, step.after_ms)
    if step.press is not None:
        return Press(step.press, step.after_ms)
    if step.interrupt is not None:
        return Interrupt(step.interrupt, step.after_ms)
    return HangUp(step.after_ms)


def _mock_script(settings: Settings) -> MockScript:
    mock = settings.mock
    return MockScript(
        ring_ms=mock.ring_ms,
        answer_ms=mock.answer_ms,
        outcome=MockOutcome(mock.outcome),
        outcomes={number: MockOutcome(outcome) for number, outcome in mock.outcomes.items()},
        steps=tuple(_mock_step(step) for step in mock.script),
        realtime=mock.realtime,
    )


def _synthesizer(settings: Settings) -> Synthesizer:
    if settings.tts.provider in (None, "local"):
        # Looking up past calls needs no voice, and numpy takes its time.
        from voice_adapters.speech.local import LocalSynthesizer, local_speech_available

        return LocalSynthesizer() if local_speech_available() else ToneSynthesizer()
    raise UnavailableError(f"tts.provider {settings.tts.provider!r} is not part of this version; use local")


def _carrier_name(settings: Settings) -> str:
    return settings.provider


def _unknown_carrier(settings: Settings) -> Carrier:
    raise UnavailableError(f"provider {settings.provider!r} is not part of this version; use mock")


def _keypad(carrier: Carrier) -> Keypad | None:
    able = carrier.capabilities
    return cast("Keypad", carrier) if able.digits or able.transfer else None


def _voice_maker(settings: Settings, home: Path, parts: VoiceParts, carrier: Carrier) -> VoiceMaker:
    def make(
        call: Call, report: Callable[[CallInput], None], moments: SpeechMoments, now: Callable[[], Call]
    ) -> Voice:
        if not carrier.capabilities.media_stream:
            return NativeVoice(
                cast("NativeSpeech", carrier),
                carrier_call_id=lambda: now().carrier_call_id,
                report=report,
                moments=moments,
            )
        recording = None
        if settings.recording.enabled:
            recorder = StereoRecorder(recording_path(home, call.call_id))
            recording = CallRecording(call.call_id, recorder)
        return StreamVoice(call.call_id, parts, report=report, moments=moments, recording=recording)

    return make


def _calls(services: CallServices, settings: Settings) -> LiveCalls:
    return LiveCalls(services, limit=settings.max_concurrent_calls)


def _terms(settings: Settings, transcriber: Transcriber) -> CallTerms:
    return call_terms(settings, endpoints_itself=transcriber.finds_endings)


@attrs.frozen
class _MockInjector:
    """Lets tests of a host program tell the mock carrier what happened."""

    carrier: MockCarrier
    clock: Clock
    identities: Identities

    def translate_events(self, events: list[object]) -> tuple[CarrierSignal, ...]:
        source = self.identities.new_token()
        return signals_of({"events": events}, now_ms=self.clock.now_ms(), source=source)

    def follow(self, signal: CarrierSignal, call: Call | None) -> None:
        self.carrier.follow(signal, call)


def _injector(carrier: Carrier, clock: Clock, identities: Identities) -> Injectable | None:
    return _MockInjector(carrier, clock, identities) if isinstance(carrier, MockCarrier) else None


class Container(containers.DeclarativeContainer):
    """One telephone's objects, made from settings and a state folder when they are first asked for."""

    settings: providers.Provider[Settings] = providers.Dependency(instance_of=Settings)
    home: providers.Provider[Path] = providers.Dependency(instance_of=Path)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    identities: providers.Provider[Identities] = providers.Singleton(RandomIdentities)
    pacer: providers.Provider[Pacer] = providers.Singleton(Pacer)
    synthesizer: providers.Provider[Synthesizer] = providers.Singleton(_synthesizer, settings)
    scripted_transcriber: providers.Provider[ScriptedTranscriber] = providers.Singleton(ScriptedTranscriber)
    transcriber: providers.Provider[Transcriber] = providers.Singleton(
        lambda heard: heard, scripted_transcriber
    )
    responder: providers.Provider[Responder] = providers.Singleton(EchoResponder)
    carrier: providers.Provider[Carrier] = providers.Selector(
        providers.Callable(_carrier_name, settings),
        mock=providers.Singleton(
            MockCarrier,
            providers.Callable(_mock_script, settings),
            synthesizer=synthesizer,
            transcriber=scripted_transcriber,
            clock=clock,
        ),
        twilio=providers.Callable(_unknown_carrier, settings),
        telnyx=providers.Callable(_unknown_carrier, settings),
        plivo=providers.Callable(_unknown_carrier, settings),
        aliyun=providers.Callable(_unknown_carrier, settings),
    )
    store: providers.Provider[EventStore] = providers.Singleton(
        SqliteStore, providers.Callable(store_path, settings, home)
    )
    pairing: providers.Provider[PairingStore] = providers.Singleton(
        PairingFile, providers.Callable(lambda home: home / "pairing.json", home)
    )

    voice_parts: providers.Provider[VoiceParts] = providers.Singleton(
        VoiceParts, synthesizer=synthesizer, transcriber=transcriber, pacer=pacer, clock=clock
    )
    services: providers.Provider[CallServices] = providers.Singleton(
        CallServices,
        store=store,
        carrier=carrier,
        keypad=providers.Callable(_keypad, carrier),
        responder=responder,
        clock=clock,
        make_voice=providers.Callable(_voice_maker, settings, home, voice_parts, carrier),
    )
    calls: providers.Provider[LiveCalls] = providers.Singleton(_calls, services, settings)
    find: providers.Provider[FindCall] = providers.Singleton(FindCall, switchboard=calls, history=store)
    converse: providers.Provider[Converse] = providers.Singleton(
        Converse, switchboard=calls, find=find, identities=identities
    )
    terms: providers.Provider[CallTerms] = providers.Singleton(_terms, settings, transcriber)
    outbound: providers.Provider[OutboundRules] = providers.Singleton(outbound_rules, settings, terms=terms)
    inbound: providers.Provider[InboundRules] = providers.Singleton(inbound_rules, settings, terms=terms)
    place: providers.Provider[PlaceCall] = providers.Singleton(
        PlaceCall,
        rules=outbound,
        switchboard=calls,
        history=store,
        carrier=carrier,
        clock=clock,
        identities=identities,
    )
    admit: providers.Provider[AdmitCall] = providers.Singleton(
        AdmitCall,
        rules=inbound,
        switchboard=calls,
        pairing=pairing,
        carrier=carrier,
        clock=clock,
        identities=identities,
    )
    steer: providers.Provider[SteerCall] = providers.Singleton(
        SteerCall, switchboard=calls, find=find, carrier=carrier, rules=outbound, clock=clock
    )
    exchange: providers.Provider[CallExchange] = providers.Singleton(CallExchange, calls, store, admit)
    phone: providers.Provider[Phone] = providers.Singleton(
        Phone,
        place=place,
        converse=converse,
        steer=steer,
        find=find,
        calls=calls,
        exchange=exchange,
        history_of=store,
        mock=providers.Callable(_injector, carrier, clock, identities),
    )
