"""The dial policy holds on every way to a number: a call, a transfer, a tool, a new start, other settings."""

import copy
from collections.abc import Mapping
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.watched_line import CLOCK, Asked, WatchedLine, phone_on

from voice_adapters.clock import RandomIdentities
from voice_adapters.runtime.outbox import outbox_of
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.status import record_of
from voice_domain.decide import open_call
from voice_domain.dial_verdict import DialRefusedError, HourlyCapReachedError
from voice_domain.e164 import PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.events import Opened
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError
from voice_domain.refusals import CallNotFoundError, NotEnabledError
from voice_domain.terms import CallTerms
from voice_domain.use_cases.steer_call import SteerCall
from voice_domain.vocabulary import Direction
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.session import OneAnswerCaller
from voice_entrypoints.rpc.tool import run_tool

pytestmark = pytest.mark.anyio

CALLEE, FRIEND, DENIED = "+12025550123", "+12025550199", "+19005551234"
TALK = {"message": "Hi.", "mode": "conversation"}


async def talking(telephone: Phone, to: str = CALLEE) -> str:
    placed = await telephone.call(to=to, **TALK)
    await anyio.sleep(1)
    return placed.call_id


async def test_the_verdict_on_a_transfer_is_kept_in_the_record() -> None:
    line, store = WatchedLine(), MemoryStore()
    document = {"outbound": {"allowNumbers": [DENIED], "denyNumbers": ["+1900"]}}
    async with phone_on(line, document, store=store) as telephone:
        call_id = await talking(telephone)
        plain = record_of(await telephone.transfer(call_id, FRIEND))["metadata"]
        await telephone.transfer(call_id, DENIED)
    async with phone_on(line, document, store=store) as telephone:
        call = await telephone.status(call_id)
        assert call is not None
        lifted = record_of(call)["metadata"]

    assert (plain["dialVerdict"], plain["transferVerdict"]) == ("allowed", "allowed")
    assert lifted["transferredTo"] == DENIED
    assert lifted["transferVerdict"].startswith("allowed; outbound.allowNumbers lists +1900***1234")


async def test_a_denied_transfer_reaches_no_carrier_is_kept_in_the_record_and_the_call_lives_on() -> None:
    line = WatchedLine()
    told: list[str] = []
    async with phone_on(line, {"outbound": {"denyNumbers": ["+1900"]}}) as telephone:
        call_id = await talking(telephone)
        for denied in (DENIED, "1 (900) 555-1234", "911", "tel:+1-900-555-1234"):
            with pytest.raises(DialRefusedError):
                await telephone.transfer(call_id, denied)
            told.append(record_of(telephone.live()[0])["metadata"]["transferRefusal"])
        live = telephone.live()

    assert [asked.number for asked in line.asked] == [CALLEE]
    assert [call.transferred for call in live] == [None]
    assert [verdict.partition(";")[0] for verdict in told] == ["refused"] * 4
    assert "outbound.denyNumbers" in told[0]
    assert not [verdict for verdict in told if "9005551234" in verdict]


async def test_transfers_count_as_dials_of_the_hour_even_when_they_come_together() -> None:
    line = WatchedLine()
    outcomes: list[type] = []

    async def hand_over(telephone: Phone, call_id: str) -> None:
        try:
            outcomes.append(type(await telephone.transfer(call_id, FRIEND)))
        except VoiceError as error:
            outcomes.append(type(error))

    async with phone_on(line, {"outbound": {"maxCallsPerHour": 3}}) as telephone:
        call_id = await talking(telephone)
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(hand_over, telephone, call_id)
        with pytest.raises(HourlyCapReachedError, match=r"maxCallsPerHour"):
            await telephone.call(to=CALLEE, **TALK)
        await anyio.sleep(3_601)
        again = await telephone.plan(to=CALLEE)

    assert outcomes.count(HourlyCapReachedError) == 4
    assert len(line.asked) == 3
    assert again.allowed


async def test_a_new_start_knows_the_transfers_of_the_hour_too() -> None:
    """Forgotten once: after a restart the cap counted earlier calls, and not earlier transfers."""
    line, store = WatchedLine(), MemoryStore()
    document = {"outbound": {"maxCallsPerHour": 3}}
    async with phone_on(line, document, store=store) as telephone:
        call_id = await talking(telephone)
        for _ in range(2):
            await telephone.transfer(call_id, FRIEND)
    await anyio.sleep(60)
    async with phone_on(line, document, store=store) as telephone:
        with pytest.raises(HourlyCapReachedError):
            await telephone.call(to=CALLEE, **TALK)

    assert len(line.asked) == 3


