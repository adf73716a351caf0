"""Every oracle bites: a gateway with one planted bug is caught, and by the oracle that is there for it."""

from collections.abc import Callable
from typing import Any

import anyio
import attrs
import pytest
from dependency_injector import providers

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_adapters.media.native_voice import NativeVoice
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.switchboard import LiveCalls
from voice_contracts.twins.callee import Callee, Cue, HangUp
from voice_contracts.twins.staged import STAGED, stage_of
from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineAnswered, LineEnded, LineRang, WordsHeard
from voice_domain.ports.carrier import CarrierSignal, DialRequest
from voice_domain.vocabulary import EndReason
from voice_entrypoints.container import Container
from voice_entrypoints.simulation.carrier_side import CARRIER
from voice_entrypoints.simulation.oracles.judge import judge
from voice_entrypoints.simulation.plan import Plan, make_plan
from voice_entrypoints.simulation.world import carry_out, unaltered

Alter = Callable[[Container], None]

PLAN = make_plan(5, 14, ())
QUICK = Callee((HangUp(3_000, Cue.BEFORE),))
CROWD = attrs.evolve(
    PLAN,
    calls=tuple(
        attrs.evolve(call, at_seconds=0.0, inbound=True, callee=QUICK) for call in make_plan(5, 60, ()).calls
    ),
)


class Carrier(TwilioCarrier):
    """The real one, with a bug of its own."""


class DropsHangUps(Carrier):
    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        await anyio.lowlevel.checkpoint()


class DialsTwice(Carrier):
    async def dial(self, request: DialRequest) -> CarrierCallId:
        await super().dial(request)
        return await super().dial(request)


def carried_by(kind: type[Carrier]) -> Alter:
    def alter(container: Container) -> None:
        real = container.carrier()
        assert isinstance(real, TwilioCarrier)
        fields = {field.name for field in attrs.fields(TwilioCarrier) if field.init}
        container.carrier.override(providers.Object(kind(**{name: getattr(real, name) for name in fields})))

    return alter


def telling(change: Callable[[CarrierSignal], list[CarrierSignal]], delay_seconds: float = 0.0) -> Alter:
    """News that are not those of the carrier."""

    class Exchange(CallExchange):
        async def receive(self, signal: CarrierSignal) -> Call | None:
            call = None
            for each in change(signal):
                if each is not signal and delay_seconds:
                    await anyio.sleep(delay_seconds)
                call = await super().receive(each)
            return call if call is not None else self._find(signal)

    def alter(container: Container) -> None:
        parts = (container.calls(), container.store(), container.admit(), container.adopt())
        container.exchange.override(providers.Object(Exchange(*parts)))

    return alter


def switched_by(kind: type[LiveCalls], limit: int = 50) -> Alter:
    return lambda container: container.calls.override(
        providers.Object(kind(container.services(), limit=limit))
    )


class KeepsSlots(LiveCalls):
    def _leave(self, call_id: CallId) -> None:
        super()._leave(call_id)
        self._slots.add(call_id)


class LeavesTasks(LiveCalls):
    def _leave(self, call_id: CallId) -> None:
        super()._leave(call_id)
        if self._tasks is not None:
            self._tasks.start_soon(anyio.sleep, 100_000)


def words(signal: CarrierSignal, change: Callable[[str], str | None]) -> list[CarrierSignal]:
    if not isinstance(signal.news, WordsHeard):
        return [signal]
    text = change(signal.news.text)
    return [] if text is None else [attrs.evolve(signal, news=attrs.evolve(signal.news, text=text))]


def heard_again(signal: CarrierSignal) -> list[CarrierSignal]:
    if not (isinstance(signal.news, WordsHeard) and signal.news.final):
        return [signal]
    again = attrs.evolve(signal.news, event_id=signal.news.event_id + "-again")
    return [signal, attrs.evolve(signal, news=again)]


def ends_otherwise(signal: CarrierSignal) -> list[CarrierSignal]:
    if not isinstance(signal.news, LineEnded):
        return [signal]
    return [attrs.evolve(signal, news=attrs.evolve(signal.news, reason=EndReason.VOICEMAIL))]


def ends_late(signal: CarrierSignal) -> list[CarrierSignal]:
    return [attrs.evolve(signal)] if isinstance(signal.news, LineEnded) else [signal]


