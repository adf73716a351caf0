"""A whole gateway with media streams and OpenAI, wired as `voicecall serve` wires it, in a process of its own.

Started with a state folder, the address of the services and that of transcription; says `{"port"}`, then answers
`now` (CPU used) and `{"call": number}` with the path of the call's stream and the carrier's name for the call, which
is answered then.
"""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.stage import Arrangement
from voice_contracts.twins.staged import stage_of
from voice_domain.inputs import LineAnswered
from voice_entrypoints.bench.turns.services import SERVICE_KEY
from voice_entrypoints.bench.turns.stopwatch import Delays
from voice_entrypoints.bench.turns.streamed import STREAMED
from voice_entrypoints.bench.webhooks.agreeable import agreeable
from voice_entrypoints.container import Container
from voice_entrypoints.event_loop import run
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.measured_process import cpu_answer, next_question, say
from voice_entrypoints.phone import Phone

__all__ = ("main",)

_ARRANGED: Final = Arrangement(number="+15550000000", webhook_url="https://voice.example.com/voice/webhook")
_MANY: Final = 1_000


def _settings(services_url: str, transcription_url: str) -> dict[str, Any]:
    base_url = f"{services_url}/v1"
    return {
        **stage_of(STREAMED).settings(_ARRANGED),
        "fromNumber": _ARRANGED.number,
        "publicUrl": _ARRANGED.webhook_url,
        "maxConcurrentCalls": _MANY,
        "streaming": {
            "enabled": True,
            "openaiBaseUrl": f"{transcription_url}/v1",
            "maxConnections": _MANY,
            "maxPendingConnections": _MANY,
            "maxPendingConnectionsPerIp": _MANY,
            "providers": {"openai": {"apiKey": SERVICE_KEY, "silenceDurationMs": Delays().silence_ms}},
        },
        "tts": {"provider": "openai", "openai": {"apiKey": SERVICE_KEY, "baseUrl": base_url}},
        "responseModel": "openai/bench",
        "models": {"providers": {"openai": {"baseUrl": base_url, "apiKey": SERVICE_KEY}}},
        "serve": {"port": 0},
        "api": {"port": 0},
    }


def main() -> None:
    """Serve until standard input ends."""
    run(partial(_serve, Path(sys.argv[1]), sys.argv[2], sys.argv[3]))


async def _serve(home: Path, services_url: str, transcription_url: str) -> None:
    settings = read_settings(_settings(services_url, transcription_url), {}).require()
    container = Container(settings=settings, home=home)
    container.address().set(_ARRANGED.webhook_url)
    container.carrier.override(agreeable(container.carrier()))
    async with open_gateway(container, settings=settings, home=home) as (phone, gateway):
        say({"port": int(gateway.webhook_url.rpartition(":")[2].partition("/")[0])})
        while (question := await next_question()) is not None:
            say(cpu_answer() if question == "now" else await _placed(question["call"], phone, container))


async def _placed(number: str, phone: Phone, container: Container) -> tuple[str, str]:
    call = await phone.call(to=number, message="Hello.", mode="conversation")
    await phone.calls.submit(call.call_id, LineAnswered(time.time_ns() // 1_000_000))
    path = container.settings().streaming.stream_path
    return f"{path}/{container.tokens().issue(call.call_id)}", str(call.carrier_call_id)


if __name__ == "__main__":
    main()
