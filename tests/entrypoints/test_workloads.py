"""Days at the office: calls at random over a store and a carrier that fail, with everything checked in the end.

Each seed is a day of its own. A seed that has found something stays in the list.
"""

import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import anyio
import pytest
from support.hostile import HostileCarrier, HostileStore

from voice_adapters.carriers.mock import MockOutcome, MockScript
from voice_adapters.carriers.mock.script import HangUp, Say, Step
from voice_adapters.clock import EventLoopClock
from voice_adapters.runtime.hub import CallUpdate
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.speech.tone import ToneSynthesizer
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent, Ended
from voice_domain.evolve import fold
from voice_domain.identity import CallId
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.use_cases.replay_call import replay
from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.phone import Phone

pytestmark = pytest.mark.anyio

LIMIT = 5
SEEDS = [1, 2, 16, 72, 141, 168]


class Moody(Responder):
    """Answers, takes its time, says nothing, or breaks."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        await anyio.sleep(self._chance.choice((0.0, 0.2, 3.0, 30.0)))
        if self._chance.random() < 0.1:
            raise KeyError("model")
        yield "Yes."
        await anyio.sleep(self._chance.choice((0.0, 0.2)))
        yield "I see."


class Day:
    """One day: the telephone, its store and carrier, and what its subscribers heard."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = HostileStore(self.chance)
        steps = tuple(self._step() for _ in range(self.chance.randrange(4)))
        self.carrier = HostileCarrier(
            MockScript(
                ring_ms=200,
                answer_ms=600,
                outcomes={
                    "+12025550101": MockOutcome.BUSY,
                    "+12025550102": MockOutcome.NO_ANSWER,
                    "+12025550103": MockOutcome.VOICEMAIL,
                    "+12025550104": MockOutcome.FAILED,
                },
                steps=steps,
                realtime=False,
            ),
            synthesizer=ToneSynthesizer(),
            transcriber=ScriptedTranscriber(),
            clock=EventLoopClock(),
        )
        self.carrier.chance = self.chance
        self.store.severity = self.carrier.severity = self.chance.choice((0.1, 0.3, 1.0))
        self.heard: dict[CallId, list[CallEvent]] = {}
        self.worst = 0
        self.drained = False

    def _step(self) -> Step:
        after_ms = self.chance.choice((50, 500, 5_000))
        return Say("Hm", after_ms) if self.chance.random() < 0.8 else HangUp(after_ms)

    async def listen(self, updates: AsyncIterator[CallUpdate]) -> None:
        async for update in updates:
            self.heard.setdefault(update.call.call_id, []).append(update.event)

    async def watch(self, phone: Phone) -> None:
        while True:
            counted = phone.calls._slots
            running = phone.calls._processes
            beginning = phone.calls._beginning
            assert len(counted - set(running)) <= beginning
            self.worst = max(self.worst, len(counted))
            await anyio.sleep(0.05)

    async def visit(self, phone: Phone) -> None:
        """Let one client place a call and do things with it, as patient as people are."""
        await anyio.sleep(self.chance.random() * 60)
        number = f"+120255501{self.chance.randrange(8):02}"
        mode = self.chance.choice(("notify", "conversation"))
        with anyio.move_on_after(self.chance.choice((0.01, 1.0, 1_000.0))):
            try:
                call = await phone.call(to=number, message="Hello.", mode=mode)
            except VoiceError:
                return
            for _ in range(self.chance.randrange(4)):
                await anyio.sleep(self.chance.choice((0.0, 0.7, 4.0)))
                with anyio.move_on_after(self.chance.choice((0.01, 1.0, 60.0))):
                    await self._ask(phone, call.call_id)

    async def _ask(self, phone: Phone, call_id: CallId) -> None:
        action: Callable[[], Awaitable[object]] = self.chance.choice(
            (
                partial(phone.speak, call_id, "More."),
                partial(phone.continue_call, call_id, "Well?"),
                partial(phone.send_digits, call_id, "1#"),
                partial(phone.end, call_id),
            )
        )
        try:
            await action()
        except VoiceError:
            return

    async def ring_us(self, phone: Phone) -> None:
        """Let somebody call us."""
        await anyio.sleep(self.chance.random() * 60)
        leg = f"in-{self.chance.randrange(10**9)}"
        event = {
            "id": f"ring-{leg}",
            "type": "call.ringing",
            "providerCallId": leg,
            "direction": "inbound",
            "from": "+12025550177",
            "to": "+15550000000",
        }
        for _ in range(self.chance.randrange(1, 4)):
            try:
                await phone.inject([event])
            except VoiceError:
                await anyio.sleep(0.3)


async def _day(seed: int) -> Day:
    day = Day(seed)
    settings = {
        "maxConcurrentCalls": LIMIT,
        "inboundPolicy": "open",
        "maxDurationSeconds": 40,
        "ringTimeoutMs": 5_000,
        "responseTimeoutMs": 5_000,
        "transcriptTimeoutMs": 8_000,
    }
    telephone = open_voicecall(
        settings,
        carrier=day.carrier,
        store=day.store,
        responder=Moody(day.chance),
        synthesizer=ToneSynthesizer(),
        clock=EventLoopClock(),
    )
    async with telephone as phone, anyio.create_task_group() as tasks, phone.subscribe() as updates:
        tasks.start_soon(day.listen, updates)
        tasks.start_soon(day.watch, phone)
        async with anyio.create_task_group() as people:
            for _ in range(20):
                people.start_soon(day.visit, phone)
            for _ in range(4):
                people.start_soon(day.ring_us, phone)
            if day.chance.random() < 0.3:
                await anyio.sleep(day.chance.random() * 60)
                people.cancel_scope.cancel()
        day.store.peaceful = day.carrier.peaceful = True
        if day.chance.random() < 0.5:
            await phone.calls.drain(seconds=day.chance.choice((1, 100)))
            await anyio.sleep(1)
            day.drained = True
            assert day.carrier.living == ()
        tasks.cancel_scope.cancel()
    await _check_nothing_left(phone, day)
    return day


async def _check_nothing_left(phone: Phone, day: Day) -> None:
    assert phone.live() == ()
    assert phone.calls._slots == set()
    assert phone.calls._strays == set()
    assert phone.calls._services.waiting._events == {}
    for leg in day.carrier.left:
        call = await phone.status(leg.removeprefix("mock-"))
        # The carrier said no to this dial although it did it, and we stopped before it told us of the leg.
        assert call is not None
        assert call.carrier_call_id is None


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_fails_no_leg_lives_on_and_every_record_is_true(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    day = await _day(seed)

    assert await day.store.unfinished() == ()
    assert await day.store.outstanding() == ()
    assert day.worst <= LIMIT
    calls = await day.store.page(limit=1_000)
    for call in calls:
        kept = await day.store.load(call.call_id)
        assert fold(kept) == call
        assert replay(kept, await day.store.rulings(call.call_id)).difference is None
        assert [isinstance(event, Ended) for event in kept].count(True) == 1
        assert isinstance(kept[-1], Ended)
        heard = day.heard.get(call.call_id, [])
        assert heard == list(kept)[: len(heard)]
        assert len(heard) == len(kept) or not day.drained
