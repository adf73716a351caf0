"""The same world as `carrier_world`, on real sockets and in real time: a gateway and two twins on loopback."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
from dependency_injector import providers
from support.carrier_rig import HOOK, ORIGIN, CarrierRig, OpenRig
from support.carrier_world import KEY, CarrierWorld, Scene, settings_of
from support.world_process import Process, WaysIn

from voice_adapters.stores.memory import MemoryStore
from voice_contracts.settings import Settings
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.sound import babble
from voice_contracts.twins.surroundings import Surroundings
from voice_entrypoints.container import Container
from voice_entrypoints.embed import running
from voice_entrypoints.http.gateway import running_gateway
from voice_entrypoints.http.serve import carry_media, gateway_parts, media_engine
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.simulation.memory_media import MemoryMedia

__all__ = ("carrier_sockets",)


@asynccontextmanager
async def carrier_sockets(open_rig: OpenRig, scene: Scene, home: Path) -> AsyncIterator[CarrierWorld]:
    """Run everything for as long as the block lasts; *home* becomes the gateway's state folder."""
    with lone_errors():
        async with AsyncExitStack() as stack:
            yield await _entered(open_rig, scene, home, stack)


async def _entered(open_rig: OpenRig, scene: Scene, home: Path, stack: AsyncExitStack) -> CarrierWorld:
    behind: dict[str, str] = {}
    service = await stack.enter_async_context(openai_twin(scene.speech_service))
    service_url = await stack.enter_async_context(service.listening())
    around = Surroundings(speak=babble, faults=scene.faults, ways=Ways(behind))
    rig = await stack.enter_async_context(open_rig(scene.landline, around))
    api_url = await stack.enter_async_context(rig.twin.listening())
    settings = _settings(scene, rig, api_url=api_url, service_url=f"{service_url}/v1")
    container = Container(settings=settings, home=home)
    store = MemoryStore()
    container.store.override(providers.Object(store))
    container.address().set(HOOK)
    phone = await stack.enter_async_context(running(container, home=home))
    tasks = await stack.enter_async_context(anyio.create_task_group())
    stack.callback(tasks.cancel_scope.cancel)
    engine = media_engine(container, settings)
    if engine is not None:
        tasks.start_soon(carry_media, container, engine)
    parts = gateway_parts(container, settings=settings, home=home, engine=engine)
    gateway = await stack.enter_async_context(running_gateway(parts))
    there = urlsplit(gateway.webhook_url)
    behind[ORIGIN] = f"{there.scheme}://{there.netloc}"
    process = Process(container=container, phone=phone, engine=engine, store=store)
    media = MemoryMedia()
    world = CarrierWorld(rig, service, process, media, WaysIn(media))
    tasks.start_soon(world.follow)
    return world


def _settings(scene: Scene, rig: CarrierRig, *, api_url: str, service_url: str) -> Settings:
    service = {"apiKey": KEY, "baseUrl": service_url}
    document: dict[str, Any] = {
        **rig.stage.settings(rig.told, api_url),
        "recording": {"enabled": True},
        "serve": {"port": 0},
        "api": {"port": 0},
        "tts": {"provider": "openai", "openai": service},
        "models": {"providers": {"openai": service}},
    }
    if scene.streamed and rig.habits.able.media_stream:
        ear = {"apiKey": KEY, "silenceDurationMs": 400}
        streaming = {"enabled": True, "provider": "openai", "openaiBaseUrl": service_url}
        document["streaming"] = {**streaming, "providers": {"openai": ear}}
    return settings_of(scene, rig, **document)
