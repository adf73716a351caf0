"""A whole gateway among twins: a carrier's and a speech and language service's, on this machine's own sockets."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import attrs

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.surroundings import Surroundings
from voice_entrypoints.cli.demo.scene import Scene
from voice_entrypoints.container import Container
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.lone_error import lone_errors

__all__ = ("ANSWER_MS", "RING_MS", "WEBHOOK_URL", "Cast", "Listening", "among_twins")

RING_MS: Final = 200
ANSWER_MS: Final = 600
"""From the first ring to the answer."""
_ORIGIN: Final = "https://demo.example.com"
"""Our public address, which a carrier's twin reaches as through a tunnel."""
WEBHOOK_URL: Final = f"{_ORIGIN}/voice/webhook"


class Listening(Protocol):
    """A twin that can be reached over a socket."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve for as long as the block lasts, and give the URL."""
        ...


@attrs.frozen(kw_only=True)
class Cast:
    """Who plays beside the gateway, and how the gateway finds them."""

    script: OpenAiScript
    """What the speech and language service says and understands."""
    open_carrier: Callable[[Surroundings], AbstractAsyncContextManager[Listening]]
    settings: Callable[[str, Mapping[str, str]], Mapping[str, Any]]
    """Makes, of the carrier's URL and of the service's `apiKey` and `baseUrl`, what this cast's settings say."""


@asynccontextmanager
async def among_twins(scene: Scene, cast: Cast, home: Path) -> AsyncIterator[Phone]:
    """Give a telephone whose calls go through a real adapter to a carrier's twin, and are kept in *home*.

    Raises:
        VoiceError: as `open_gateway`.
    """
    behind: dict[str, str] = {}
    with lone_errors():
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(openai_twin(cast.script))
            service_url = await stack.enter_async_context(service.listening())
            twin = await stack.enter_async_context(cast.open_carrier(Surroundings(ways=Ways(behind))))
            api_url = await stack.enter_async_context(twin.listening())
            told = cast.settings(api_url, {"apiKey": cast.script.key, "baseUrl": f"{service_url}/v1"})
            settings = read_settings({**_document(scene), **told}, {}).require()
            container = Container(settings=settings, home=home)
            container.address().set(f"{_ORIGIN}{settings.serve.path}")
            opened = open_gateway(container, settings=settings, home=home)
            phone, gateway = await stack.enter_async_context(opened)
            there = urlsplit(gateway.webhook_url)
            behind[_ORIGIN] = f"{there.scheme}://{there.netloc}"
            yield phone


def _document(scene: Scene) -> dict[str, Any]:
    """Return what the settings of every cast say."""
    return {
        "fromNumber": MOCK_NUMBER,
        "locale": scene.locale,
        "publicUrl": WEBHOOK_URL,
        "serve": {"port": 0},
        "api": {"port": 0},
    }
