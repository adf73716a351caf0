"""The whole application against a carrier's twin and a speech service's twin, in one process and in virtual time.

Real are the container and everything in it: runtime, adapter, webhook gate, media engine, voices, responder. Only the
wires are short: requests, webhooks and frames go from one side to the other without a socket.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
import attrs
from anyio.abc import TaskGroup
from support.carrier_rig import HOOK, OURS, CarrierRig, Landline, OpenRig
from support.world_process import Process, Surrounding, WaysIn

from voice_adapters.stores.memory import MemoryStore
from voice_adapters.transports.media_engine import MediaEngine
from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.anthropic.twin import AnthropicScript, AnthropicTwin
from voice_contracts.twins.callee import Callee, Say
from voice_contracts.twins.elevenlabs.twin import ElevenLabsTwin
from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.openai.script import Answers, Messages, OpenAiScript
from voice_contracts.twins.openai.twin import OpenAiTwin, openai_twin
from voice_contracts.twins.phrasebook import Phrasebook
from voice_contracts.twins.service import Pace
from voice_contracts.twins.sound import babble
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.call import Call
from voice_domain.identity import CallId
from voice_entrypoints.container import Container
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.simulation.memory_media import MemoryMedia

__all__ = ("KEY", "THEIRS", "CarrierWorld", "Scene", "answer_to", "carrier_world", "settings_of")

THEIRS = "+15550005678"
KEY = "sk-twin"


def answer_to(messages: Messages) -> str:
    """Answer what was said last."""
    return f"You said {messages[-1]['content']}"


@attrs.frozen(kw_only=True)
class Scene:
    """What the other side does, and what goes wrong."""

    callee: Callee = attrs.field(factory=Callee)
    others: Mapping[str, Callee] = attrs.field(factory=dict)
    """Who has other numbers."""
    streamed: bool = True
    """Whether calls have a media stream, where the carrier has them."""
    answers: Answers = answer_to
    think: Pace = attrs.field(default=Pace(80, 10))
    """When the model's words come."""
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    faults: FaultPlan = attrs.field(factory=FaultPlan)
    verified: frozenset[str] | None = None
    refuses_keys: bool = False
    knows: Sequence[str] = ()
    """What callees say beside what the scripts above hold."""

    @property
    def landline(self) -> Landline:
        """Who is at the other end."""
        callees = {THEIRS: self.callee, **self.others}
        return Landline(callees, verified=self.verified, refuses_keys=self.refuses_keys)

    @property
    def speech_service(self) -> OpenAiScript:
        """The twin of the speech and language service: it understands every text of this scene, by its pitch."""
        people = (self.callee, *self.others.values())
        said = [step.text for one in people for step in one.script if isinstance(step, Say)]
        return OpenAiScript(
            key=KEY,
            answers=self.answers,
            recognise=Phrasebook((*said, *self.knows)).recognise,
            speech=Pace(120, 20),
            tokens=self.think,
            delta_ms=60,
            final_ms=150,
        )


