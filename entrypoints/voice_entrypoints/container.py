"""The wiring: the only module that names concrete adapters.

Building it does nothing to the world: constructors store. Lifetimes belong to `embed.open_voicecall`. Every provider
can be overridden on an instance, which is how hosts and tests bring their own adapters.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs
from dependency_injector import containers, providers

from voice_adapters.carriers.mock import MockCarrier
from voice_adapters.carriers.mock.webhooks import signals_of
from voice_adapters.clock import RandomIdentities, SystemClock
from voice_adapters.media.pacer import Pacer
from voice_adapters.media.stream_voice import VoiceParts
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.stores.pairing_file import PairingFile
from voice_adapters.stores.sqlite import SqliteStore
from voice_adapters.transports.shared_http import SharedHttp
from voice_adapters.transports.stream_tokens import StreamTokens
from voice_contracts.settings import Settings
from voice_domain.call import Call
from voice_domain.inputs import CallInput
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Carrier, CarrierSignal, Keypad
from voice_domain.ports.clock import Clock, Identities
from voice_domain.ports.event_store import CallHistory, EventStore
from voice_domain.ports.pairing_store import PairingStore
from voice_domain.ports.report_book import ReportBook
from voice_domain.ports.responder import Responder
from voice_domain.ports.summarizer import Summarizer
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Transcriber
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.use_cases.adopt_call import AdoptCall
from voice_domain.use_cases.call_route import CallRoute
from voice_domain.use_cases.converse import Converse
from voice_domain.use_cases.dial_tally import DialTally
from voice_domain.use_cases.find_call import FindCall
from voice_domain.use_cases.place_call import OutboundRules, PlaceCall
from voice_domain.use_cases.steer_call import SteerCall
from voice_entrypoints.exposure import Exposure, make_exposure
from voice_entrypoints.installed_carriers import InstalledCarriers, installed_carriers
from voice_entrypoints.phone import Injectable, Phone
from voice_entrypoints.public_address import PublicAddress
from voice_entrypoints.reporter import Reporter
from voice_entrypoints.settings_mapping import call_terms, inbound_rules, outbound_rules
from voice_entrypoints.wiring_carriers import CarrierParts, CarrierSet, make_carrier
from voice_entrypoints.wiring_responders import make_responder
from voice_entrypoints.wiring_route import route_of_call
from voice_entrypoints.wiring_speech import make_route_synthesizers, make_synthesizer, make_transcriber
from voice_entrypoints.wiring_voices import Mouths, preparer, silence_seconds, voice_maker

if TYPE_CHECKING:  # most commands never speak HTTP, and its library takes its time
    from voice_adapters.services.http_stream import HttpStreams
    from voice_adapters.transports.http_client import HttpClient

Report = Callable[[CallInput], None]

__all__ = ("Container", "store_path")


def store_path(settings: Settings, home: Path) -> Path:
    """Return the file that calls are kept in."""
    folder = Path(settings.store).expanduser() if settings.store else home / "voice-calls"
    return folder / "calls.sqlite3"


def _http_streams(shared: SharedHttp) -> "HttpStreams":
    from voice_adapters.services.http_stream import HttpStreams

    return HttpStreams(shared.client())


def _http_client(shared: SharedHttp, clock: Clock) -> "HttpClient":
    from voice_adapters.transports.http_client import HttpClient

    return HttpClient(shared.client(), clock)


def _address(settings: Settings) -> PublicAddress:
    return PublicAddress(
        settings.provider, stream_path=settings.streaming.stream_path, webhook_path=settings.serve.path
    )


def _problem_of(address: PublicAddress) -> Callable[[], str]:
    return lambda: address.problem


def _route_finder(
    settings: Settings, address: PublicAddress, carrier: Carrier
) -> Callable[[Mode], CallRoute]:
    return lambda mode: route_of_call(settings, address, carrier, mode=mode)


def _carrier(chosen: CarrierSet) -> Carrier:
    return chosen.carrier


def _keypad(carrier: Carrier) -> Keypad | None:
    able = carrier.capabilities
    return cast("Keypad", carrier) if able.digits or able.transfer else None


def _summarizer(responder: Responder) -> Summarizer | None:
    return cast("Summarizer", responder) if hasattr(responder, "summarize") else None


def _reporter(
    store: EventStore,
    calls: LiveCalls,
    clock: Clock,
    settings: Settings,
    summarizer: Summarizer | None,
    http: "Callable[[], HttpClient]",
) -> Reporter | None:
    if not hasattr(store, "reports_due"):
        return None  # a host's own store that keeps no reports
    return Reporter(
        book=cast("ReportBook", store),
        history=cast("CallHistory", store),
        hub=calls.hub,
        clock=clock,
        settings=settings.report,
        summarizer=summarizer,
        http=http,
    )


def _calls(services: CallServices, settings: Settings) -> LiveCalls:
    return LiveCalls(services, limit=settings.max_concurrent_calls)


def _terms(settings: Settings, transcriber: Transcriber) -> CallTerms:
    return call_terms(settings, endpoints_itself=transcriber.finds_endings)


def _adoption(
    settings: Settings,
    rules: OutboundRules,
    calls: LiveCalls,
    carrier: Carrier,
    clock: Clock,
    identities: Identities,
) -> AdoptCall | None:
    if not settings.outbound.adopt_external:
        return None
    return AdoptCall(rules=rules, switchboard=calls, carrier=carrier, clock=clock, identities=identities)


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
    shared_http: providers.Provider[SharedHttp] = providers.Singleton(SharedHttp)
    http_streams: "providers.Provider[HttpStreams]" = providers.Callable(_http_streams, shared_http)
    http_client: "providers.Provider[HttpClient]" = providers.Callable(_http_client, shared_http, clock)
    address: providers.Provider[PublicAddress] = providers.Singleton(_address, settings)
    tokens: providers.Provider[StreamTokens] = providers.Singleton(StreamTokens, clock, identities)
    synthesizer: providers.Provider[Synthesizer] = providers.Singleton(
        make_synthesizer, settings, http_streams.provider
    )
    route_synthesizers: providers.Provider[Mapping[str, Synthesizer]] = providers.Singleton(
        make_route_synthesizers, settings, http_streams.provider
    )
    scripted_transcriber: providers.Provider[ScriptedTranscriber] = providers.Singleton(ScriptedTranscriber)
    transcriber: providers.Provider[Transcriber] = providers.Singleton(
        make_transcriber, settings, clock, scripted_transcriber
    )
    responder: providers.Provider[Responder] = providers.Singleton(
        make_responder, settings, http_streams.provider
    )
    installed: providers.Provider[InstalledCarriers] = providers.Callable(installed_carriers)
    carrier_set: providers.Provider[CarrierSet] = providers.Singleton(
        make_carrier,
        providers.Factory(
            CarrierParts,
            settings=settings,
            home=home,
            http=http_client.provider,
            clock=clock,
            address=address,
            tokens=tokens,
            scripted_transcriber=scripted_transcriber,
        ),
        installed,
    )
    exposure: providers.Provider[Exposure] = providers.Singleton(
        make_exposure, settings, address, carrier_set.provider, home
    )
    carrier: providers.Provider[Carrier] = providers.Singleton(_carrier, carrier_set)
    store: providers.Provider[EventStore] = providers.Singleton(
        SqliteStore, providers.Callable(store_path, settings, home)
    )
    pairing: providers.Provider[PairingStore] = providers.Singleton(
        PairingFile, providers.Callable(lambda home: home / "pairing.json", home)
    )

    voice_parts: providers.Provider[VoiceParts] = providers.Singleton(
        VoiceParts,
        synthesizer=synthesizer,
        transcriber=transcriber,
        pacer=pacer,
        clock=clock,
        prepare=providers.Callable(preparer, synthesizer),
        silence_seconds=providers.Callable(silence_seconds, settings),
    )
    carrier_failures: "providers.Provider[Counter[str]]" = providers.Singleton(Counter)
    services: providers.Provider[CallServices] = providers.Singleton(
        CallServices,
        store=store,
        carrier=carrier,
        keypad=providers.Callable(_keypad, carrier),
        responder=responder,
        clock=clock,
        make_voice=providers.Callable(
            voice_maker,
            settings,
            home,
            providers.Factory(Mouths, voice_parts, route_synthesizers),
            carrier,
            carrier_failures,
        ),
        carrier_failures=carrier_failures,
    )
    calls: providers.Provider[LiveCalls] = providers.Singleton(_calls, services, settings)
    summarizer: providers.Provider[Summarizer | None] = providers.Callable(_summarizer, responder)
    reporter: providers.Provider[Reporter | None] = providers.Singleton(
        _reporter, store, calls, clock, settings, summarizer, http_client.provider
    )
    find: providers.Provider[FindCall] = providers.Singleton(FindCall, switchboard=calls, history=store)
    converse: providers.Provider[Converse] = providers.Singleton(
        Converse, switchboard=calls, find=find, carrier=carrier, identities=identities
    )
    terms: providers.Provider[CallTerms] = providers.Singleton(_terms, settings, transcriber)
    outbound: providers.Provider[OutboundRules] = providers.Singleton(outbound_rules, settings, terms=terms)
    inbound: providers.Provider[InboundRules] = providers.Singleton(inbound_rules, settings, terms=terms)
    tally: providers.Provider[DialTally] = providers.Singleton(DialTally)
    place: providers.Provider[PlaceCall] = providers.Singleton(
        PlaceCall,
        rules=outbound,
        switchboard=calls,
        history=store,
        carrier=carrier,
        clock=clock,
        identities=identities,
        tally=tally,
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
    adopt: providers.Provider[AdoptCall | None] = providers.Singleton(
        _adoption, settings, outbound, calls, carrier, clock, identities
    )
    steer: providers.Provider[SteerCall] = providers.Singleton(
        SteerCall,
        switchboard=calls,
        find=find,
        carrier=carrier,
        rules=outbound,
        clock=clock,
        history=store,
        tally=tally,
    )
    exchange: providers.Provider[CallExchange] = providers.Singleton(CallExchange, calls, store, admit, adopt)
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
        reporter=reporter,
        route_of=providers.Callable(_route_finder, settings, address, carrier),
        unreachable=providers.Callable(_problem_of, address),
    )
