"""The speech services of a simulation: one service that speaks and hears, on wires that fail."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import Any, Final

import attrs

from voice_adapters.transports.http_library import httpx
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.openai.script import SPEECH_RATE_HZ, OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.phrasebook import Phrasebook
from voice_contracts.twins.service import Pace
from voice_contracts.twins.sound import hum_samples
from voice_entrypoints.simulation.http_wires import Ways
from voice_entrypoints.simulation.life import Life
from voice_entrypoints.simulation.synthesizer_wire import Lie, SynthesizerWire
from voice_entrypoints.simulation.transcriber_wire import EarWires
from voice_entrypoints.wiring_simulation import EarOpener

__all__ = ("SPEECH_SETTINGS", "SpeechSide", "speech_side")

_HOST: Final = "api.openai.com"
_KEY: Final = "sk-twin"
_TEXTS: Final = 64
"""How many texts are kept as sound, a quarter of a megabyte each."""

SPEECH_SETTINGS: Final[dict[str, Any]] = {
    "tts": {"provider": "openai", "openai": {"apiKey": _KEY}},
    "streaming": {
        "enabled": True,
        "provider": "openai",
        "providers": {"openai": {"apiKey": _KEY, "silenceDurationMs": 400}},
    },
}
"""What settings say of the service."""


@attrs.frozen
class SpeechSide:
    """The running service, as the world uses it."""

    service: httpx.AsyncBaseTransport
    ears: EarWires
    ways: Ways
    lies: list[Lie] = attrs.field(factory=list)

    def mounts(self, life: Life) -> dict[str, httpx.AsyncBaseTransport]:
        """Return how one life of the gateway reaches the service's interface."""
        return {f"all://{_HOST}": SynthesizerWire(self.service, life, self.ways, self.lies, self.ears.now_ms)}

    def open_ear(self, life: Life) -> EarOpener:
        """Return what opens sockets to the service in one life of the gateway."""

        def opened(url: str, headers: Sequence[tuple[str, str]]) -> AbstractAsyncContextManager[Any]:
            return self.ears.open(life, url, headers)

        return opened


@asynccontextmanager
async def speech_side(texts: Iterable[str], ways: Ways, clock: TwinClock) -> AsyncIterator[SpeechSide]:
    """Run the service for as long as the block lasts; of what it hears it understands *texts*."""
    script = OpenAiScript(
        key=_KEY,
        voice=_spoken,
        recognise=Phrasebook(texts).recognise,
        speech=Pace(120, 20),
        delta_ms=60,
        final_ms=150,
    )
    async with openai_twin(script) as twin:
        twin.clock = clock
        yield SpeechSide(twin.transport, EarWires(twin.dial, ways, clock.now_ms), ways)


@lru_cache(_TEXTS)
def _spoken(text: str) -> bytes:
    return hum_samples(text, SPEECH_RATE_HZ).astype("<i2").tobytes()
