"""Those who use the gateway: clients that place calls and do things in them, and people who call in."""

import random
import time
from typing import Any, Final

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_contracts.twins.callee import Callee, HangUp, Outcome, Press, Say, Step
from voice_entrypoints.endurance.program import NoAnswerError
from voice_entrypoints.endurance.stage import NUMBER, Stage
from voice_entrypoints.endurance.utterances import UTTERANCES

__all__ = ("Told", "Workload")

_OUTCOMES: Final = (*[Outcome.ANSWERS] * 9, Outcome.BUSY, Outcome.NO_ANSWER, Outcome.FAILS)


_PATIENCE_SECONDS: Final = 20.0


@attrs.frozen
class Told:
    """A client was told that something was done."""

    method: str
    phone: str
    call_id: str
    text: str
    at_ms: int


@attrs.define(kw_only=True)
class Workload:
    """Keeps so many clients at work until told to stop."""

    stage: Stage
    chance: random.Random
    clients: int
    inbound: float = 0.15
    """How many of the calls are calls to us, 0 to 1."""
    pause_seconds: float = 0.2
    """The longest pause of a client between two calls."""
    told: list[Told] = attrs.field(factory=list)
    unanswered: int = 0
    """How often a client was told nothing, or no."""
    placed: int = 0
    _spoken: int = 0
    _stopping: bool = False

    async def run(self) -> None:
        """Work, until stopped; calls that have begun go on."""
        async with anyio.create_task_group() as tasks:
            for _ in range(self.clients):
                tasks.start_soon(self._client, tasks)

    def stop(self) -> None:
        """Begin no further calls."""
        self._stopping = True

    async def _client(self, tasks: TaskGroup) -> None:
        while not self._stopping:
            with anyio.move_on_after(1):
                await self.stage.gateway.ready.wait()
                await self._call(tasks)
            await anyio.sleep(self.chance.uniform(0, self.pause_seconds))

    async def _call(self, tasks: TaskGroup) -> None:
        number, self.placed = self.placed, self.placed + 1
        phone = f"+1{202 + number // 10_000}555{number % 10_000:04d}"
        callee = _callee(self.chance)
        if self.chance.random() < self.inbound:
            tasks.start_soon(self._call_in, phone, attrs.evolve(callee, outcome=Outcome.ANSWERS))
            return
        self.stage.callees[phone] = callee
        with anyio.CancelScope(shield=True):
            await self._dialogue(phone)

    async def _call_in(self, phone: str, caller: Callee) -> None:
        """Call the gateway; who hears nothing but ringing gives up, as people do."""
        twin = self.stage.twin
        leg = twin.call_in(phone, NUMBER, caller)
        with anyio.move_on_after(_PATIENCE_SECONDS):
            await twin.answered(leg)
            return
        twin.hang_up(leg)

    async def _dialogue(self, phone: str) -> None:
        mode = self.chance.choice(("notify", "conversation", "conversation"))
        text = self.chance.choice(UTTERANCES)
        placed = await self._ask("initiate", phone, "", text, to=phone, message=text, mode=mode)
        if placed is None:
            return
        call_id = placed["callId"]
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            await anyio.sleep(self.chance.uniform(0, 1.2))
            method = self.chance.choice(("speak", "end", "dtmf", "status"))
            given: dict[str, Any] = {"callId": call_id}
            if method == "speak":
                # In this text no two requests are alike, so that its record can be looked for.
                self._spoken += 1
                text = given["message"] = f"Number {self._spoken}."
            if method == "dtmf":
                given["digits"] = "1#"
            await self._ask(method, phone, call_id, text, **given)

    async def _ask(self, method: str, phone: str, call_id: str, text: str, **given: Any) -> Any:
        try:
            result = await self.stage.gateway.ask(method, **given)
        except NoAnswerError:
            self.unanswered += 1
            return None
        name = result.get("callId", call_id)
        self.told.append(Told(method, phone, name, text, int(time.time() * 1_000)))
        return result


def _callee(chance: random.Random) -> Callee:
    return Callee(
        script=_script(chance),
        outcome=chance.choice(_OUTCOMES),
        ring_after_ms=chance.choice((20, 100, 400)),
        answer_after_ms=chance.choice((50, 300, 1_000)),
    )


def _script(chance: random.Random) -> tuple[Step, ...]:
    steps: list[Step] = [
        Say(chance.choice(UTTERANCES)) if chance.random() < 0.8 else Press(chance.choice(("1", "12#")))
        for _ in range(chance.randrange(3))
    ]
    if chance.random() < 0.9:
        steps.append(HangUp(chance.choice((0, 500, 1_500))))
    return tuple(steps)
