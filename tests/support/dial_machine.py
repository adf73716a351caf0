"""A telephone in the hands of whoever got hold of it: any wish, any way, any settings, any number of lives."""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

import anyio
import attrs
import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from support.busy_threads import busy_threads
from support.dial_oracle import CALLEE, DENIED, RULES, SPELLINGS, Rules
from support.virtual_time import VirtualLoop
from support.watched_line import CLOCK, WatchedLine, phone_on

from voice_adapters.clock import RandomIdentities
from voice_adapters.runtime.outbox import outbox_of
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.status import record_of
from voice_domain.decide import open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.events import Opened
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.session import OneAnswerCaller
from voice_entrypoints.rpc.tool import run_tool

__all__ = ("DialMachine", "play_agents")

_TALK: Final = {"message": "Hi.", "mode": "conversation"}
_ACTIONS: Final = {
    "call": "initiate_call",
    "transfer": "transfer_call",
    "speak": "speak_to_user",
    "continue": "continue_call",
    "press": "send_dtmf",
    "look": "get_status",
    "end": "end_call",
}
_METHODS: Final = {
    "call": "voicecall.initiate",
    "transfer": "voicecall.transfer",
    "speak": "voicecall.speak",
    "continue": "voicecall.continue.start",
    "press": "voicecall.dtmf",
    "look": "voicecall.plan",
    "end": "voicecall.end",
}
_NEEDS: Final = {
    "call": ("to", "message", "mode"),
    "transfer": ("callId", "to"),
    "press": ("callId", "digits"),
    "end": ("callId",),
}


@attrs.frozen
class Wish:
    """One thing that somebody wants."""

    what: str
    way: str
    text: str
    """A number, as somebody writes it."""
    of: int
    """Which of the calls, from the newest."""


WISHES = st.builds(
    Wish,
    st.sampled_from((*("call",) * 4, *("transfer",) * 5, "speak", "continue", "press", "look", "end")),
    st.sampled_from(("tool", "rpc", "phone", "old tool")),
    st.sampled_from(SPELLINGS),
    st.integers(0, 2),
)
_Life = tuple[asyncio.Task[None], asyncio.Event]


