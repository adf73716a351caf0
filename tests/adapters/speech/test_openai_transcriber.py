"""What OpenAI's ear is told, what is made of what it hears, and how it outlives breaks."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
import pytest
from support.realtime_service import RealtimeService
from support.scripted_http import VECTORS, recorded

from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.openai import OpenAiTranscriber
from voice_adapters.speech.openai.realtime_messages import COMMIT, ListeningTerms, append, session_update
from voice_adapters.speech.openai.transcriber import realtime_url
from voice_adapters.transports.websocket_errors import WebSocketClosedError, WebSocketRefusedError
from voice_domain.identity import CallId
from voice_domain.ports.transcriber import TranscriptionError, TranscriptionSession, Words

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"
SILENCE = b"\xff" * 160
# Loud frames whose level moves, as a voice's does.
VOICE = [bytes((level, level ^ 0x80)) * 80 for level in (0x10, 0x20, 0x08, 0x28, 0x10, 0x30)]


@attrs.define
class Stage:
    service: RealtimeService
    session: TranscriptionSession
    heard: list[Words] = attrs.field(factory=list)

    @property
    def finals(self) -> list[str]:
        return [words.text for words in self.heard if words.final]

    @property
    def partials(self) -> list[str]:
        return [words.text for words in self.heard if not words.final]

    def feed(self, *frames: bytes) -> None:
        for frame in frames:
            self.session.feed(frame)


def transcriber(service: RealtimeService, **values: Any) -> OpenAiTranscriber:
    return OpenAiTranscriber(
        api_key=KEY, clock=EventLoopClock(epoch_ms=0), open_socket=service.open, **values
    )


@asynccontextmanager
async def listening(service: RealtimeService, locale: str = "en-US", **values: Any) -> AsyncIterator[Stage]:
    heard: list[Words] = []
    ear = transcriber(service, **values).open(CallId("c1"), locale=locale, hearing=heard.append)
    async with ear as session:
        await anyio.sleep(0.2)
        yield Stage(service, session, heard)


async def settled() -> None:
    await anyio.sleep(0.01)


def frames(count: int, first: int = 0) -> list[bytes]:
    return [bytes((number % 256,)) * 160 for number in range(first, first + count)]


async def test_it_connects_and_configures_as_the_vendors_own_library_does() -> None:
    wanted = recorded("openai", "realtime transcription, mu-law, server turn detection")
    service = RealtimeService()

    async with listening(
        service,
        model="<transcription model>",
        silence_duration_ms=500,
        prompt="",
        noise_reduction="near_field",
    ) as stage:
        stage.feed(SILENCE)
        await settled()

    ((url, headers, _),) = service.asked
    assert url == f"{wanted['url']}?intent=transcription"
    assert list(headers) == [("authorization", f"Bearer {KEY}")]
    assert service.last.sent == wanted["client_messages"][:2]
    assert json.loads(COMMIT) == wanted["client_messages"][2]


def test_a_model_that_takes_no_turn_detection_is_given_none() -> None:
    wanted = recorded("openai", "realtime transcription, PCM, turns ended by the client")
    (update, *_) = wanted["client_messages"]
    update["session"]["audio"]["input"]["format"] = {"type": "audio/pcmu"}

    terms = ListeningTerms(model="<transcription model>", detects_turns=False)

    assert json.loads(session_update(terms)) == update


def test_no_name_of_the_beta_is_sent() -> None:
    sent = session_update(ListeningTerms(model="m", language="en")) + append(SILENCE) + COMMIT

    assert "transcription_session" not in sent
    assert "g711_ulaw" not in sent


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.openai.com/v1", "wss://api.openai.com/v1/realtime?intent=transcription"),
        ("HTTP://127.0.0.1:8080/v1/", "ws://127.0.0.1:8080/v1/realtime?intent=transcription"),
        ("wss://speech.example/v1", "wss://speech.example/v1/realtime?intent=transcription"),
    ],
)
def test_the_address_may_be_written_as_that_of_a_web_page(base_url: str, url: str) -> None:
    assert realtime_url(base_url) == url


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en"), ("haw-US", None)])
async def test_the_language_is_that_of_the_call(locale: str, language: str | None) -> None:
    service = RealtimeService()

    async with listening(service, locale):
        pass

    update = service.last.sent[0]["session"]["audio"]["input"]
    assert update["transcription"].get("language") == language


async def test_an_explicit_zero_threshold_is_honoured() -> None:
    service = RealtimeService()

    async with listening(service, vad_threshold=0.0):
        pass

    assert service.last.sent[0]["session"]["audio"]["input"]["turn_detection"]["threshold"] == 0


async def test_every_event_of_the_recorded_session_is_understood() -> None:
    events = json.loads((VECTORS / "openai" / "realtime.json").read_text())["events"]
    service = RealtimeService()

    async with listening(service) as stage:
        for event in events:
            if event["direction"] == "from_provider":
                message = {**event["message"]}
                service.last.say(message.pop("type"), **message)
        await settled()

    assert [(words.text, words.final) for words in stage.heard] == [
        ("Tomorrow", False),
        ("Tomorrow at three, please.", True),
        ("你好", True),
    ]


async def test_partials_grow_until_the_final_words_come() -> None:
    async with listening(RealtimeService()) as stage:
        stage.service.committed("a")
        for piece in ("To", "mor", "row"):
            stage.service.delta("a", piece)
        stage.service.completed("a", "Tomorrow.")
        await settled()

    assert (stage.partials, stage.finals) == (["To", "Tomor", "Tomorrow"], ["Tomorrow."])


async def test_turns_that_are_done_out_of_order_are_told_in_the_order_in_which_they_were_said() -> None:
    async with listening(RealtimeService()) as stage:
        stage.service.committed("a")
        stage.service.committed("b", "a")
        stage.service.committed("c", "b")
        stage.service.completed("c", "Three")
        stage.service.delta("b", "Tw")
        stage.service.failed("b")
        await settled()
        early = list(stage.heard)
        stage.service.completed("a", "One")
        await settled()

    assert early == []
    assert stage.finals == ["One", "Three"]


async def test_a_turn_does_not_wait_for_ever_for_the_one_before_it() -> None:
    async with listening(RealtimeService()) as stage:
        stage.service.committed("a")
        stage.service.committed("b", "a")
        stage.service.completed("b", "Two")
        await anyio.sleep(4)

        assert stage.finals == ["Two"]


@pytest.mark.parametrize("text", ["", "  "])
async def test_a_turn_without_words_says_nothing(text: str) -> None:
    async with listening(RealtimeService()) as stage:
        stage.service.committed("a")
        stage.service.completed("a", text)
        await settled()

    assert stage.heard == []


async def test_a_final_that_comes_twice_is_told_once() -> None:
    async with listening(RealtimeService()) as stage:
        for _ in range(2):
            stage.service.completed("a", "Yes.")
        await settled()

    assert stage.finals == ["Yes."]


async def test_audio_that_is_fed_while_it_connects_is_not_lost() -> None:
    service = RealtimeService()
    opened = transcriber(service).open(CallId("c1"), locale="en-US", hearing=lambda _: None)

    async with opened as session:
        for frame in frames(10):
            session.feed(frame)
        await anyio.sleep(1)

    assert service.last.audio == b"".join(frames(10))
    assert service.last.kinds == ["session.update", "append"]


async def test_no_audio_is_sent_before_the_session_knows_its_format() -> None:
    service = RealtimeService()
    service.answers = False

    async with listening(service) as stage:
        stage.feed(*frames(3))
        await anyio.sleep(5)
        early = service.last.kinds
        service.last.say("session.updated")
        await settled()

    assert (early, service.last.kinds) == (["session.update"], ["session.update", "append"])


async def test_while_there_is_no_session_the_oldest_audio_beyond_five_seconds_is_dropped() -> None:
    service = RealtimeService()
    service.answers = False

    async with listening(service) as stage:
        stage.feed(*frames(260))
        service.last.say("session.updated")
        await settled()

    assert service.last.audio == b"".join(frames(250, first=10))


async def test_a_broken_session_is_replaced_and_what_it_had_not_answered_is_sent_again() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        first = service.last
        first.say("input_audio_buffer.speech_started", item_id="a")
        await settled()
        stage.feed(*frames(100))
        await settled()
        first.cut()
        await settled()
        stage.feed(*frames(20, first=100))
        await anyio.sleep(1)

    assert first is not service.last
    assert service.last.audio == b"".join(frames(120))


async def test_what_was_answered_is_not_sent_again() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        stage.feed(*frames(100))
        await settled()
        service.committed("a")
        service.completed("a", "One.")
        await settled()
        service.last.cut()
        await anyio.sleep(1)
        stage.feed(*frames(3, first=200))
        await settled()

    assert service.last.audio == b"".join(frames(3, first=200))
    assert stage.finals == ["One."]


async def test_a_turn_whose_words_were_under_way_is_heard_by_the_next_session() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        stage.feed(*frames(30))
        await settled()
        service.committed("a")
        await settled()
        service.last.cut()
        await anyio.sleep(1)

    assert service.last.audio == b"".join(frames(30))


async def test_words_that_do_not_come_are_asked_for_again_in_a_new_session() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        stage.feed(*frames(30))
        await settled()
        service.committed("a")
        await anyio.sleep(11)

    assert len(service.sockets) == 2
    assert service.last.audio == b"".join(frames(30))


async def test_a_service_that_tells_of_no_voice_and_answers_nothing_is_replaced_within_seconds() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        await settled()
        service.answers = False
        stage.session.voice_began()
        stage.feed(*frames(30))
        await anyio.sleep(4.5)
        early = len(service.sockets)
        service.answers = True
        await anyio.sleep(2.5)

    assert (early, len(service.sockets)) == (1, 2)
    assert service.last.audio == b"".join(frames(30))


async def test_a_service_that_hears_no_voice_in_a_noise_is_asked_and_kept() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        await settled()
        for _ in range(3):
            stage.session.voice_began()
            stage.feed(*frames(30))
            await anyio.sleep(10)

    assert len(service.sockets) == 1
    assert service.last.kinds.count("session.update") == 4


async def test_a_service_that_tells_of_the_voice_is_asked_nothing() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        await settled()
        stage.session.voice_began()
        await anyio.sleep(0.5)
        service.last.say("input_audio_buffer.speech_started", item_id="a")
        await anyio.sleep(10)

    assert service.last.kinds == ["session.update"]


async def test_a_noise_does_not_keep_a_session_from_being_renewed() -> None:
    service = RealtimeService(lives_seconds=1800)

    async with listening(service) as stage:
        await settled()
        stage.session.voice_began()
        await anyio.sleep(1_745)

    assert len(service.sockets) == 2


async def test_five_tries_with_growing_pauses_are_made_before_it_gives_up() -> None:
    service = RealtimeService([WebSocketClosedError(1006, "cut")] * 9)

    with pytest.raises(TranscriptionError, match=r"code 1006, cut\); given up after 5 tries"):
        async with listening(service):
            await anyio.sleep(60)

    times = [round(at, 2) for _, _, at in service.asked]
    assert times == [0.1, 0.45, 1.05, 2.15, 4.25]


async def test_a_session_that_worked_gives_five_tries_anew() -> None:
    cut = WebSocketClosedError(1006, "cut")
    service = RealtimeService([None, *[cut] * 4, None, *[cut] * 4])

    async with listening(service) as stage:
        for _ in range(2):
            service.committed("a")
            service.completed("a", "Yes.")
            await settled()
            service.last.cut()
            await anyio.sleep(10)

    assert stage.finals == ["Yes.", "Yes."]
    assert len(service.sockets) == 3


async def test_a_session_that_always_breaks_at_once_is_given_up() -> None:
    service = RealtimeService()
    service.greets = False

    with pytest.raises(TranscriptionError, match="not opened within 10 s; given up"):
        async with listening(service):
            await anyio.sleep(600)

    assert len(service.sockets) == service.closed == 5


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (401, "invalid_api_key", r"key is wrong; check streaming\.providers\.openai\.apiKey"),
        (429, "insufficient_quota", "quota is used up"),
        (404, "model_not_found", r"no model gpt-4o-transcribe \(OpenAI announced its end for 2027-02-26\)"),
    ],
)
async def test_a_refusal_that_waiting_does_not_help_is_told_at_once(
    status: int, code: str, says: str
) -> None:
    body = json.dumps({"error": {"code": code, "message": f"Bad {KEY}"}}).encode()
    service = RealtimeService([WebSocketRefusedError(status, body)])

    with pytest.raises(TranscriptionError, match=says) as caught:
        async with listening(service):
            await anyio.sleep(60)

    assert len(service.asked) == 1
    assert "canary" not in str(caught.value)


async def test_a_refusal_that_may_pass_is_tried_again() -> None:
    service = RealtimeService([WebSocketRefusedError(503, b"busy")])

    async with listening(service):
        await anyio.sleep(1)

    assert len(service.sockets) == 1


@pytest.mark.parametrize(
    ("code", "says"),
    [("invalid_value", r"error invalid_value: Bad format\."), ("model_not_found", "there is no model")],
)
async def test_a_session_that_does_not_take_its_configuration_says_why(code: str, says: str) -> None:
    service = RealtimeService()
    service.answers = False

    async def refuse() -> None:
        async with listening(service):
            service.error(code, "Bad format.")
            await anyio.sleep(1)

    with pytest.raises(TranscriptionError, match=says):
        await refuse()


async def test_most_errors_leave_the_session_open_and_are_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        async with listening(RealtimeService()) as stage:
            for _ in range(3):
                stage.service.error("invalid_value", "Bad value.")
            stage.service.error("input_audio_buffer_commit_empty")
            stage.service.completed("a", "Still here.")
            await settled()

    assert stage.finals == ["Still here."]
    assert [record.getMessage() for record in caplog.records] == [
        "openai's transcription has a problem: error invalid_value: Bad value."
    ]


async def test_an_expired_session_is_replaced() -> None:
    service = RealtimeService()

    async with listening(service):
        service.error("session_expired")
        await anyio.sleep(1)

    assert len(service.sockets) == 2


async def test_a_session_is_renewed_before_its_age_while_nobody_speaks() -> None:
    service = RealtimeService(lives_seconds=1800)

    async with listening(service) as stage:
        await anyio.sleep(1739)
        early = len(service.sockets)
        await anyio.sleep(2)
        stage.feed(*frames(3))
        await settled()

    assert (early, len(service.sockets), service.last.audio) == (1, 2, b"".join(frames(3)))


async def test_a_session_is_not_renewed_in_the_middle_of_a_turn() -> None:
    service = RealtimeService(lives_seconds=1800)

    async with listening(service) as stage:
        service.last.say("input_audio_buffer.speech_started", item_id="a")
        await anyio.sleep(1760)
        early = len(service.sockets)
        service.committed("a")
        service.completed("a", "A long story.")
        await anyio.sleep(1)

    assert (early, len(service.sockets), stage.finals) == (1, 2, ["A long story."])


async def test_a_session_is_renewed_in_any_case_just_before_it_ends() -> None:
    service = RealtimeService(lives_seconds=1800)

    async with listening(service):
        service.last.say("input_audio_buffer.speech_started", item_id="a")
        await anyio.sleep(1797)

    assert len(service.sockets) == 2


@pytest.mark.parametrize("lives_seconds", [-7200, 0, 90])
async def test_a_clock_that_is_wrong_renews_nothing(lives_seconds: float) -> None:
    service = RealtimeService(lives_seconds=lives_seconds)

    async with listening(service):
        await anyio.sleep(600)

    assert len(service.sockets) == 1


async def test_for_a_model_without_turn_detection_turns_end_by_their_energy() -> None:
    service = RealtimeService()

    async with listening(service, model="gpt-live-transcribe", silence_duration_ms=200) as stage:
        for frame in [SILENCE] * 100 + VOICE * 5 + [SILENCE] * 30:
            stage.feed(frame)
            await anyio.sleep(0.02)
        service.committed("a")
        service.completed("a", "Hello.")
        await settled()

    assert service.last.sent[0]["session"]["audio"]["input"]["turn_detection"] is None
    assert service.last.kinds.count("commit") == 1
    assert service.last.kinds[-1] == "commit"
    assert b"".join(VOICE * 5) in service.last.audio
    assert len(service.last.audio) < 160 * (30 + 15 + 15)
    assert stage.finals == ["Hello."]


async def test_a_turn_of_ours_is_ended_again_in_the_next_session() -> None:
    service = RealtimeService()

    async with listening(service, detects_turns=False, silence_duration_ms=200) as stage:
        stage.feed(*VOICE * 5, *[SILENCE] * 30)
        await settled()
        service.committed("a")
        await settled()
        service.last.cut()
        await anyio.sleep(1)

    assert service.last.kinds == ["session.update", "append", "commit"]


@pytest.mark.parametrize("message", ["nonsense", "[1]", '{"type": 7}', '{"no": "type"}', "\ud83d"])
async def test_what_makes_no_sense_is_passed_over(message: str) -> None:
    async with listening(RealtimeService()) as stage:
        stage.service.last.say(message)
        stage.service.last.say("conversation.item.input_audio_transcription.completed")
        stage.service.completed("a", "Fine.")
        await settled()

    assert stage.finals == ["Fine."]


async def test_leaving_closes_the_socket_and_hears_no_more() -> None:
    service = RealtimeService()

    async with listening(service) as stage:
        stage.service.completed("a", "Too late.")
    stage.feed(SILENCE)

    assert (service.closed, stage.heard) == (1, [])


async def test_an_error_of_whoever_listens_is_their_own() -> None:
    with pytest.raises(KeyError, match="mine"):
        async with listening(RealtimeService()):
            raise KeyError("mine")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"api_key": "sk-canary\n"}, "the key holds characters"),
        ({"base_url": "nonsense"}, r"streaming\.openaiBaseUrl is no address"),
        ({"base_url": "http://["}, r"streaming\.openaiBaseUrl is no address"),
    ],
)
async def test_settings_that_cannot_work_are_named_without_being_shown(
    values: dict[str, str], says: str
) -> None:
    service = RealtimeService()
    ear = attrs.evolve(transcriber(service), **values)

    with pytest.raises(TranscriptionError, match=says) as caught:
        async with ear.open(CallId("c1"), locale="en-US", hearing=lambda _: None):
            await anyio.sleep(1)

    assert "canary" not in f"{caught.value} {ear!r}"
    assert service.asked == []


def test_it_finds_endings() -> None:
    assert transcriber(RealtimeService()).finds_endings
