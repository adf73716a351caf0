"""A scene on a real adapter: a whole gateway, with the twins of its carrier and of OpenAI on loopback sockets."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.stage import Arrangement, StageFacts
from voice_contracts.twins.staged import stage_of
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.cli.demo.read_out import read_out_cast
from voice_entrypoints.cli.demo.scene import CALLEE, Scene
from voice_entrypoints.cli.demo.streamed import streamed_cast
from voice_entrypoints.container import Container
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.lone_error import lone_errors

__all__ = ("among_twins",)

_ORIGIN: Final = "https://demo.example.com"
"""Our public address, which a carrier's twin reaches as through a tunnel."""
_WEBHOOK_URL: Final = f"{_ORIGIN}/voice/webhook"


@asynccontextmanager
async def among_twins(carrier: str, scene: Scene, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through *carrier*'s adapter to a callee who follows *scene*.

    The calls are kept in *home*.

    Raises:
        UnavailableError: if an extra is not installed; it says how to install it.
        VoiceError: as `open_gateway`, and if the local voice fails.
    """
    stage = stage_of(carrier)
    _check_installed(stage.facts)
    cast = await streamed_cast(scene) if stage.facts.streams else read_out_cast(scene)
    arranged = Arrangement(
        number=MOCK_NUMBER,
        webhook_url=_WEBHOOK_URL,
        callees={CALLEE: cast.callee},
        secret=secrets.token_hex(20),
    )
    behind: dict[str, str] = {}
    with lone_errors():
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(openai_twin(cast.script))
            service_url = await stack.enter_async_context(service.listening())
            around = Surroundings(ways=Ways(behind))
            twin = await stack.enter_async_context(stage.open(arranged, around))
            of_carrier = stage.settings(arranged, await stack.enter_async_context(twin.listening()))
            of_service = cast.settings({"apiKey": cast.script.key, "baseUrl": f"{service_url}/v1"})
            settings = read_settings({**_document(scene), **of_carrier, **of_service}, {}).require()
            container = Container(settings=settings, home=home)
            container.address().set(f"{_ORIGIN}{settings.serve.path}")
            opened = open_gateway(container, settings=settings, home=home)
            phone, gateway = await stack.enter_async_context(opened)
            there = urlsplit(gateway.webhook_url)
            behind[_ORIGIN] = f"{there.scheme}://{there.netloc}"
            yield phone


def _check_installed(facts: StageFacts) -> None:
    if any(find_spec(module) is None for module in facts.needs):
        raise UnavailableError(f"{facts.title} needs one more package: pip install 'voicecall[{facts.name}]'")


def _document(scene: Scene) -> dict[str, Any]:
    """Return what the settings say on every carrier."""
    return {
        "fromNumber": MOCK_NUMBER,
        "locale": scene.locale,
        "publicUrl": _WEBHOOK_URL,
        "serve": {"port": 0},
        "api": {"port": 0},
    }
