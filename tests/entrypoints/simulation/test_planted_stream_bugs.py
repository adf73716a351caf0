"""Every oracle of media streams bites: a gateway with one planted bug is caught by the one that is there for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest
from dependency_injector import providers

from voice_adapters.media.stream_voice import StreamVoice
from voice_adapters.media.voice import SpeechMoments
from voice_adapters.speech.openai import OpenAiTranscriber
from voice_contracts.twins.callee import Callee, HangUp, Say, interrupt
from voice_domain.call import Call
from voice_domain.effects import Play
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput, PartHeard
from voice_domain.ports.transcriber import Hearing, Transcriber, TranscriptionSession, Words
from voice_entrypoints.container import Container
from voice_entrypoints.simulation.oracles.judge import judge
from voice_entrypoints.simulation.plan import Plan, make_plan
from voice_entrypoints.simulation.world import carry_out, unaltered

Alter = Callable[[Container], None]
Report = Callable[[CallInput], None]


def talk(*steps: Say | HangUp) -> Plan:
    """Return a plan of two conversations with somebody who does this."""
    plan = make_plan(5, 2, ())
    callee = Callee(steps, ring_after_ms=50, answer_after_ms=300)
    calls = (
        attrs.evolve(call, mode="conversation", inbound=False, callee=callee, actions=())
        for call in plan.calls
    )
    return attrs.evolve(plan, calls=tuple(calls))


TALK = talk(Say("Yes, please."), HangUp(500))
INTERRUPTION = talk(interrupt("Wrong number.", 400), HangUp(500))


class SaysNothing(StreamVoice):
    def play(self, order: Play) -> None:
        del order


def voiced_by(kind: type[StreamVoice], change: Callable[[Call, CallInput], CallInput]) -> Alter:
    """Streams without a carrier's voice to fall back to, and with reports of their own."""

    def alter(container: Container) -> None:
        def make(call: Call, report: Report, moments: SpeechMoments, now: Callable[[], Call]) -> StreamVoice:
            parts = container.voice_parts()
            told: Report = lambda given: report(change(now(), given))  # noqa: E731 - as short as it is
            return kind(call.call_id, parts, report=told, moments=moments, recording=None)

        container.services.override(providers.Object(attrs.evolve(container.services(), make_voice=make)))

    return alter


def claimed(call: Call, given: CallInput) -> CallInput:
    speech = call.speech(given.speech_id) if isinstance(given, PartHeard) else None
    if not isinstance(given, PartHeard) or speech is None:
        return given
    return attrs.evolve(given, heard=speech.parts[given.part])


class Ear(Transcriber):
    """The real one, with a bug of its own."""

    def __init__(self, inner: OpenAiTranscriber, change: Callable[[Words], list[Words]]) -> None:
        self._inner = inner
        self._change = change

    @property
    def finds_endings(self) -> bool:
        return self._inner.finds_endings

    def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AbstractAsyncContextManager[TranscriptionSession]:
        def heard(words: Words) -> None:
            for each in self._change(words):
                hearing(each)

        return self._inner.open(call_id, locale=locale, hearing=heard)


class KeepsSockets(Ear):
    """Opens one socket too many, and never lets it go."""

    def __init__(self, inner: OpenAiTranscriber) -> None:
        super().__init__(inner, lambda words: [words])
        self.kept: list[Any] = []

    @asynccontextmanager
    async def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AsyncIterator[TranscriptionSession]:
        headers = [("authorization", f"Bearer {self._inner.api_key}")]
        socket = self._inner.open_socket("wss://api.openai.com/v1/realtime?intent=transcription", headers)
        self.kept.append((socket, await socket.__aenter__()))
        async with super().open(call_id, locale=locale, hearing=hearing) as session:
            yield session


def heard_by(make: Callable[[OpenAiTranscriber], Transcriber]) -> Alter:
    def alter(container: Container) -> None:
        real = container.transcriber()
        assert isinstance(real, OpenAiTranscriber)
        container.transcriber.override(providers.Object(make(real)))

    return alter


def hearing(change: Callable[[Words], list[Words]]) -> Alter:
    return heard_by(lambda real: Ear(real, change))


PLANTED: dict[str, tuple[Alter, str, Plan]] = {
    "a text that is claimed although it was cut": (voiced_by(StreamVoice, claimed), "heard", INTERRUPTION),
    "a mouth that says nothing": (voiced_by(SaysNothing, lambda _, given: given), "mute", TALK),
    "words that the transcriber told and nobody kept": (
        hearing(lambda _: []),
        "lost",
        TALK,
    ),
    "words that nobody told": (
        hearing(lambda words: [attrs.evolve(words, text=words.text + " Really")]),
        "invented",
        TALK,
    ),
    "words that are taken twice": (
        hearing(lambda words: [words, words] if words.final else [words]),
        "heard-twice",
        TALK,
    ),
    "a socket to the transcriber that stays open": (heard_by(KeepsSockets), "leftover", TALK),
}


@pytest.mark.parametrize(("alter", "oracle", "plan"), PLANTED.values(), ids=PLANTED)
def test_a_bug_planted_into_streams_is_caught(alter: Alter, oracle: str, plan: Plan) -> None:
    seen = carry_out(plan, streamed=True, alter=alter)

    assert seen.crash == ""
    assert oracle in {breach.oracle for breach in judge(seen)}


@pytest.mark.parametrize("plan", [TALK, INTERRUPTION])
def test_without_a_bug_planted_into_streams_nothing_is_found(plan: Plan) -> None:
    seen = carry_out(plan, streamed=True, alter=unaltered)

    assert judge(seen) == ()
    assert seen.streams == len(plan.calls)
    assert any(one.final for one in seen.told)
