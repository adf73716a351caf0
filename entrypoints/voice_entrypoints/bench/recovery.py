"""How long a new process takes until it can take calls: with past calls in its file, and with calls to be resumed."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import anyio

from voice_adapters.runtime.outbox import outbox_of
from voice_contracts.settings_reading import read_settings
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import CallInput, DialAccepted, LineAnswered, LineEnded, LineRang, WordsHeard
from voice_domain.mode_rules import Mode
from voice_domain.ports.event_store import EventStore
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction, EndReason
from voice_entrypoints.bench.media.stand_ins import AgreeableCarrier
from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.wiring_archive import open_store

__all__ = ("measure",)

_PAST: Final = (100, 1_000, 10_000)
_LIVE: Final = 100
_AT_ONCE: Final = 50
_ROUNDS: Final = 3
_FIRST_MS: Final = 1_700_000_000_000
_SETTINGS: Final = {
    "maxConcurrentCalls": 1_000,
    "maxDurationSeconds": 86_400,
    "recording": {"enabled": False},
    "mock": {"outcome": "no-answer"},
}


async def measure(*, past: Sequence[int] = _PAST, live: int = _LIVE) -> dict[str, Any]:
    """Return the milliseconds from opening the file to the first call that could be taken, each the best of three.

    Whether live calls outlived the old process is asked afterwards, and is not counted.
    """
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in past:
            home = Path(folder) / f"past-{count}"
            await _fill(home, past=count)
            rows.append(_row(f"start after {count:,} calls that are over", await _best(home)))
        # Resumed calls are ended when the telephone is left, so that each round needs its own.
        rounds = []
        for number in range(_ROUNDS):
            home = Path(folder) / f"live-{number}"
            await _fill(home, past=past[0], live=live)
            rounds.append(await _start_ms(home))
        rows.append(_row(f"start with {live:,} live calls to be resumed", min(rounds)))
    return {"rows": rows}


def _row(what: str, value: float) -> dict[str, Any]:
    return {"what": what, "value": round(value, 1), "unit": "ms"}


async def _best(home: Path) -> float:
    return min([await _start_ms(home) for _ in range(_ROUNDS)])


async def _start_ms(home: Path) -> float:
    settings = read_settings(_SETTINGS, {}).require()
    began = time.perf_counter()
    async with open_voicecall(settings, home=home, carrier=AgreeableCarrier(), environ={}):
        return (time.perf_counter() - began) * 1_000


async def _fill(home: Path, *, past: int, live: int = 0) -> None:
    await anyio.Path(home).mkdir(mode=0o700)
    settings = read_settings(_SETTINGS, {}).require()
    limiter = anyio.CapacityLimiter(_AT_ONCE)
    async with open_store(settings, home) as store, anyio.create_task_group() as tasks:
        for number in range(past + live):
            tasks.start_soon(_keep, store, limiter, number, number < past)


async def _keep(store: EventStore, limiter: anyio.CapacityLimiter, number: int, over: bool) -> None:  # noqa: FBT001 - tasks take no names
    async with limiter:
        call_id, leg = CallId(f"bench-{number}"), CarrierCallId(f"leg-{number}")
        at_ms = _FIRST_MS if over else time.time_ns() // 1_000_000
        begun = open_call(_opened(call_id, at_ms))
        call, events = begun.call, list(begun.events)
        for given in _news(leg, at_ms, over=over):
            decision = decide(call, given, at_ms)
            call, events = decision.call, [*events, *decision.events]
        outbox = () if over else outbox_of(begun)
        await store.append(call_id, tuple(events), expected_version=0, outbox=outbox)


def _news(leg: CarrierCallId, at_ms: int, *, over: bool) -> Sequence[CallInput]:
    up = (DialAccepted(leg), LineRang(at_ms), LineAnswered(at_ms), WordsHeard(at_ms, "Yes, please."))
    return (*up, LineEnded(at_ms, EndReason.HANGUP_USER)) if over else up


def _opened(call_id: CallId, at_ms: int) -> Opened:
    return Opened(
        at_ms=at_ms,
        call_id=call_id,
        carrier="mock",
        direction=Direction.OUTBOUND,
        caller=PhoneNumber("+15550001234"),
        callee=PhoneNumber("+15550005678"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
    )