def ends_when_it_rings(signal: CarrierSignal) -> list[CarrierSignal]:
    if not isinstance(signal.news, LineRang):
        return [signal]
    ended = LineEnded(signal.news.at_ms, EndReason.BUSY, event_id="early")
    return [signal, attrs.evolve(signal, news=ended)]


def answers_when_it_rings(signal: CarrierSignal) -> list[CarrierSignal]:
    if not isinstance(signal.news, LineRang):
        return [signal]
    return [attrs.evolve(signal, news=LineAnswered(signal.news.at_ms, "early"))]


class ClaimsEverything(NativeVoice):
    def _heard(self, order: Any, cut_seconds_ago: float = 0.0) -> str:
        return str(order.text)


def claiming(container: Container) -> None:
    services = container.services()
    carrier: Any = container.carrier()

    def make(call: Call, report: Any, moments: Any, now: Callable[[], Call]) -> NativeVoice:
        name = lambda: now().carrier_call_id  # noqa: E731 - as short as it is
        return ClaimsEverything(carrier, carrier_call_id=name, report=report, moments=moments)

    container.services.override(providers.Object(attrs.evolve(services, make_voice=make)))


class Forgetful:
    """A store that settles nothing."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def __aenter__(self) -> Any:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._inner.__aexit__(*error)

    async def settle(self, effect_id: str) -> None:
        await anyio.lowlevel.checkpoint()


def forgetting(container: Container) -> None:
    container.store.override(providers.Object(Forgetful(container.store())))


def placing_nothing(container: Container) -> None:
    """Clients are told of calls that nobody has kept."""
    real = container.place()

    async def place(**wish: Any) -> Call:
        call = await real(**wish)
        return attrs.evolve(call, opened=attrs.evolve(call.opened, call_id=CallId("call-unknown")))

    container.place.override(providers.Object(place))


PLANTED: dict[str, tuple[Alter, str, Plan]] = {
    "a hang-up that is dropped": (carried_by(DropsHangUps), "early-end", PLAN),
    "a call that is dialled twice": (carried_by(DialsTwice), "double-dial", PLAN),
    "words that are acknowledged and not kept": (telling(lambda s: words(s, lambda _: None)), "lost", PLAN),
    "words that nobody said": (telling(lambda s: words(s, lambda text: text + " Really")), "invented", PLAN),
    "words that are heard twice": (telling(heard_again), "heard-twice", PLAN),
    "a wrong end reason": (telling(ends_otherwise), "reason", PLAN),
    "an end that is noticed late": (telling(ends_late, 10.0), "billing", PLAN),
    "an end without the carrier's word": (telling(ends_when_it_rings), "early-end", PLAN),
    "an answer that never was": (telling(answers_when_it_rings), "billing", PLAN),
    "a slot that is never free again": (switched_by(KeepsSlots), "leftover", PLAN),
    "a task that is left behind": (switched_by(LeavesTasks), "leftover", PLAN),
    "a limit that is not kept": (switched_by(LiveCalls, limit=1_000), "limit", CROWD),
    "a text that is claimed to be heard": (claiming, "heard", PLAN),
    "an outbox that only grows": (forgetting, "quiet", PLAN),
    "a promise to a client that nobody kept": (placing_nothing, "lost", PLAN),
}


ELSEWHERE = (
    "words that are acknowledged and not kept",
    "a wrong end reason",
    "an answer that never was",
    "an outbox that only grows",
)
"""What is planted on every other carrier too."""


@pytest.mark.parametrize(("alter", "oracle", "plan"), PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_is_caught(alter: Alter, oracle: str, plan: Plan) -> None:
    seen = carry_out(plan, alter=alter)

    assert oracle in {breach.oracle for breach in judge(seen)}


@pytest.mark.parametrize("carrier", [carrier for carrier in STAGED if carrier != CARRIER])
@pytest.mark.parametrize("bug", ELSEWHERE)
def test_a_planted_bug_is_caught_on_another_carrier(bug: str, carrier: str) -> None:
    alter, oracle, plan = PLANTED[bug]

    seen = carry_out(plan.fitted(stage_of(carrier).facts), carrier=carrier, alter=alter)

    assert seen.crash == ""
    assert oracle in {breach.oracle for breach in judge(seen)}


def test_without_a_planted_bug_nothing_is_found() -> None:
    assert judge(carry_out(PLAN, alter=unaltered)) == ()
