"""Where the transcriber does not say when somebody has finished, `silenceTimeoutMs` does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from voice_adapters.audio.g711 import loudness
from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.tone import ToneSynthesizer
from voice_domain.call import Call
from voice_domain.events import CallEvent, Ended, UtteranceHeard, VoiceStopped
from voice_domain.identity import CallId
from voice_domain.ports.transcriber import Hearing, Transcriber, TranscriptionSession, Words
from voice_domain.vocabulary import Speaker
from voice_entrypoints.embed import open_voicecall

pytestmark = pytest.mark.anyio

LOUD = 30.0


class Hesitant(Transcriber):
    """Hears more and more of an utterance, and never that it is over."""

    finds_endings = False

    @asynccontextmanager
    async def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AsyncIterator[TranscriptionSession]:
        yield _Ear(hearing)


class _Ear(TranscriptionSession):
    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._loud = 0

    def feed(self, payload: bytes) -> None:
        self._loud += loudness(payload) > LOUD
        for frames, text in ((5, "Abso"), (12, "Absolutely")):
            if self._loud == frames and loudness(payload) > LOUD:
                self._hearing(Words(text, final=False))


async def _lived(silence_ms: int) -> tuple[Call, list[CallEvent]]:
    settings = {
        "silenceTimeoutMs": silence_ms,
        "mock": {"script": [{"afterMs": 200, "say": "Absolutely"}, {"afterMs": 6_000, "hangUp": True}]},
    }
    events: list[CallEvent] = []
    telephone = open_voicecall(
        settings, transcriber=Hesitant(), synthesizer=ToneSynthesizer(), clock=EventLoopClock()
    )
    async with telephone as phone, phone.subscribe() as updates:
        await phone.call(to="+15550005678", message="Is it you?", mode="conversation")
        async for update in updates:
            events.append(update.event)
            if isinstance(update.event, Ended):
                return update.call, events
    raise AssertionError("the call did not end")


@pytest.mark.parametrize("silence_ms", [300, 1_500])
async def test_a_silence_as_long_as_the_settings_say_ends_an_utterance(silence_ms: int) -> None:
    call, events = await _lived(silence_ms)

    stopped = max(event.at_ms for event in events if isinstance(event, VoiceStopped))
    (heard,) = [event for event in events if isinstance(event, UtteranceHeard)]
    assert heard.text == "Absolutely"
    assert silence_ms <= heard.at_ms - stopped < silence_ms + 100
    said = [entry.text for entry in call.transcript if entry.speaker is Speaker.US]
    assert said == ["Is it you?", "You said: Absolutely."]
