"""Calls without a media stream: the carrier's own voice, and what is known of what it said."""

from collections.abc import Awaitable, Callable

import anyio
import attrs
import pytest

from voice_adapters.media.estimate import speech_seconds
from voice_adapters.media.native_voice import NativeVoice
from voice_domain.effects import Play
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.inputs import CallInput, HearingLost, PartFailed, PartHeard, PartStarted
from voice_domain.ports.carrier import CarrierError, NativeSpeech, SpeechPlayed, SpokenText, UnsupportedError

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("leg")


class Announcer(NativeSpeech):
    """A carrier's voice that keeps what it was asked."""

    def __init__(self, *, tells_end: bool = False, slow_seconds: float = 0.0) -> None:
        self.slow_seconds = slow_seconds
        self._tells_end = tells_end
        self.asked: list[tuple[str, str]] = []
        self.spoken: list[SpokenText] = []
        self.refuses = False
        self.deaf_for = 0
        """How many more times it refuses to listen."""
        self.cannot_listen = False

    @property
    def tells_end(self) -> bool:
        return self._tells_end

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        if self.refuses:
            raise CarrierError("line", "no voice")
        await anyio.sleep(self.slow_seconds)
        self.spoken.append(spoken)
        self.asked.append(("speak", spoken.text))

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        self.asked.append(("silence", carrier_call_id))

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        self.asked.append(("listen", locale))
        if self.cannot_listen:
            raise UnsupportedError("line", "transcription")
        if self.deaf_for:
            self.deaf_for -= 1
            raise CarrierError("line", "no ear", code="21220")

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        self.asked.append(("stop listening", carrier_call_id))


class Idle:
    def first_byte(self, speech_id: SpeechId, part: int) -> None: ...

    def first_frame(self, speech_id: SpeechId, part: int) -> None: ...


def order(text: str, part: int = 0) -> Play:
    return Play(SpeechId("a"), part, text, "en-US", interruptible=True)


async def played(announcer: Announcer, script: Callable[[NativeVoice], Awaitable[None]]) -> list[CallInput]:
    reports: list[CallInput] = []
    voice = NativeVoice(announcer, carrier_call_id=lambda: LEG, report=reports.append, moments=Idle())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(voice.run)
        await script(voice)
        tasks.cancel_scope.cancel()
    return reports


async def test_parts_are_read_one_after_the_other_for_as_long_as_they_take() -> None:
    announcer = Announcer()

    async def script(voice: NativeVoice) -> None:
        voice.play(order("One sentence to say."))
        voice.play(order("And another one.", part=1))
        await anyio.sleep(speech_seconds("One sentence to say."))
        assert len(announcer.spoken) == 1
        await anyio.sleep(10)

    reports = await played(announcer, script)

    assert [spoken.text for spoken in announcer.spoken] == ["One sentence to say.", "And another one."]
    assert reports == [
        PartStarted(SpeechId("a"), 0),
        PartHeard(SpeechId("a"), 0, "One sentence to say."),
        PartStarted(SpeechId("a"), 1),
        PartHeard(SpeechId("a"), 1, "And another one."),
    ]


async def test_a_carrier_that_tells_the_end_is_believed() -> None:
    announcer = Announcer(tells_end=True)
    began = anyio.current_time()

    async def script(voice: NativeVoice) -> None:
        voice.play(order("A short one."))
        await anyio.sleep(4)
        voice.played(SpeechPlayed(SpeechId("a"), 0))
        voice.play(order("Next.", part=1))
        await anyio.sleep(0.1)

    await played(announcer, script)

    assert announcer.asked == [("speak", "A short one."), ("speak", "Next.")]
    assert anyio.current_time() - began < 4.2


async def test_a_carrier_that_does_not_answer_keeps_nobody_from_saying_something_newer() -> None:
    """Said 8 s late once, and the dropped text before it: its request was repeated although nobody wanted it."""
    announcer = Announcer(slow_seconds=12.0)
    began = anyio.current_time()

    async def script(voice: NativeVoice) -> None:
        voice.play(order("Not wanted any more."))
        await anyio.sleep(1)
        voice.clear()
        announcer.slow_seconds = 0.0
        voice.play(order("Something newer.", part=1))
        await anyio.sleep(1)

    await played(announcer, script)

    assert announcer.asked[-1] == ("speak", "Something newer.")
    assert anyio.current_time() - began < 3


async def test_of_a_part_that_the_carrier_cut_only_its_beginning_was_heard() -> None:
    """Claimed whole once: keys that we pressed stopped Twilio's voice."""
    text = "This goes on and on and on for quite a while."

    async def script(voice: NativeVoice) -> None:
        voice.play(order(text))
        await anyio.sleep(speech_seconds(text) / 2 + 1)
        voice.played(SpeechPlayed(SpeechId("a"), 0, at_ms=6_000, cut_at_ms=5_000))
        voice.play(order("Next.", part=1))
        await anyio.sleep(speech_seconds("Next."))
        voice.played(SpeechPlayed(SpeechId("a"), 1))
        await anyio.sleep(0.1)

    reports = await played(Announcer(tells_end=True), script)

    cut, whole = (report for report in reports if isinstance(report, PartHeard))
    assert text.startswith(cut.heard)
    assert 0.3 < len(cut.heard) / len(text) < 0.6
    assert whole.heard == "Next."


