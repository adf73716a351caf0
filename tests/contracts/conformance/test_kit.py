"""The carrier kit runs every promise, shows what is not claimed as such, and says which promise is broken."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar

import anyio
import attrs
import pytest
from example_carrier.carrier import ExampleCarrier
from example_carrier.under_test import Example, ExampleStage
from support.mock_under_test import MockUnderTest

from voice_adapters.carriers.mock import MockCarrier
from voice_contracts.conformance.__main__ import main
from voice_contracts.conformance.about import Area
from voice_contracts.conformance.capability_matrix import capability_matrix
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.check import Check, Verdict
from voice_contracts.conformance.kit import KitReport, checks_of, run_kit
from voice_contracts.conformance.promise import BrokenPromiseError
from voice_contracts.conformance.virtual_time import StuckError, run_check
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import KeysPressed, WordsHeard
from voice_domain.ports.carrier import (
    Capabilities,
    CarrierError,
    CarrierSignal,
    DialRequest,
    Exchange,
    LineStatus,
    SpeechPlayed,
    SpokenText,
)
from voice_domain.ports.dial_finder import LostDial


def rows(report: KitReport) -> list[str]:
    return capability_matrix(report).splitlines()


def test_a_whole_carrier_keeps_everything_it_promises() -> None:
    report = run_kit(MockUnderTest())

    assert report.broken == ()
    assert rows(report)[:-2] == [
        "AREA           CLAIMED  FOUND",
        "placing        –        5 kept",
        "answering      yes      1 kept",
        "rejecting      yes      1 kept",
        "speech         no       refused as unsupported",
        "listening      no       refused as unsupported",
        "digits         yes      1 kept, not shown: the stage has no `press`",
        "transfer       yes      1 kept",
        "hang-up        –        4 kept",
        "webhooks       –        5 kept",
        "media dialect  yes      otherwise",
        "audio          yes      8 kept",
        "status         –        1 kept",
        "errors         –        not shown: its network cannot fail",
        "idempotency    –        4 kept",
    ]


class Deaf(MockUnderTest):
    class make(MockCarrier):  # noqa: N801 - the attribute of the mock under test
        async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
            pass


class Searchable(MockCarrier):
    """Finds its dials by our name for them, as it should."""

    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        name = CarrierCallId(f"mock-{lost.call_id}")
        leg = self.leg(name)
        return (name,) if leg is not None and leg.status.alive else ()


class FindsNothing(Searchable):
    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        return ()


class FindsWhateverLives(Searchable):
    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        return await super().find_dial(attrs.evolve(lost, call_id=CallId("call-1")))


class FindsTheDead(Searchable):
    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        return (CarrierCallId("mock-call-1"),) if lost.call_id == "call-1" else ()


class FindsAStranger(Searchable):
    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        return tuple(CarrierCallId(f"not-{name}") for name in await super().find_dial(lost))


@pytest.mark.parametrize(
    ("carrier", "broken"),
    [
        (Searchable, []),
        (FindsNothing, ["a dial without an answer is found at once"]),
        (FindsAStranger, ["a dial without an answer is found at once"]),
        (FindsWhateverLives, ["the leg of another dial is not taken for it"]),
        (FindsTheDead, ["a leg that is over is not found"]),
    ],
)
def test_a_carrier_that_can_be_searched_has_to_find_its_dials_and_no_others(
    carrier: type[MockCarrier], broken: list[str]
) -> None:
    class Subject(MockUnderTest):
        make = carrier

    whole = {check.name for check in checks_of(MockUnderTest())}
    further = [check for check in checks_of(Subject()) if check.name not in whole]

    assert len(further) == 3
    assert [check.name for check in further if check.finding().verdict is Verdict.BROKEN] == broken


def test_a_broken_promise_says_what_was_promised_and_what_came() -> None:
    report = run_kit(Deaf())

    assert "hang-up        –        2 kept, 2 broken" in rows(report)
    assert "hang-up: hanging up ends the leg and may be repeated" in rows(report)
    sentence = "  Broken promise: A call is over after `hang_up` has returned. Seen: LineStatus(alive=True"
    assert any(line.startswith(sentence) for line in rows(report))
    assert rows(report)[-1].startswith("mock: 35 kept, 2 broken, in ")


@attrs.frozen
class Heard(Exchange):
    """Changes what a carrier tells."""

    behind: Exchange
    change: Callable[[CarrierSignal], CarrierSignal | None]

    async def tell(self, signal: CarrierSignal) -> None:
        told = self.change(signal)
        if told is not None:
            await self.behind.tell(told)

    def attach(self, call_id: Any, link: Any) -> Any:
        return self.behind.attach(call_id, link)


class Faulty(Example):
    """The example with a fault."""

    kind: ClassVar[type[ExampleCarrier]] = ExampleCarrier

    def __init__(
        self,
        kind: type[ExampleCarrier] = ExampleCarrier,
        change: Callable[[CarrierSignal], CarrierSignal | None] = lambda signal: signal,
    ) -> None:
        self._kind, self._change = kind, change
        self.deadline_seconds = 6.0

    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return self._open(exchange)

    @asynccontextmanager
    async def _open(self, exchange: Exchange) -> AsyncIterator[CarrierStage]:
        async with super().open_stage(Heard(exchange, self._change)) as stage:
            assert isinstance(stage, ExampleStage)
            parts = {name: getattr(stage.carrier, name) for name in ("client", "webhooks", "webhook_url")}
            yield ExampleStage(self._kind(**parts), stage.network)


class HandsOver(ExampleCarrier):
    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        pass


class Complains(ExampleCarrier):
    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        raise CarrierError("example", "no")


class Streams(ExampleCarrier):
    capabilities = Capabilities(media_stream=True, native_speech=True, native_listening=True)


class Mute(ExampleCarrier):
    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        raise CarrierError("example", "no")


class Unstoppable(ExampleCarrier):
    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        raise CarrierError("example", "no")


class StopsOnce(ExampleCarrier):
    stopped: ClassVar[list[CarrierCallId]] = []

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        if carrier_call_id in self.stopped:
            raise CarrierError("example", "no")
        self.stopped.append(carrier_call_id)


class Shrugs(ExampleCarrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        try:
            return await super().dial(request)
        except CarrierError as error:
            raise OSError from error


class Guesses(ExampleCarrier):
    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        try:
            return await super().look_up(carrier_call_id)
        except CarrierError:
            return LineStatus(alive=False)


class Anonymous(ExampleCarrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        try:
            return await super().dial(request)
        except CarrierError as error:
            raise CarrierError("somebody", "no") from error


class BreaksOff(ExampleCarrier):
    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        try:
            await super().hang_up(carrier_call_id)
        except CarrierError as error:
            raise OSError from error


def without(kind: type) -> Callable[[CarrierSignal], CarrierSignal | None]:
    return lambda signal: None if isinstance(signal.news, kind) else signal


def misheard(signal: CarrierSignal) -> CarrierSignal:
    if isinstance(signal.news, WordsHeard):
        return attrs.evolve(signal, news=attrs.evolve(signal.news, text="No."))
    return signal


def partial_only(signal: CarrierSignal) -> CarrierSignal:
    if isinstance(signal.news, WordsHeard):
        return attrs.evolve(signal, news=attrs.evolve(signal.news, final=False))
    return signal


@pytest.mark.parametrize(
    ("subject", "area", "promise"),
    [
        (Faulty(HandsOver), Area.TRANSFER, "does not claim `transfer` refuses it with UnsupportedError"),
        (Faulty(Complains), Area.TRANSFER, "does not claim `transfer` refuses it with UnsupportedError"),
        (Faulty(Streams), Area.DIALECT, "claims `media_stream` is shown at it"),
        (Faulty(Streams), Area.DIGITS, "does not claim `digits` refuses it with UnsupportedError"),
        (Faulty(Streams), Area.ANSWERING, "does not claim `inbound` refuses it with UnsupportedError"),
        (Faulty(Streams), Area.REJECTING, "does not claim `reject` refuses it with UnsupportedError"),
        (Faulty(Mute), Area.SPEECH, "`speak` accepts a text"),
        (Faulty(Unstoppable), Area.SPEECH, "`silence` stops what is read"),
        (Faulty(change=without(SpeechPlayed)), Area.SPEECH, "is told as SpeechPlayed"),
        (Faulty(change=without(WordsHeard)), Area.LISTENING, "is told as WordsHeard"),
        (Faulty(change=partial_only), Area.LISTENING, "is told as WordsHeard, as a final one"),
        (Faulty(change=misheard), Area.LISTENING, "`WordsHeard` holds the words that were said"),
        (Faulty(StopsOnce), Area.LISTENING, "`stop_listening` stops it, and may be repeated"),
        (Faulty(change=without(KeysPressed)), Area.DIGITS, "are told as KeysPressed"),
        (Faulty(Shrugs), Area.ERRORS, "`dial` raises CarrierError when the network refuses"),
        (Faulty(Guesses), Area.ERRORS, "`look_up` raises CarrierError when the network refuses"),
        (Faulty(Anonymous), Area.ERRORS, "A CarrierError names the carrier"),
        (Faulty(BreaksOff), Area.ERRORS, "`hang_up` raises CarrierError, or nothing"),
    ],
)
def test_a_fault_is_found_in_its_area(subject: Faulty, area: Area, promise: str) -> None:
    StopsOnce.stopped.clear()
    broken = [
        finding.sentence
        for check in checks_of(subject)
        if check.area is area and (finding := check.finding()).verdict is Verdict.BROKEN
    ]

    assert any(promise in sentence for sentence in broken), broken


class Silent(MockUnderTest):
    class make(MockCarrier):  # noqa: N801 - the attribute of the mock under test
        capabilities = Capabilities(native_listening=True, media_stream=True, digits=True, transfer=True)

        async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
            pass

        stop_listening = listen


class Secretive(MockUnderTest):
    def webhooks(self) -> None:
        return None


class Careless(MockUnderTest):
    network_can_fail = True


@pytest.mark.parametrize(
    ("subject", "promise"),
    [
        (Silent(), "claims `native_listening` is shown at it: the stage has `say`"),
        (Secretive(), "reads webhooks is shown at it"),
        (Careless(), "Failures are shown: the stage has no `fail`"),
    ],
)
def test_what_is_claimed_and_cannot_be_shown_counts_as_broken(subject: MockUnderTest, promise: str) -> None:
    sentences = [finding.sentence for finding in run_kit(subject).broken]

    assert any(promise in sentence for sentence in sentences), sentences


class Bad(Example):
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return self._open(exchange)

    @asynccontextmanager
    async def _open(self, exchange: Exchange) -> AsyncIterator[CarrierStage]:
        async with super().open_stage(exchange) as stage, anyio.create_task_group():
            yield stage
            raise KeyError("stage")


def test_an_error_of_the_stage_is_a_finding_too() -> None:
    report = Check(Area.STATUS, "asked", Verdict.KEPT, lambda: _enter(Bad())).finding()

    assert report.verdict is Verdict.BROKEN
    assert report.sentence == "KeyError: 'stage'"


async def _enter(subject: Example) -> None:
    async with subject.open_stage(Heard(None, without(object))):  # type: ignore[arg-type]  # nobody tells
        pass


def test_each_check_can_be_a_test_of_its_own() -> None:
    checks = {str(check): check for check in checks_of(Deaf())}

    checks["status: a call that never was is gone"].run()
    with pytest.raises(BrokenPromiseError, match="A ringing call is over after"):
        checks["hang-up: a call that only rings can be hung up"].run()


def test_what_waits_for_ever_is_told() -> None:
    with pytest.raises(StuckError):
        run_check(anyio.sleep_forever, real_time=False)


def test_the_command_says_by_its_exit_code_whether_all_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [main([f"support.mock_under_test:{name}"]) for name in ("MockUnderTest",)]

    assert codes == [0]
    assert "0 broken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "usage: "),
        (["support.mock_under_test"], "usage: "),
        (["no_such_module:Class"], "no_such_module:Class cannot be made: No module named 'no_such_module'"),
        (["support.mock_under_test:Nobody"], "has no attribute 'Nobody'"),
        (["voice_domain.e164:PhoneNumber"], "cannot be made: "),
        (["support.mock_stage:MockCarrier"], "cannot be made: "),
        (["builtins:dict"], "builtins:dict is dict, and no CarrierUnderTest"),
    ],
)
def test_the_command_says_what_it_needs(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err
