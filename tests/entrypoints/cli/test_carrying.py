"""One call, from its dial to its exit code."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import anyio
import attrs
import pytest

from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.tone import ToneSynthesizer
from voice_domain.dial_verdict import DialRefusedError
from voice_entrypoints.cli.carrying import carry
from voice_entrypoints.cli.demo.scene import CALLEE, SCENES, Scene
from voice_entrypoints.cli.failures import cause_of
from voice_entrypoints.cli.live.viewers import SilentViewer
from voice_entrypoints.cli.telephone import OwnTelephone, WantedCall
from voice_entrypoints.embed import open_voicecall

pytestmark = pytest.mark.anyio

_WANTED = WantedCall(message="Your parcel is here.", to=CALLEE)


def phone(document: dict[str, Any] | None = None, **adapters: Any) -> Any:
    return open_voicecall(
        document or {}, **{"clock": EventLoopClock(), "synthesizer": ToneSynthesizer(), **adapters}
    )


class Watching(SilentViewer):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.types: list[str] = []
        self.redrawn = 0
        self.redraws = True

    def take(self, event: dict[str, Any]) -> None:
        self.types.append(event["type"])

    def redraw(self) -> None:
        self.redrawn += 1


async def test_a_call_is_shown_from_its_first_event_to_its_last() -> None:
    viewer, placed = Watching(), list[str]()
    async with phone() as telephone:
        began = anyio.current_time()
        carried = await carry(OwnTelephone(telephone), _WANTED, viewer, placed=placed.append)
        seconds = anyio.current_time() - began

    assert (viewer.types[0], viewer.types[-1]) == ("call.initiated", "call.ended")
    assert placed == [carried.record["callId"]]
    assert carried.record["endReason"] == "completed"
    assert carried.exit_code == 0
    assert 1 < viewer.redrawn <= 10 * seconds + 2


@pytest.mark.parametrize(
    ("outcome", "code"), [("answer", 0), ("busy", 1), ("no-answer", 1), ("failed", 1), ("voicemail", 1)]
)
async def test_a_call_that_nobody_heard_exits_with_1(outcome: str, code: int) -> None:
    async with phone({"mock": {"outcome": outcome}}) as telephone:
        carried = await carry(OwnTelephone(telephone), _WANTED, SilentViewer())

    assert carried.exit_code == code


async def test_a_call_that_may_not_be_placed_raises_its_reason() -> None:
    async with phone({"outbound": {"denyNumbers": [CALLEE]}}) as telephone:
        with pytest.raises(ExceptionGroup) as raised:
            await carry(OwnTelephone(telephone), _WANTED, SilentViewer())

    assert isinstance(cause_of(raised.value), DialRefusedError)


@attrs.define
class Forgetful:
    """A telephone that stops telling after three events, as one does with a slow reader."""

    inner: OwnTelephone
    subscriptions: int = 0

    async def place(self, wanted: WantedCall) -> str:
        return await self.inner.place(wanted)

    async def end(self, call_id: str) -> None:
        await self.inner.end(call_id)

    async def record(self, call_id: str) -> dict[str, Any]:
        return await self.inner.record(call_id)

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        self.subscriptions += 1
        async with self.inner.events() as events, aclosing(_three_of(events)) as three:
            yield three


async def _three_of(events: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[dict[str, Any], None]:
    for _ in range(3):
        yield await anext(events)


async def test_falling_behind_does_not_lose_the_end_of_a_call() -> None:
    async with phone() as telephone:
        forgetful = Forgetful(OwnTelephone(telephone))
        carried = await carry(forgetful, _WANTED, SilentViewer())

    assert carried.record["endReason"] == "completed"
    assert forgetful.subscriptions > 1


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
async def test_the_demonstration_goes_as_it_is_written(scene: Scene) -> None:
    wanted = WantedCall(message=scene.opening, to=CALLEE, mode="conversation")
    document = {**scene.settings(), "recording": {"enabled": False}}
    async with phone(document, responder=scene.reply) as telephone:
        began = anyio.current_time()
        carried = await carry(OwnTelephone(telephone), wanted, SilentViewer())
        seconds = anyio.current_time() - began

    assert scene.problem_with(carried.record, ending="hangup-user") == ""
    assert carried.exit_code == 0
    assert 10 < seconds < 20


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
@pytest.mark.parametrize("change", ["endReason", "user", "bot", "interrupted"])
async def test_a_demonstration_that_went_otherwise_is_noticed(scene: Scene, change: str) -> None:
    said = [{"speaker": "user", "text": text} for text in scene.asked]
    ours = [{"speaker": "bot", "text": text} for text in (scene.opening, *scene.replies)]
    ours[1] |= {"text": "", "intended": ours[1]["text"], "interrupted": "yes"}
    record = {"endReason": "hangup-user", "transcript": [*said, *ours]}
    assert scene.problem_with(record, ending="hangup-user") == ""

    spoilt = {
        "endReason": {**record, "endReason": "hangup-bot"},
        "user": {**record, "transcript": [*said[1:], *ours]},
        "bot": {**record, "transcript": [*said, *ours[:-1]]},
        "interrupted": {
            **record,
            "transcript": [*said, *({**entry, "interrupted": ""} for entry in ours)],
        },
    }[change]

    assert scene.problem_with(spoilt, ending="hangup-user")