@pytest.mark.parametrize("ended_by", ["words that clear it", "its end"])
async def test_what_was_heard_of_a_part_counts_to_when_it_was_cut_however_late_that_is_acted_on(
    ended_by: str,
) -> None:
    """Claimed for as long as the disk was slow, once: words were known, and waited to be kept."""
    text = "This goes on and on and on for quite a while."

    async def script(voice: NativeVoice) -> None:
        voice.play(order(text))
        await anyio.sleep(speech_seconds(text) / 2)
        voice.played(SpeechPlayed(SpeechId("a"), 0, at_ms=1_000, cut_at_ms=1_000, over=False))
        await anyio.sleep(2)
        voice.played(SpeechPlayed(SpeechId("a"), 0, at_ms=3_000, cut_at_ms=3_000, over=False))
        if ended_by == "its end":
            voice.played(SpeechPlayed(SpeechId("a"), 0, at_ms=3_000))
        else:
            voice.clear()
        await anyio.sleep(0.1)

    reports = await played(Announcer(tells_end=True), script)

    (cut,) = (report for report in reports if isinstance(report, PartHeard))
    assert text.startswith(cut.heard)
    assert 0.3 < len(cut.heard) / len(text) < 0.6


@pytest.mark.parametrize("news", [0, 1])
async def test_keys_of_ours_bound_what_was_heard_unless_the_carrier_tells_that_it_read_on(news: int) -> None:
    """Claimed until the call ended, once: the news that keys had cut the text were lost."""
    text = "This goes on and on and on for quite a while."

    async def script(voice: NativeVoice) -> None:
        voice.play(order(text))
        await anyio.sleep(speech_seconds(text) / 2)
        voice.keys_sent()
        await anyio.sleep(speech_seconds(text) / 2)
        for _ in range(news):
            voice.played(SpeechPlayed(SpeechId("a"), 0))
            await anyio.sleep(0.1)
        voice.clear()

    _, cut = await played(Announcer(tells_end=True), script)

    assert isinstance(cut, PartHeard)
    assert text.startswith(cut.heard)
    assert cut.heard == text if news else 0.3 < len(cut.heard) / len(text) < 0.6


async def test_a_text_of_whose_end_no_news_came_is_heard_for_certain_only_if_nobody_could_cut_it() -> None:
    text = "A text to be read."

    async def script(voice: NativeVoice) -> None:
        voice.play(order(text))
        voice.play(attrs.evolve(order(text, part=1), interruptible=False))
        await anyio.sleep(2 * (speech_seconds(text) + 11))

    reports = await played(Announcer(tells_end=True), script)

    assert reports[1] == PartHeard(SpeechId("a"), 0, "")
    assert reports[3] == PartHeard(SpeechId("a"), 1, text)


async def test_speech_that_is_cleared_is_silenced_and_only_its_beginning_was_heard() -> None:
    announcer = Announcer()
    text = "This goes on and on and on for quite a while."

    async def script(voice: NativeVoice) -> None:
        voice.play(order(text))
        voice.play(order("Never.", part=1))
        await anyio.sleep(speech_seconds(text) / 2)
        voice.clear()
        await anyio.sleep(1)

    reports = await played(announcer, script)

    assert announcer.asked == [("speak", text), ("silence", "leg")]
    cut, dropped = reports[1:]
    assert isinstance(cut, PartHeard)
    assert text.startswith(cut.heard)
    assert 10 < len(cut.heard) < 35
    assert dropped == PartHeard(SpeechId("a"), 1, "")


async def test_listening_is_asked_for_once_and_never_into_our_speech() -> None:
    announcer = Announcer()

    async def script(voice: NativeVoice) -> None:
        voice.play(order("Hello there."))
        voice.listen("en-US")
        await anyio.sleep(5)
        voice.stop_listening()
        await anyio.sleep(1)
        voice.listen("zh-CN")
        await anyio.sleep(1)

    await played(announcer, script)

    assert announcer.spoken[0].then_listen
    assert announcer.asked == [("speak", "Hello there."), ("stop listening", "leg"), ("listen", "zh-CN")]


async def test_a_text_that_the_carrier_refuses_fails_and_the_next_is_read() -> None:
    announcer = Announcer()
    announcer.refuses = True

    async def script(voice: NativeVoice) -> None:
        voice.play(order("Refused."))
        await anyio.sleep(0.1)
        announcer.refuses = False
        voice.play(order("Fine.", part=1))
        await anyio.sleep(5)

    failed, *rest = await played(announcer, script)

    assert isinstance(failed, PartFailed)
    assert "no voice" in failed.error
    assert rest[-1] == PartHeard(SpeechId("a"), 1, "Fine.")


async def _listened(announcer: Announcer) -> list[CallInput]:
    async def script(voice: NativeVoice) -> None:
        voice.listen("en-US")
        await anyio.sleep(5)

    return await played(announcer, script)


async def test_listening_that_is_refused_once_is_asked_for_again() -> None:
    announcer = Announcer()
    announcer.deaf_for = 1

    assert await _listened(announcer) == []
    assert announcer.asked == [("listen", "en-US")] * 2


async def test_that_the_carrier_does_not_listen_is_told() -> None:
    announcer = Announcer()
    announcer.deaf_for = 2

    assert await _listened(announcer) == [HearingLost("line: no ear (code 21220)")]


async def test_that_the_carrier_cannot_listen_is_told_and_breaks_nothing() -> None:
    announcer = Announcer()
    announcer.cannot_listen = True

    (lost,) = await _listened(announcer)

    assert isinstance(lost, HearingLost)
    assert "transcription" in lost.error
