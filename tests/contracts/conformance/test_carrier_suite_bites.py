"""A carrier that breaks a promise fails the suite with a sentence that names the promise."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import attrs
import pytest
from support.mock_stage import mock_stage

from voice_adapters.carriers.mock import MockCarrier
from voice_adapters.carriers.mock.webhooks import MockWebhooks
from voice_adapters.clock import SystemClock
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_audio import CarrierAudioConformance
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.promise import BrokenPromiseError
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineAnswered, LineEnded, LineRang
from voice_domain.ports.carrier import (
    Capabilities,
    CarrierError,
    CarrierSignal,
    DialRequest,
    Exchange,
    LineStatus,
    UnsupportedError,
)
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.webhook_reader import (
    WebhookReader,
    WebhookRequest,
    WebhookResponse,
)
from voice_domain.vocabulary import Direction, EndReason


class OddlyNamed(MockCarrier):
    name = "My Carrier"


class Boastful(MockCarrier):
    capabilities = Capabilities(native_speech=True, media_stream=True)


class Nameless(MockCarrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        await super().dial(request)
        return CarrierCallId("")


class OneName(MockCarrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        await super().dial(request)
        return CarrierCallId("same")


class NeverThere(MockCarrier):
    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        return LineStatus(alive=False)


class NeverGone(MockCarrier):
    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        return LineStatus(alive=True)


class Hasty(MockCarrier):
    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        return attrs.evolve(await super().look_up(carrier_call_id), answered=True)


class Unaware(MockCarrier):
    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        return attrs.evolve(await super().look_up(carrier_call_id), answered=False)


class Deaf(MockCarrier):
    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        pass


class HangsUpOnce(MockCarrier):
    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        if not (await self.look_up(carrier_call_id)).alive:
            raise CarrierError("mock", "no such call", status=404)
        await super().hang_up(carrier_call_id)


class Stuck(MockCarrier):
    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        await anyio.sleep_forever()


class RingsForEver(MockCarrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        return await super().dial(attrs.evolve(request, ring_ms=10**9))


class LastsForEver(MockCarrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        return await super().dial(attrs.evolve(request, cap_ms=10**9))


class Fingerless(MockCarrier):
    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        raise UnsupportedError("mock", "digits")


class Secretive(MockCarrier):
    capabilities = Capabilities(media_stream=True, digits=True)


class RejectsOnce(MockCarrier):
    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        if not (await self.look_up(carrier_call_id)).alive:
            raise CarrierError("mock", "no such call")
        await super().reject(carrier_call_id, busy=busy)


class AnswersInstead(MockCarrier):
    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        await self.answer(carrier_call_id)


class Unreachable(MockCarrier):
    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        raise CarrierError("mock", "no answer")


@attrs.define
class Spoiled(Exchange):
    """An exchange that gets its signals and links through a fault."""

    behind: Exchange
    spoil_signal: Callable[[CarrierSignal], CarrierSignal | None] = lambda signal: signal
    spoil_link: Callable[[MediaLink], MediaLink] = lambda link: link
    spoil_listener: Callable[[MediaListener], MediaListener] = lambda listener: listener
    spoil_name: Callable[[CallId], CallId] = lambda call_id: call_id

    async def tell(self, signal: CarrierSignal) -> None:
        spoiled = self.spoil_signal(signal)
        if spoiled is not None:
            await self.behind.tell(spoiled)

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        return self.spoil_listener(self.behind.attach(self.spoil_name(call_id), self.spoil_link(link)))


def without(*kinds: type) -> Callable[[CarrierSignal], CarrierSignal | None]:
    return lambda signal: None if isinstance(signal.news, kinds) else signal


def with_news(**changes: Any) -> Callable[[CarrierSignal], CarrierSignal]:
    def spoil(signal: CarrierSignal) -> CarrierSignal:
        fitting = {name: value for name, value in changes.items() if hasattr(signal.news, name)}
        return attrs.evolve(signal, news=attrs.evolve(signal.news, **fitting))

    return spoil


def outbound(signal: CarrierSignal) -> CarrierSignal:
    return attrs.evolve(signal, direction=Direction.OUTBOUND)


@attrs.define
class BadLink(MediaLink):
    """A link with a fault: passes on what it is not told to lose."""

    behind: MediaLink
    loses: str = ""

    def send_frame(self, payload: bytes) -> None:
        if self.loses != "frames":
            self.behind.send_frame(payload)

    def send_mark(self, name: str) -> None:
        if self.loses != "marks":
            self.behind.send_mark(name)

    def clear(self) -> None:
        if self.loses != "clear":
            self.behind.clear()

    def close(self) -> None:
        if self.loses != "close":
            self.behind.close()


@attrs.define
class BadListener(MediaListener):
    """Hears less, or more, than was said."""

    behind: MediaListener
    marks: int = 1
    frame_bytes: int = 160
    closes: bool = True

    def frame_arrived(self, payload: bytes) -> None:
        if self.frame_bytes:
            self.behind.frame_arrived(payload[: self.frame_bytes])

    def mark_played(self, name: str) -> None:
        for _ in range(self.marks):
            self.behind.mark_played(name)

    def link_closed(self) -> None:
        if self.closes:
            self.behind.link_closed()


def signals(spoil: Callable[[CarrierSignal], CarrierSignal | None]) -> Callable[[Exchange], Exchange]:
    return lambda exchange: Spoiled(exchange, spoil_signal=spoil)


def link(loses: str) -> Callable[[Exchange], Exchange]:
    return lambda exchange: Spoiled(exchange, spoil_link=lambda good: BadLink(good, loses))


def listener(**faults: Any) -> Callable[[Exchange], Exchange]:
    return lambda exchange: Spoiled(exchange, spoil_listener=lambda good: BadListener(good, **faults))


def other_name(exchange: Exchange) -> Exchange:
    return Spoiled(exchange, spoil_name=lambda _: CallId("somebody else"))


def whole(exchange: Exchange) -> Exchange:
    return exchange


class Suite(CarrierConformance, CarrierAudioConformance):
    deadline_seconds = 6.0

    def __init__(
        self, make: type[MockCarrier] = MockCarrier, spoil: Callable[[Exchange], Exchange] = whole
    ) -> None:
        self.make = make
        self.spoil = spoil

    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return mock_stage(exchange, self.make, self.spoil)


def sentences_of(group: BaseExceptionGroup[BaseException]) -> list[str]:
    """Return the promises in a group of errors; a stage that runs a carrier in a task group gives such groups."""
    sentences: list[str] = []
    for error in group.exceptions:
        sentences += sentences_of(error) if isinstance(error, BaseExceptionGroup) else [str(error)]
    return sentences


async def broken_promises(suite: object, wanted: str = "") -> list[str]:
    """Run the checks of a suite; return the promises that were found broken, up to one that holds *wanted*."""
    broken: list[str] = []
    for name in dir(suite):
        if name.startswith("test_") and not (wanted and any(wanted in sentence for sentence in broken)):
            try:
                result = getattr(suite, name)()
                if result is not None:
                    await result
            except* BrokenPromiseError as group:
                broken += sentences_of(group)
    return broken


@pytest.mark.anyio
async def test_a_whole_carrier_breaks_no_promise() -> None:
    assert await broken_promises(Suite()) == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("make", "promise"),
    [
        (OddlyNamed, "`name` is one word"),
        (Boastful, "has the methods of every ability that it claims"),
        (Nameless, "`dial` returns the carrier's name"),
        (OneName, "`dial` gives every call a name of its own"),
        (NeverThere, "`look_up` does not say of a call that was just dialled that it is over"),
        (NeverGone, "`look_up` does not say of an ended call that it is alive"),
        (NeverGone, "`look_up` does not say of a call that never was that it is alive"),
        (Hasty, "`look_up` does not say of a call that only rings that it was answered"),
        (Unaware, "`look_up` does not say of a call that was answered that it rings"),
        (Deaf, "A call is over after `hang_up` has returned"),
        (Deaf, "A ringing call is over after `hang_up` has returned"),
        (HangsUpOnce, "`hang_up` of a call that is gone counts as done"),
        (HangsUpOnce, "`hang_up` of a call that the carrier does not know counts as done"),
        (Stuck, "`hang_up` ends a call"),
        (RingsForEver, "gives up a call that nobody answers after `ring_ms`"),
        (LastsForEver, "ends a call `cap_ms` after the dial"),
        (Fingerless, "A carrier that claims `digits` does it"),
        (Secretive, "does not claim `transfer` refuses it with UnsupportedError"),
        (RejectsOnce, "`reject` refuses an inbound call, and may be repeated"),
        (AnswersInstead, "A rejected call is over"),
        (Unreachable, "`answer` takes an inbound call"),
    ],
)
async def test_a_carrier_with_a_fault_is_told_which_promise_it_breaks(
    make: type[MockCarrier], promise: str
) -> None:
    assert promise in (await broken_promises(Suite(make), promise))[-1]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (signals(without(LineAnswered)), "An answer is told as LineAnswered"),
        (signals(without(LineEnded)), "The end of a call is told as LineEnded"),
        (signals(without(LineRang)), "A caller is announced by LineRang"),
        (signals(outbound), "A caller is announced by LineRang with the direction `inbound`"),
        (signals(with_news(event_id="")), "News carry the carrier's own id"),
        (signals(with_news(event_id="same")), "Different news have different event ids"),
        (signals(with_news(at_ms=0)), "News carry the time of the event"),
        (signals(with_news(reason=EndReason.BUSY)), "The counterpart's hang-up is told as `hangup-user`"),
        (signals(with_news(reason=EndReason.BUSY)), "A call that nobody answers ends as `no-answer`"),
        (other_name, "audio is attached under our name for the call"),
        (link("marks"), "A mark comes back once everything that was sent before it was played"),
        (link("marks"), "Every mark comes back"),
        (link("frames"), "A mark does not come back before its audio was played"),
        (link("clear"), "`clear` drops what was not played"),
        (link("clear"), "What is sent after `clear` is played"),
        (link("close"), "A closed link calls no mark back"),
        (listener(marks=2), "Marks come back once each, in order"),
        (listener(marks=2), "A mark that was cleared comes back once"),
        (listener(frame_bytes=80), "comes in frames of 160 bytes"),
        (listener(frame_bytes=0), "The counterpart's audio comes while the call is up"),
        (listener(closes=False), "the listener is told that its link is closed"),
    ],
)
async def test_news_and_audio_with_a_fault_are_told_which_promise_they_break(
    spoil: Callable[[Exchange], Exchange], promise: str
) -> None:
    assert promise in (await broken_promises(Suite(spoil=spoil), promise))[-1]


REQUEST = WebhookRequest(
    method="POST",
    urls=("http://x/voice",),
    query={},
    headers={},
    body=b'{"events": [{"type": "call.ringing", "callId": "c1", "timestamp": 1}]}',
)
OTHER = attrs.evolve(REQUEST, body=REQUEST.body.replace(b"ringing", b"answered"))


@attrs.define
class BadReader(WebhookReader):
    """Reads like the mock's, but for its faults."""

    fault: str
    good: MockWebhooks = attrs.field(factory=lambda: MockWebhooks(SystemClock()))
    reads: int = 0

    @property
    def required_headers(self) -> tuple[str, ...]:
        return {"shouts": ("X-SIGNED",), "wants more": ("x-signed",)}.get(self.fault, ())

    def authenticate(self, request: WebhookRequest) -> str:
        self.reads += 1
        faulty = {"new key": str(self.reads), "one key": "key", "header key": str(request.headers)}
        return faulty.get(self.fault, self.good.authenticate(request))

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        self.reads += 1
        if self.fault == "crashes" and not request.body:
            raise IndexError
        if self.fault == "tolerant" and not request.body:
            return self.good.translate(REQUEST)
        told = self.good.translate(request) if self.fault != "mute" else ()
        if self.fault == "counts":
            return tuple(attrs.evolve(s, carrier_call_id=CarrierCallId(str(self.reads))) for s in told)
        if self.fault == "homeless":
            return tuple(attrs.evolve(s, carrier_call_id=None, call_id=None) for s in told)
        if self.fault == "no id":
            return tuple(with_news(event_id="")(s) for s in told)
        return told

    def respond(self, request: WebhookRequest, call: object) -> WebhookResponse:
        return WebhookResponse(500 if self.fault == "refuses" else 200)