async def test_a_transfer_that_reached_no_carrier_is_not_counted_and_one_that_was_refused_is() -> None:
    line = WatchedLine()
    async with phone_on(line, {"outbound": {"maxCallsPerHour": 2}}) as telephone:
        with pytest.raises(CallNotFoundError):
            await telephone.transfer("nobody", FRIEND)
        call_id = await talking(telephone)
        line.refuses = True
        with pytest.raises(CarrierError):
            await telephone.transfer(call_id, FRIEND)
        with pytest.raises(HourlyCapReachedError):
            await telephone.transfer(call_id, FRIEND)


async def test_no_call_is_transferred_while_calls_are_switched_off() -> None:
    line = WatchedLine()
    async with phone_on(line) as telephone:
        call_id = await talking(telephone)
        steer: SteerCall = attrs.evolve(
            telephone.steer, rules=attrs.evolve(telephone.steer.rules, enabled=False)
        )
        with pytest.raises(NotEnabledError):
            await steer.transfer(call_id, FRIEND)

    assert len(line.asked) == 1


# What an agent that was talked into anything may write, and the number that it is; None: no number of a person.
SPELLINGS: tuple[tuple[str, str | None], ...] = (
    *(
        (CALLEE, CALLEE),
        ("(202) 555-0123", CALLEE),
        ("001 202 555 0123", CALLEE),
        ("tel:+12025550123", CALLEE),
    ),
    *((FRIEND, FRIEND), ("+44 20 7946 0018", "+442079460018"), ("00442079460018", "+442079460018")),
    *(
        ("+8613800138000", "+8613800138000"),
        (DENIED, DENIED),
        ("1-900-555-1234", DENIED),
        ("９００5551234", DENIED),
    ),
    *(("+18765550123", "+18765550123"), ("911", None), ("112", None), ("+1911", None), ("9 1 1", None)),
    *(
        ("+881612345678", "+881612345678"),
        ("", None),
        ("x", None),
        ("+0", None),
        ("+1 202 555 0123;ext=9", CALLEE),
    ),
)
COUNTRIES = {
    **dict.fromkeys((CALLEE, FRIEND, DENIED), "US"),
    "+442079460018": "GB",
    "+8613800138000": "CN",
    "+18765550123": "JM",
    "+881612345678": "",
}
DEAR = {DENIED, "+881612345678"}


@attrs.frozen
class Rules:
    """Settings of one life of the process, and what they permit: written anew, to be compared with ours."""

    countries: tuple[str, ...] | None
    deny: tuple[str, ...]
    allow: tuple[str, ...]
    cap: int | None
    quiet: tuple[int, int] | None
    """Hours of the day, UTC."""

    @property
    def document(self) -> dict[str, Any]:
        outbound: dict[str, Any] = {
            "denyNumbers": list(self.deny),
            "allowNumbers": list(self.allow),
            "adoptExternal": True,
        }
        if self.countries is not None:
            outbound["allowCountries"] = list(self.countries)
        if self.cap is not None:
            outbound["maxCallsPerHour"] = self.cap
        if self.quiet is not None:
            begin, end = self.quiet
            outbound["quietHours"] = {"from": f"{begin:02}:00", "to": f"{end:02}:00", "timezone": "UTC"}
        return {
            "fromNumber": "+12025550100",
            "inboundPolicy": "open",
            "maxConcurrentCalls": 50,
            "outbound": outbound,
            "recording": {"enabled": False},
        }

    def permit(self, asked: Asked, before: int) -> bool:
        """Whether *asked* may be dialled, *before* dials after the hour began."""
        if asked.number not in COUNTRIES:
            return False
        if asked.number in self.allow:
            return True
        hour = asked.at_ms // 3_600_000 % 24
        return not (
            asked.number in DEAR
            or asked.number.startswith(tuple(self.deny) or ("?",))
            or (self.countries is not None and COUNTRIES[asked.number] not in self.countries)
            or (self.quiet is not None and self._is_quiet(hour))
            or (self.cap is not None and before >= self.cap)
        )

    def _is_quiet(self, hour: int) -> bool:
        assert self.quiet is not None
        begin, end = self.quiet
        return begin <= hour < end if begin < end else hour >= begin or hour < end


