"""The mock network with a witness: it notes what it was asked to dial, whoever asked and however."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import attrs

from voice_adapters.carriers.mock import MockCarrier, MockScript
from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.speech.tone import ToneSynthesizer
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, DialRequest
from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.phone import Phone

__all__ = ("CLOCK", "Asked", "WatchedLine", "phone_on")

CLOCK = EventLoopClock()


@attrs.frozen
class Asked:
    """One thing that costs money."""

    at_ms: int
    number: str
    transfer: bool


class WatchedLine(MockCarrier):
    """Dials as the mock network does, and keeps a list."""

    def __init__(self) -> None:
        super().__init__(
            MockScript(ring_ms=1, answer_ms=2, realtime=False),
            synthesizer=ToneSynthesizer(),
            transcriber=ScriptedTranscriber(),
            clock=CLOCK,
        )
        self.asked: list[Asked] = []
        self.refuses = False

    async def dial(self, request: DialRequest) -> CarrierCallId:
        self.asked.append(Asked(CLOCK.now_ms(), str(request.callee), transfer=False))
        return await super().dial(request)

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        self.asked.append(Asked(CLOCK.now_ms(), str(to), transfer=True))
        if self.refuses:
            raise CarrierError(self.name, "no such number")
        await super().transfer(carrier_call_id, to)


def phone_on(
    line: WatchedLine, document: dict[str, Any] | None = None, **adapters: Any
) -> AbstractAsyncContextManager[Phone]:
    """Open a telephone on *line* that keeps nothing on the disk."""
    return open_voicecall(
        document or {}, carrier=line, clock=CLOCK, synthesizer=ToneSynthesizer(), environ={}, **adapters
    )