@attrs.define
class CarrierWorld:
    """A running application and both twins; what a journey asks of them."""

    rig: CarrierRig
    service: OpenAiTwin
    process: Process
    media: MemoryMedia
    ways: WaysIn
    elevenlabs: ElevenLabsTwin = attrs.field(factory=ElevenLabsTwin)
    anthropic: AnthropicTwin = attrs.field(factory=AnthropicTwin)
    last: dict[CallId, Call] = attrs.field(factory=dict)
    """Each call as its latest update showed it."""
    lives: tuple[Surrounding, TaskGroup] | None = None
    """What the process stands in, and what it runs in; None where it cannot be killed."""

    @property
    def container(self) -> Container:
        """What the process is made of."""
        return self.process.container

    @property
    def phone(self) -> Phone:
        """The application."""
        return self.process.phone

    @property
    def engine(self) -> MediaEngine | None:
        """Where media streams end; None if there are none."""
        return self.process.engine

    @property
    def store(self) -> MemoryStore:
        """What the process keeps."""
        return self.process.store

    async def kill(self, *, seconds: float) -> None:
        """Let the process die as by `kill -9`, and the next one take calls *seconds* later.

        With 0 it takes them before the carrier has noticed: somebody in front held what came meanwhile.
        """
        kept = self.process.kill()
        if seconds:
            await self._cut_streams()
            await anyio.sleep(seconds)
        assert self.lives is not None
        around, tasks = self.lives
        self.process = await tasks.start(partial(Process.run, around, kept))
        tasks.start_soon(self.follow)
        await self._cut_streams()

    async def place(self, message: str = "Hello there.", *, mode: str = "conversation") -> Call:
        """Call THEIRS; returns once the carrier has taken it."""
        return await self.phone.call(to=THEIRS, message=message, mode=mode)

    async def over(self, call_id: CallId) -> Call:
        """Wait until a call is over here and at the carrier; return what the store has of it."""
        while self.phone.calls.find(call_id) or self.rig.twin.ledger.legs_alive():  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.05)
        await anyio.sleep(1)  # the last notices of the carrier
        call = await self.phone.status(call_id)
        assert call is not None
        return call

    async def only_call(self) -> Call:
        """Wait until there is a live call."""
        while not self.phone.live():  # noqa: ASYNC110 - virtual time: looking costs nothing
            await anyio.sleep(0.05)
        return self.phone.live()[0]

    async def until(self, call_id: CallId, word: str) -> Call:
        """Wait until a call is in a state."""
        while (call := await self.phone.status(call_id)) is None or call.word != word:
            assert call is None or not call.is_over, f"the call ended ({call.word}) before it was {word}"
            await anyio.sleep(0.02)
        return call

    async def move(self, origin: str) -> None:
        """Have the tunnel come back at *origin*: streams break, and whatever still has the old address gets nowhere."""
        before = self.container.address().webhook_url()
        self.ways.gone.add(urlsplit(before).netloc)
        self.container.address().set(origin + urlsplit(before).path)
        await self._cut_streams()

    async def _cut_streams(self) -> None:
        for end in tuple(self.media.ends):
            await end.abort()

    async def follow(self) -> None:
        """Keep the latest state of every call until cancelled."""
        async with self.phone.subscribe() as updates:
            async for update in updates:
                self.last[update.call.call_id] = update.call


def settings_of(scene: Scene, rig: CarrierRig, **more: Any) -> Settings:
    """Return the settings under which a scene is played."""
    document: dict[str, Any] = {
        **rig.settings,
        "fromNumber": OURS,
        "publicUrl": HOOK,
        "recording": {"enabled": False},
        "tts": {"provider": "openai", "openai": {"apiKey": KEY}},
        "models": {"providers": {"openai": {"apiKey": KEY}}},
        "responseModel": "openai/gpt-4o-mini",
        **more,
        **scene.settings,
    }
    section = {**document[rig.name], **rig.settings[rig.name], **scene.settings.get(rig.name, {})}
    document[rig.name] = section
    if scene.streamed and rig.habits.able.media_stream:
        document.setdefault(
            "streaming", {"enabled": True, "provider": "openai", "providers": {"openai": {"apiKey": KEY}}}
        )
    return read_settings(document, {}).require()


@asynccontextmanager
async def carrier_world(open_rig: OpenRig, scene: Scene | None = None) -> AsyncIterator[CarrierWorld]:
    """Run everything for as long as the block lasts."""
    with lone_errors():
        async with AsyncExitStack() as stack:
            yield await _entered(open_rig, scene or Scene(), stack)


async def _entered(open_rig: OpenRig, scene: Scene, stack: AsyncExitStack) -> CarrierWorld:
    media = MemoryMedia()
    ways = WaysIn(media)
    service = await stack.enter_async_context(openai_twin(scene.speech_service))
    epoch_ms = service.clock.epoch_ms
    around = Surroundings(
        speak=babble, faults=scene.faults, webhooks=ways, dial_media=ways.dial, epoch_ms=epoch_ms
    )
    rig = await stack.enter_async_context(open_rig(scene.landline, around))
    settings = settings_of(scene, rig)
    elevenlabs = ElevenLabsTwin()
    anthropic = AnthropicTwin(AnthropicScript(answers=answer_to))
    routes = {
        **dict.fromkeys(rig.stage.facts.hosts, rig.twin.transport),
        "api.openai.com": service.transport,
        "api.elevenlabs.io": elevenlabs.transport,
        "api.anthropic.com": anthropic.transport,
    }
    around = Surrounding(settings=settings, service=service, key=KEY, routes=routes, media=media, ways=ways)
    tasks = await stack.enter_async_context(anyio.create_task_group())
    stack.callback(tasks.cancel_scope.cancel)
    tasks.start_soon(media.watch)
    process = await tasks.start(partial(Process.run, around, MemoryStore()))
    world = CarrierWorld(rig, service, process, media, ways, elevenlabs, anthropic, lives=(around, tasks))
    tasks.start_soon(world.follow)
    return world
