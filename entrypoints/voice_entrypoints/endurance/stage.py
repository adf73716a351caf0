"""A gateway program and everything around it: the carrier's twin, and that of a speech and language service."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.openai.script import Messages, OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.phrasebook import Phrasebook
from voice_contracts.twins.service import Pace
from voice_contracts.twins.serving import serve_on_loopback
from voice_contracts.twins.stage import Arrangement, CarrierTwin
from voice_contracts.twins.staged import STAGED, stage_of
from voice_contracts.twins.surroundings import Surroundings
from voice_entrypoints.endurance.program import GatewayProgram, NoAnswerError
from voice_entrypoints.endurance.sound import babble
from voice_entrypoints.endurance.taps import Tap, tapped_handler, tapped_transport
from voice_entrypoints.endurance.utterances import UTTERANCES

__all__ = ("CARRIERS", "NUMBER", "Stage", "stage")

CARRIERS: Final = tuple(name for name in STAGED if stage_of(name).facts.takes_calls)
"""Those that calls go both ways with."""
NUMBER: Final = "+15550000000"
"""Ours."""
_ORIGIN: Final = "https://voice.example.com"
"""Our public address, which the twins reach as through a tunnel."""
_HOOK: Final = f"{_ORIGIN}/voice/webhook"
_LIMIT: Final = 50


@attrs.frozen(kw_only=True)
class Stage:
    """What the harness sees."""

    carrier: str
    twin: CarrierTwin
    gateway: GatewayProgram
    callees: dict[str, Callee]
    """Who answers which number; may be added to at any time."""
    requests: Tap
    """Strikes when the carrier has done what it was asked, before its answer is out."""
    webhooks: Tap
    """Strikes when the gateway has said yes to a webhook."""
    document: Mapping[str, Any]
    """The gateway's settings."""

    async def live(self) -> list[str]:
        """Return the ids of the gateway's live calls; it has to live.

        Raises:
            NoAnswerError: if it does not.
        """
        return [call["callId"] for call in (await self.gateway.ask("status"))["calls"]]

    async def end(self, calls: Sequence[str]) -> None:
        """Have the gateway end these calls; those that are over count."""
        for call_id in calls:
            with contextlib.suppress(NoAnswerError):
                await self.gateway.ask("end", callId=call_id)

    def settings(self) -> Settings:
        """Return them as read."""
        return read_settings(self.document, {}).require()


@asynccontextmanager
async def stage(
    carrier: str, home: Path, *, streamed: bool = False, further: Mapping[str, Any] | None = None
) -> AsyncIterator[Stage]:
    """Give a stage whose gateway has not been started; what lives of it at the end is killed.

    *streamed* calls have media streams; else the carrier's own voices speak and listen. *further* settings win.
    """
    behind: dict[str, str] = {}
    callees: dict[str, Callee] = {}
    script = OpenAiScript(
        answers=_answer,
        recognise=Phrasebook(UTTERANCES).recognise,
        speech=Pace(80, 20),
        tokens=Pace(60, 10),
        final_ms=80,
    )
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(openai_twin(script))
        service_url = await stack.enter_async_context(service.listening())
        gateway: GatewayProgram | None = None

        def strike() -> None:
            assert gateway is not None
            gateway.kill()

        requests, webhooks = Tap(strike), Tap(strike)
        around = Surroundings(speak=babble, ways=Ways(behind), webhooks=tapped_transport(webhooks))
        of_carrier = stage_of(carrier)
        arranged = Arrangement(number=NUMBER, webhook_url=_HOOK, callees=callees)
        twin = await stack.enter_async_context(of_carrier.open(arranged, around))
        api = tapped_handler(twin.transport.handler, requests)
        url = await stack.enter_async_context(serve_on_loopback(api))
        told = _settings(f"{service_url}/v1", script.key, streamed=streamed)
        document = {**told, **of_carrier.settings(arranged, url), **(further or {})}
        gateway = GatewayProgram(home, document, behind, _ORIGIN)
        gateway.prepare()
        try:
            yield Stage(
                carrier=carrier,
                twin=twin,
                gateway=gateway,
                callees=callees,
                requests=requests,
                webhooks=webhooks,
                document=document,
            )
        finally:
            gateway.kill()


def _answer(messages: Messages) -> str:
    return f"You said {messages[-1]['content']}"


def _settings(service_url: str, key: str, *, streamed: bool) -> dict[str, Any]:
    service = {"apiKey": key, "baseUrl": service_url}
    ear = {"apiKey": key, "silenceDurationMs": 400}
    streaming = {"provider": "openai", "openaiBaseUrl": service_url, "providers": {"openai": ear}}
    return {
        "fromNumber": NUMBER,
        "publicUrl": _HOOK,
        "inboundPolicy": "open",
        "maxConcurrentCalls": _LIMIT,
        "maxDurationSeconds": 60,
        "outbound": {"notifyHangupDelaySec": 0},
        "recording": {"enabled": streamed},
        "serve": {"port": 0, "drainSeconds": 1},
        "api": {"port": 0},
        "tts": {"provider": "openai", "openai": service},
        "models": {"providers": {"openai": service}},
        "responseModel": "openai/gpt-4o-mini",
        "streaming": {"enabled": streamed, **(streaming if streamed else {})},
    }