class ReaderSuite(WebhookReaderConformance):
    def __init__(self, fault: str) -> None:
        self.fault = fault

    def reader(self) -> WebhookReader:
        return BadReader(self.fault)

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return REQUEST, OTHER

    def forged(self) -> WebhookRequest | None:
        return REQUEST if self.fault == "trusts" else None


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("shouts", "Required headers are in lower case"),
        ("wants more", "has one of the required headers"),
        ("new key", "The same request has the same key"),
        ("one key", "Different requests have different keys"),
        ("header key", "The key is made of signed material only"),
        ("trusts", "`authenticate` raises NotAuthenticError"),
        ("counts", "`translate` is pure"),
        ("mute", "A request that tells of a call is translated to signals"),
        ("homeless", "Every signal names its call"),
        ("no id", "News carry the carrier's own id"),
        ("crashes", "`translate` raises BadWebhookError, and nothing else"),
        ("tolerant", "`translate` raises BadWebhookError, and nothing else"),
        ("refuses", "`respond` has a 2xx answer"),
    ],
)
async def test_a_webhook_reader_with_a_fault_is_told_which_promise_it_breaks(
    fault: str, promise: str
) -> None:
    assert promise in (await broken_promises(ReaderSuite(fault), promise))[-1]


@pytest.mark.anyio
async def test_a_whole_webhook_reader_breaks_no_promise() -> None:
    assert await broken_promises(ReaderSuite("")) == []


def test_the_numbers_that_the_suite_dials_are_examples() -> None:
    assert all(str(number).startswith("+1555000") for number in (Suite.callee, Suite.caller))
    assert Suite.callee != PhoneNumber("+15550001234")