Step = tuple[str, str, int]
rules = st.builds(
    Rules,
    st.none() | st.lists(st.sampled_from(("US", "GB", "CN")), unique=True).map(tuple),
    st.lists(st.sampled_from(("+1900", "+44", "+120255501", "+1202")), unique=True).map(tuple),
    st.lists(st.sampled_from(sorted(COUNTRIES)), max_size=2, unique=True).map(tuple),
    st.none() | st.integers(1, 4),
    st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda hours: hours[0] != hours[1]),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(("call", "call", "transfer", "transfer", "external", "inbound", "wait", "plan")),
        st.sampled_from(("phone", "rpc", "tool")),
        st.integers(0, len(SPELLINGS) - 1),
    ),
    max_size=12,
)


@attrs.define
class Agent:
    """Whoever has got hold of the telephone."""

    telephone: Phone
    handlers: Mapping[str, Any]
    count: int = 0

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        return await self.handlers[method](dict(params), OneAnswerCaller())

    async def do(self, step: Step) -> None:
        """Try one thing; a refusal is fine."""
        what, way, which = step
        number, self.count = SPELLINGS[which][0], self.count + 1
        live = self.telephone.live()
        call_id = str(live[-1].call_id) if live else "nobody"
        try:
            match what, way:
                case "wait", _:
                    await anyio.sleep(which * 397)
                case "plan", _:
                    await self.telephone.plan(to=number)
                case (("external" | "inbound"), _):
                    await self._happen("outbound" if what == "external" else "inbound", number)
                case "call", "tool":
                    await run_tool(self.ask, {"action": "initiate_call", "to": number, **TALK})
                case "call", "rpc":
                    await self.ask("voicecall.initiate", {"to": number, **TALK})
                case "call", _:
                    await self.telephone.call(to=number, **TALK)
                case _, "tool":
                    await run_tool(self.ask, {"action": "transfer_call", "callId": call_id, "to": number})
                case _, "rpc":
                    await self.ask("voicecall.transfer", {"callId": call_id, "to": number})
                case _:
                    await self.telephone.transfer(call_id, number)
        except VoiceError:
            pass
        await anyio.sleep(0.5)

    async def _happen(self, direction: str, number: str) -> None:
        name = f"strange-{CLOCK.now_ms()}-{self.count}"
        event = {"type": "call.ringing", "callId": name, "direction": direction, "from": number, "to": number}
        await self.telephone.inject([event, {"type": "call.answered", "callId": name}])


async def left_behind(store: MemoryStore, number: str) -> None:
    """Keep a call as a process that was killed between the keeping and the dial leaves it."""
    opened = Opened(
        at_ms=CLOCK.now_ms(),
        call_id=RandomIdentities().new_call_id(),
        carrier="mock",
        direction=Direction.OUTBOUND,
        caller=PhoneNumber("+12025550100"),
        callee=PhoneNumber(number),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
    )
    decision = open_call(opened)
    await store.append(opened.call_id, decision.events, expected_version=0, outbox=outbox_of(decision))


@given(lives=st.lists(st.tuples(rules, steps, st.booleans()), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
async def test_nothing_that_is_asked_or_happens_reaches_a_number_that_the_policy_denies(
    lives: list[tuple[Rules, list[Step], bool]],
) -> None:
    line, store = WatchedLine(), MemoryStore()
    for life, wanted, killed in lives:
        if killed:
            await left_behind(store, DENIED)
        began, seen = len(line.asked), MemoryStore()
        async with (
            phone_on(line, life.document, store=store) as telephone,
            anyio.create_task_group() as tasks,
        ):
            agent = Agent(telephone, phone_handlers(telephone, Operations(tasks)))
            for step in wanted:
                await agent.do(step)
            seen = copy.deepcopy(store)  # as `kill -9` would leave it
            await check(telephone, line, life, began=began)
        store = seen


async def check(telephone: Phone, line: WatchedLine, life: Rules, *, began: int) -> None:
    """Compare what the carrier was asked for with what was permitted, and with the records."""
    known = line.asked[:began]
    for asked in line.asked[began:]:
        before = sum(other.at_ms >= asked.at_ms - 3_600_000 for other in known)
        assert life.permit(asked, before), f"{asked} was dialled under {life}"
        known.append(asked)
    for call in await telephone.history(limit=1_000):
        notes = record_of(call)["metadata"]
        if call.direction is Direction.OUTBOUND and "placedBy" not in notes and call.opened.notes:
            assert notes["dialVerdict"].startswith("allowed")
        assert (call.transferred is None) or notes["transferVerdict"].startswith("allowed")
