"""Kills the gateway again and again while calls go on, starts it again, and then looks at what is left."""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import anyio
import attrs

from voice_domain.events import Answered, CallEvent, SpeechHeard, UtteranceHeard
from voice_domain.identity import CallId
from voice_entrypoints.endurance.evidence import Evidence, Finding, examine
from voice_entrypoints.endurance.people import Workload
from voice_entrypoints.endurance.stage import Stage, stage
from voice_entrypoints.wiring_archive import open_store

__all__ = ("Killed", "kill_again_and_again")

_CLIENTS: Final = 8
_LONGEST_LIFE_SECONDS: Final = 4.0
"""A life whose point never comes is killed then all the same."""
_SHORT_LIFE_SECONDS: Final = 1.5
_OVER_SECONDS: Final = 90.0
"""What everything may take to be over after the last start: the longest call, and a telephone that rings."""
_PLACED_SECONDS: Final = 60.0
"""What the first call may take to be placed in the last life, if none was before it: on a very busy machine."""
_GONE_SECONDS: Final = 2.5
"""How long a leg may be up once our last record is over: the way of the hang-up, on a busy machine."""
_PAGE: Final = 1_000


@attrs.define(kw_only=True)
class Killed:
    """What came of it."""

    carrier: str
    kills: Counter[str] = attrs.field(factory=Counter)
    """How often the gateway was killed, by what it was doing."""
    start_seconds: list[float] = attrs.field(factory=list)
    """From the start of a process until it was ready."""
    killed_at_ms: list[int] = attrs.field(factory=list)
    calls: int = 0
    went_on: int = 0
    """How many calls were answered before a kill, and talked after it."""
    legs: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    over_seconds: float = 0.0
    """From the last start until our last record was over."""
    exit_code: int = 0
    findings: tuple[Finding, ...] = ()
    tracebacks: int = 0


async def kill_again_and_again(
    carrier: str,
    *,
    kills: int,
    seed: int,
    streamed: bool = False,
    patient: bool = True,
    note: Callable[[str], None] = lambda _: None,
) -> Killed:
    """Kill the gateway on *carrier*'s twin *kills* times, at points that *seed* draws; *note* hears of progress.

    *streamed* calls have media streams. At the end calls go on until they are over, or without being *patient*, are
    ended.
    """
    result = Killed(carrier=carrier)
    chance = random.Random(seed)  # noqa: S311 - it must repeat, not surprise
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        async with stage(carrier, home, streamed=streamed) as on:
            work = Workload(stage=on, chance=chance, clients=_CLIENTS)
            async with anyio.create_task_group() as clients:
                clients.start_soon(work.run)
                while result.kills.total() < kills:
                    await _one_life(
                        on, chance, result, longest=_LONGEST_LIFE_SECONDS if patient else _SHORT_LIFE_SECONDS
                    )
                    if result.kills.total() % 25 == 0:
                        note(f"{carrier}: {result.kills.total()} kills, {work.placed} calls")
                began = time.monotonic()
                await on.gateway.start()
                await _some_call(work)
                work.stop()
            await _last_life(on, patient=patient)
            result.over_seconds = time.monotonic() - began
            result.exit_code = await _stopped(on)
            result.unanswered = work.unanswered
            # Before the twin is closed: it drops what lives then.
            evidence = Evidence(
                histories=await _histories(on, home),
                legs=on.twin.ledger.legs,
                webhooks=tuple(on.twin.ledger.webhooks),
                told=tuple(work.told),
            )
        result.tracebacks = on.gateway.log.count("Traceback")
    result.calls, result.legs = len(evidence.histories), len(evidence.legs)
    result.went_on = sum(_went_on(events, result.killed_at_ms) for events in evidence.histories)
    result.acknowledged, result.findings = evidence.acknowledged, examine(evidence)
    return result


async def _one_life(on: Stage, chance: random.Random, result: Killed, *, longest: float) -> None:
    """Start the gateway and kill it at a point that *chance* draws, after *longest* seconds at the latest."""
    point = chance.choice(("starting", "moment", "request", "request", "webhook", "webhook"))
    passing, wait = chance.randint(1, 12), chance.random()
    async with anyio.create_task_group() as tasks:
        if point == "starting":
            tasks.start_soon(_kill_after, on, 2 * wait)
        elif point != "moment":
            (on.requests if point == "request" else on.webhooks).set(passing)
        began = time.monotonic()
        if await on.gateway.start():
            result.start_seconds.append(time.monotonic() - began)
            tasks.start_soon(_kill_after, on, 2 * wait if point == "moment" else longest)
        await on.gateway.ended()
        result.killed_at_ms.append(round(time.time() * 1_000))
        tasks.cancel_scope.cancel()
    on.requests.unset()
    on.webhooks.unset()
    result.kills[point] += 1


async def _kill_after(on: Stage, seconds: float) -> None:
    await anyio.sleep(seconds)
    on.gateway.kill()


async def _some_call(work: Workload) -> None:
    """Wait until a client was told that its call was placed, so that there is something to look at."""
    with anyio.move_on_after(_PLACED_SECONDS):
        while not work.told:  # noqa: ASYNC110 - other processes are waited for, so that nothing tells
            await anyio.sleep(0.05)


async def _last_life(on: Stage, *, patient: bool) -> None:
    """Let the gateway live until it knows of no call, and its last hang-ups have had their time."""
    with anyio.move_on_after(_OVER_SECONDS):
        # Other processes are waited for, so that there is nothing to be told by.
        while live := await on.live():
            if not patient:
                await on.end(live)
            await anyio.sleep(0.1)
    with anyio.move_on_after(_GONE_SECONDS):
        while on.twin.ledger.legs_alive():  # noqa: ASYNC110 - as above
            await anyio.sleep(0.1)


async def _stopped(on: Stage) -> int:
    on.gateway.ask_to_stop()
    return await on.gateway.ended()


def _went_on(events: Sequence[CallEvent], killed_at_ms: Sequence[int]) -> bool:
    answered = next((event.at_ms for event in events if isinstance(event, Answered)), None)
    talked = max(
        (event.at_ms for event in events if isinstance(event, SpeechHeard | UtteranceHeard)), default=0
    )
    return answered is not None and any(answered < at_ms < talked for at_ms in killed_at_ms)


async def _histories(on: Stage, home: Path) -> Sequence[Sequence[CallEvent]]:
    histories: dict[CallId, list[CallEvent]] = {}
    async with open_store(on.settings(), home) as store:
        after = 0
        while rows := await store.journal(after=after, limit=_PAGE):
            for row in rows:
                histories.setdefault(row.call_id, []).append(row.event)
            after = rows[-1].sequence
    return list(histories.values())