class DialMachine(RuleBasedStateMachine):
    """Asks a telephone for anything; after every step all that its carrier was made to dial has to be permitted."""

    wishes = 0
    """What all machines have wanted so far, ..."""
    dialled = 0
    """... and what came of it at the carrier."""
    denied = 0
    """Refused transfers that were found in records."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=partial(VirtualLoop, busy=busy_threads))
        self.line, self.store = WatchedLine(), MemoryStore()
        self.checked = 0

    @initialize(rules=RULES)
    def begin(self, rules: Rules) -> None:
        self._start(rules)

    @rule(rules=RULES, killed=st.booleans(), owed=st.none() | st.sampled_from((DENIED, CALLEE)))
    def a_new_process_has_other_settings(self, rules: Rules, owed: str | None, *, killed: bool) -> None:
        left = copy.deepcopy(self.store)  # as `kill -9` would leave it
        self._stop()
        self.store = left if killed else self.store
        if owed is not None:
            self.runner.run(self._leave_behind(owed))
        self._start(rules)

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=4))
    def somebody_wants(self, wishes: list[Wish]) -> None:
        self.runner.run(self._in_turn(wishes))

    @rule(wishes=st.lists(WISHES, min_size=2, max_size=5))
    def several_want_at_once(self, wishes: list[Wish]) -> None:
        self.runner.run(self._at_once(wishes))

    @rule(text=st.sampled_from(SPELLINGS), direction=st.sampled_from(Direction))
    def a_call_comes_from_elsewhere(self, text: str, direction: Direction) -> None:
        self.runner.run(self._happen(direction, text))

    @rule()
    def strangers_are_approved(self) -> None:
        self.runner.run(self._approve())

    @rule(seconds=st.sampled_from((1, 60, 1_800, 3_599, 3_601, 7 * 3_600)))
    def time_passes(self, seconds: int) -> None:
        self.runner.run(anyio.sleep(seconds))

    @invariant()
    def nothing_was_dialled_that_is_not_permitted(self) -> None:
        asked = self.line.asked
        for place in range(self.checked, len(asked)):
            assert self.rules.permit(asked[place], asked[:place]), f"{asked[place]} under {self.rules}"
        DialMachine.dialled += len(asked) - self.checked
        self.checked = len(asked)

    def teardown(self) -> None:
        if hasattr(self, "rules"):
            self.runner.run(self._check_records())
            self._stop()
        self.runner.close()

    def _start(self, rules: Rules) -> None:
        self.rules = rules
        self.runner.run(self._begin_life())

    def _stop(self) -> None:
        self.runner.run(self._end_life())

    async def _begin_life(self) -> None:
        began, self.over = asyncio.Event(), asyncio.Event()
        # Hypothesis calls each step by itself, so the life of a process has to go on from one to the next.
        self.life = asyncio.get_running_loop().create_task(self._live(began))
        await asyncio.wait({self.life, asyncio.ensure_future(began.wait())}, return_when="FIRST_COMPLETED")
        if self.life.done():
            await self.life

    async def _end_life(self) -> None:
        self.over.set()
        await self.life
        await anyio.sleep(0.1)

    async def _live(self, began: asyncio.Event) -> None:
        async with (
            phone_on(self.line, self.rules.document, store=self.store) as self.telephone,
            anyio.create_task_group() as tasks,
        ):
            self.handlers: Mapping[str, Any] = phone_handlers(self.telephone, Operations(tasks))
            began.set()
            await self.over.wait()
            tasks.cancel_scope.cancel()

    async def _in_turn(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            await self._try(wish)
            await anyio.sleep(0.5)

    async def _at_once(self, wishes: list[Wish]) -> None:
        async with anyio.create_task_group() as tasks:
            for wish in wishes:
                tasks.start_soon(self._try, wish)
        await anyio.sleep(0.5)

    async def _try(self, wish: Wish) -> None:
        """Try one thing; a refusal is fine."""
        DialMachine.wishes += 1
        live = self.telephone.live()
        said = {
            **_TALK,
            "to": wish.text,
            "callId": str(live[-1 - wish.of % len(live)].call_id) if live else "nobody",
            "digits": wish.text,
        }
        wanted = {name: said[name] for name in _NEEDS.get(wish.what, ("callId", "message"))}
        with suppress(VoiceError), anyio.move_on_after(2):
            await self._way(wish)(wish, wanted)

    def _way(self, wish: Wish) -> Callable[[Wish, Mapping[str, str]], Awaitable[object]]:
        return {"tool": self._by_tool, "old tool": self._by_old_tool, "phone": self._by_phone}.get(
            wish.way, self._by_rpc
        )

    async def _by_tool(self, wish: Wish, wanted: Mapping[str, str]) -> object:
        return await run_tool(self._ask, {"action": _ACTIONS[wish.what], **wanted})

    async def _by_old_tool(self, wish: Wish, wanted: Mapping[str, str]) -> object:
        del wanted
        return await run_tool(self._ask, {"mode": "call", "to": wish.text, "message": "Hi."})

    async def _by_rpc(self, wish: Wish, wanted: Mapping[str, str]) -> object:
        if wish.what == "look":
            wanted = {"to": wish.text}
        return await self._ask(_METHODS[wish.what], wanted)

    async def _by_phone(self, wish: Wish, wanted: Mapping[str, str]) -> object:
        if wish.what == "transfer":
            return await self.telephone.transfer(wanted["callId"], wish.text)
        return await self.telephone.call(to=wish.text or None, **_TALK)

    async def _ask(self, method: str, params: Mapping[str, Any]) -> Any:
        return await self.handlers[method](dict(params), OneAnswerCaller())

    async def _happen(self, direction: Direction, text: str) -> None:
        name = f"strange-{CLOCK.now_ms()}"
        event = {"type": "call.ringing", "callId": name, "direction": direction, "from": text, "to": text}
        with suppress(VoiceError):
            await self.telephone.inject([event, {"type": "call.answered", "callId": name}])
        await anyio.sleep(0.5)

    async def _approve(self) -> None:
        pairing = self.telephone.exchange._admit.pairing
        for asked in (await pairing.load()).pending:
            with suppress(VoiceError):  # its time may be over
                await pairing.change(lambda book, code=asked.code: book.approve(code, now_ms=CLOCK.now_ms()))

    async def _leave_behind(self, number: str) -> None:
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
        outbox = outbox_of(decision)
        await self.store.append(opened.call_id, decision.events, expected_version=0, outbox=outbox)

    async def _check_records(self) -> None:
        """Every call of ours, and every transfer, has the verdict that allowed it; a refused one has that too."""
        telephone: Phone = self.telephone
        for call in await telephone.history(limit=1_000):
            notes = record_of(call)["metadata"]
            if call.direction is Direction.OUTBOUND and "placedBy" not in notes and call.opened.notes:
                assert notes["dialVerdict"].startswith("allowed")
            assert (call.transferred is None) or notes["transferVerdict"].startswith("allowed")
            refusal = notes.get("transferRefusal", "refused")
            assert refusal.startswith("refused")
            DialMachine.denied += "transferRefusal" in notes


def play_agents(count: int) -> None:
    """Let *count* agents try, the same ones every time; how much they did is counted by the class."""
    run_state_machine_as_test(
        DialMachine,
        settings=settings(
            max_examples=count,
            stateful_step_count=25,
            derandomize=True,
            # To make a failure small takes minutes; its few steps can be read as they are.
            phases=(Phase.generate,),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
