"""When our speech services fail, the carrier goes on speaking and listening."""

from collections.abc import Callable
from typing import cast

import anyio
import pytest

from voice_adapters.media.fallback_voice import FallbackVoice
from voice_adapters.media.voice import Voice
from voice_contracts.conformance.carrier_stage import NotedAudio
from voice_domain.effects import Play
from voice_domain.identity import CallId, SpeechId
from voice_domain.inputs import CallInput, HearingLost, PartFailed, PartHeard, PartStarted, StreamClosed
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.media import MediaLink, MediaListener

pytestmark = pytest.mark.anyio


class Told(Voice):
    """A voice that keeps what it was told, and is made to report."""

    def __init__(self, report: Callable[[CallInput], None]) -> None:
        self.report = report
        self.orders: list[Play] = []
        self.heard_of_first = ""
        self.locale: str | None = None
        self.working = False

    def play(self, order: Play) -> None:
        self.orders.append(order)

    def foresee(self, order: Play) -> None: ...

    def forget(self) -> None: ...

    def clear(self) -> None:
        for report in self.cut():
            self.report(report)

    def cut(self) -> list[CallInput]:
        dropped, self.orders = self.orders, []
        heard = [self.heard_of_first, *[""] * len(dropped)]
        return [
            PartHeard(order.speech_id, order.part, text) for order, text in zip(dropped, heard, strict=False)
        ]

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def listen(self, locale: str) -> None:
        self.locale = locale

    def stop_listening(self) -> None:
        self.locale = None

    def attach(self, link: MediaLink) -> MediaListener:
        return NotedAudio(link, lambda: None)

    def played(self, played: SpeechPlayed) -> None: ...

    async def run(self) -> None:
        self.working = True
        try:
            await anyio.sleep_forever()
        finally:
            self.working = False


class Scene:
    def __init__(self, *, native_listens: bool = True, back_within: float | None = None) -> None:
        self.reports: list[CallInput] = []
        self.voice = FallbackVoice(
            CallId("c"),
            make_stream=self._stream,
            make_native=self._native,
            report=self.reports.append,
            native_listens=native_listens,
            back_within=back_within,
        )

    def _stream(self, report: Callable[[CallInput], None]) -> Told:
        self.stream = Told(report)
        return self.stream

    def _native(self, report: Callable[[CallInput], None]) -> Told:
        self.native = Told(report)
        return self.native


def order(part: int) -> Play:
    return Play(SpeechId("s"), part, f"Part {part}.", "en-US", interruptible=True)


async def test_nothing_changes_while_the_stream_works() -> None:
    scene = Scene()
    scene.voice.play(order(0))
    scene.stream.report(PartStarted(SpeechId("s"), 0))
    scene.stream.report(PartHeard(SpeechId("s"), 0, "Part 0."))

    assert scene.reports == [PartStarted(SpeechId("s"), 0), PartHeard(SpeechId("s"), 0, "Part 0.")]
    assert scene.native.orders == []


async def test_a_part_that_cannot_be_spoken_and_all_behind_it_are_said_by_the_carrier() -> None:
    scene = Scene()
    scene.voice.listen("en-US")
    for part in range(3):
        scene.voice.play(order(part))
    scene.stream.report(PartHeard(SpeechId("s"), 0, "Part 0."))
    scene.stream.orders.pop(0)
    scene.stream.report(PartFailed(SpeechId("s"), 1, "the service is down"))

    assert [said.part for said in scene.native.orders] == [1, 2]
    assert scene.native.locale == "en-US"
    assert scene.reports == [PartHeard(SpeechId("s"), 0, "Part 0.")]


async def test_a_part_that_broke_off_in_the_middle_is_not_repeated() -> None:
    scene = Scene()
    scene.voice.play(order(0))
    scene.voice.play(order(1))
    scene.stream.report(PartFailed(SpeechId("s"), 0, "it broke", heard="Part"))

    assert scene.native.orders == []
    assert scene.reports == [PartFailed(SpeechId("s"), 0, "it broke", heard="Part")]


async def test_a_transcriber_that_is_gone_lets_the_carrier_listen_and_cuts_what_was_being_said() -> None:
    scene = Scene()
    scene.voice.listen("zh-CN")
    scene.voice.play(order(0))
    scene.voice.play(order(1))
    scene.stream.heard_of_first = "Part"
    scene.stream.report(HearingLost("no transcription"))

    assert scene.native.locale == "zh-CN"
    assert [said.part for said in scene.native.orders] == [1]
    assert scene.reports == [PartHeard(SpeechId("s"), 0, "Part")]


async def test_where_the_carrier_does_not_listen_the_loss_of_the_transcriber_is_told() -> None:
    scene = Scene(native_listens=False)
    scene.voice.play(order(0))
    scene.stream.report(HearingLost("no transcription"))

    assert scene.reports == [HearingLost("no transcription")]
    assert scene.native.orders == []


async def test_a_stream_that_was_left_has_nothing_more_to_say() -> None:
    scene = Scene()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.voice.run)
        await anyio.sleep(0.1)
        assert (scene.stream.working, scene.native.working) == (True, False)
        scene.stream.report(HearingLost("no transcription"))
        await anyio.sleep(0.1)
        assert (scene.stream.working, scene.native.working) == (False, True)
        scene.stream.report(StreamClosed(2))
        tasks.cancel_scope.cancel()

    assert scene.reports == []


@pytest.mark.parametrize("comes", [True, False], ids=["comes", "does not come"])
async def test_a_stream_of_before_a_restart_is_waited_for_and_then_done_without(*, comes: bool) -> None:
    scene = Scene(back_within=2.0)
    scene.voice.listen("en-US")
    scene.voice.play(order(0))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.voice.run)
        await anyio.sleep(1.9)
        before = scene.native.locale
        if comes:
            scene.voice.attach(cast("MediaLink", None))
        await anyio.sleep(0.2)
        tasks.cancel_scope.cancel()

    assert before is None
    assert (scene.native.locale, len(scene.native.orders)) == ((None, 0) if comes else ("en-US", 1))
    assert scene.reports == []


async def test_an_opening_is_prepared_for_the_stream() -> None:
    prepared: list[tuple[str, str]] = []

    class Preparing(Told):
        async def prepare(self, text: str, *, locale: str) -> None:
            prepared.append((text, locale))

    voice = FallbackVoice(CallId("c"), make_stream=Preparing, make_native=Told, report=[].append)
    await voice.prepare("Hello.", locale="en-US")

    assert prepared == [("Hello.", "en-US")]
