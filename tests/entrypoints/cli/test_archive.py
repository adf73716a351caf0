"""Events read from the store are those that subscribers of a gateway are told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.tone import ToneSynthesizer
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.settings import Settings
from voice_entrypoints.cli.archive import EventReader, has_archive, open_archive
from voice_entrypoints.cli.surroundings import Surroundings
from voice_entrypoints.cli.telephone import OwnTelephone, WantedCall
from voice_entrypoints.embed import open_voicecall

pytestmark = pytest.mark.anyio

_SCRIPT = {
    "maxConcurrentCalls": 2,
    "mock": {"script": [{"afterMs": 100, "say": "Yes."}, {"afterMs": 100, "hangUp": True}]},
}
_WANTED = WantedCall(message="Is it you?", to="+15550005678", mode="conversation")


@pytest.fixture
async def telephone() -> AsyncIterator[tuple[OwnTelephone, MemoryStore]]:
    store = MemoryStore()
    adapters: dict[str, Any] = {"clock": EventLoopClock(), "synthesizer": ToneSynthesizer(), "store": store}
    async with open_voicecall(_SCRIPT, **adapters) as phone:
        yield OwnTelephone(phone), store


async def events_of_one_call(telephone: OwnTelephone) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    async with telephone.events() as events:
        await telephone.place(_WANTED)
        async for event in events:
            told.append(event)
            if event["type"] == "call.ended":
                return told
    return told


def facts(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out how a gateway counts events, and the summary: it tells of several that happened at once together."""
    return [{name: event[name] for name in event if name not in {"sequence", "call"}} for event in events]


async def test_what_is_read_later_is_what_was_told_at_the_time(
    telephone: tuple[OwnTelephone, MemoryStore],
) -> None:
    told = await events_of_one_call(telephone[0])

    read = await EventReader(telephone[1]).latest(1_000)

    assert facts(read) == facts(told)


async def test_the_last_events_come_with_the_call_as_it_was_then(
    telephone: tuple[OwnTelephone, MemoryStore],
) -> None:
    told = await events_of_one_call(telephone[0])

    read = await EventReader(telephone[1]).latest(5)

    assert facts(read) == facts(told)[-5:]
    states = [event["call"]["state"] for event in read]
    assert states[-2:] == ["listening", "hangup-user"]
    assert "endedAt" not in read[-2]["call"]


async def test_reading_on_gives_each_event_once(telephone: tuple[OwnTelephone, MemoryStore]) -> None:
    reader = EventReader(telephone[1])
    first = await events_of_one_call(telephone[0])
    read = await reader.latest(3)
    second = await events_of_one_call(telephone[0])

    read += await reader.new()
    again = await reader.new()

    assert facts(read) == facts([*first[-3:], *second])
    assert again == []


async def test_events_of_other_calls_are_left_out(telephone: tuple[OwnTelephone, MemoryStore]) -> None:
    await events_of_one_call(telephone[0])
    (call,) = await telephone[1].page(limit=1)
    reader = EventReader(telephone[1])
    await reader.latest(0)
    await events_of_one_call(telephone[0])

    read = await EventReader(telephone[1]).latest(1_000, call_id=call.call_id)

    assert {event["callId"] for event in read} == {call.call_id}
    assert await reader.new(call_id=call.call_id) == []


async def test_reading_where_nothing_was_kept_makes_nothing(tmp_path: Path) -> None:
    around = Surroundings(tmp_path / "state", Settings())

    async with open_archive(around) as history:
        assert await history.page(limit=10) == ()
        assert await history.find("x") is None
        assert await history.dialled_since(0) == 0
        assert await EventReader(history).latest(25) == []
    assert not has_archive(around)
    assert not around.home.exists()
