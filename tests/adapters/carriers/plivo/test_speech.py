"""Plivo's own voice and ear: what a leg is led to, and what it is told when it comes back."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import anyio
import attrs
import httpx
import pytest
from support.plivo_grammar import faults_of, parsed

from voice_adapters.carriers.plivo import PlivoCarrier
from voice_domain.call import Call
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.inputs import KeysPressed, LineAnswered, WordsHeard
from voice_domain.ports.carrier import CarrierError, SpeechPlayed, SpokenText

if TYPE_CHECKING:
    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("00000000-0000-4000-8000-000000000001")
REQUEST = CarrierCallId("00000000-0000-4000-8000-000000000002")
HOOK = "https://voice.example.com/voice/webhook"
ASKED = SpokenText(
    speech_id=SpeechId("reply-1"),
    part=0,
    text="How can I help?",
    locale="en-US",
    interruptible=True,
    then_listen=True,
)
TOLD = attrs.evolve(ASKED, interruptible=False, then_listen=False)
READING = ["Speak", "Redirect"]
LISTENING = ["GetInput", "Redirect"]
WAITING = ["Wait", "Redirect"]


def tags(root: Element) -> list[str]:
    return [element.tag for element in root.iter()][1:]


def query_of(url: str | None) -> dict[str, str]:
    assert url is not None
    return dict(parse_qsl(urlsplit(url).query))


@attrs.frozen
class Desk:
    """Asks for documents and tells what happened, as Plivo does."""

    carrier: PlivoCarrier
    api: "Api"
    webhooks: "Webhooks"
    call: Call

    def document(self, url: str | None, **fields: str) -> Element:
        assert url is not None
        request = self.webhooks(url, **fields)
        self.carrier.translate(request)
        body = self.carrier.respond(request, self.call).body
        assert faults_of(body) == []
        return parsed(body)

    def told(self, url: str | None, **fields: str) -> list[object]:
        assert url is not None
        return [signal.news for signal in self.carrier.translate(self.webhooks(url, **fields))]

    def ordered(self) -> Element:
        """The document that the leg was led to last."""
        return self.document(self.api.led_to[-1])

    def back(self, root: Element) -> Element:
        """The document after one that has come to its end."""
        return self.document(root[-1].text)


@pytest.fixture
def desk(carrier: PlivoCarrier, api: "Api", webhooks: "Webhooks", up: Call) -> Desk:
    return Desk(carrier, api, webhooks, up)


@pytest.mark.parametrize(
    "spoken",
    [ASKED, TOLD, attrs.evolve(ASKED, interruptible=False), attrs.evolve(ASKED, then_listen=False)],
    ids=["asked", "notify", "farewell", "nobody listens"],
)
async def test_a_text_is_read_to_its_end_and_only_then_somebody_is_listened_to(
    desk: Desk, spoken: SpokenText
) -> None:
    await desk.carrier.speak(LEG, spoken)

    root = desk.ordered()
    assert tags(root) == READING
    assert (root[0].text, root[0].get("voice"), root[0].get("language")) == (
        "How can I help?",
        "Polly.Joanna",
        "en-US",
    )
    assert tags(desk.back(root)) == (LISTENING if spoken.then_listen else WAITING)


async def test_listening_that_is_asked_for_while_a_text_is_read_does_not_cut_it(desk: Desk) -> None:
    await desk.carrier.speak(LEG, TOLD)
    root = desk.ordered()

    await desk.carrier.listen(LEG, locale="zh-CN")

    assert len(desk.api.led_to) == 1
    listening = desk.back(root)
    assert (tags(listening), listening[0].get("language")) == (LISTENING, "cmn-Hans-CN")


async def test_the_end_of_a_text_is_told_by_the_way_back(desk: Desk) -> None:
    await desk.carrier.speak(LEG, ASKED)

    news = desk.told(desk.ordered()[1].text)

    assert desk.carrier.tells_end
    (played,) = [one for one in news if isinstance(one, SpeechPlayed)]
    assert (played.speech_id, played.part, played.carrier_call_id) == ("reply-1", 0, LEG)


async def test_after_its_text_a_leg_listens_and_goes_on_listening(desk: Desk) -> None:
    await desk.carrier.speak(LEG, ASKED)
    root, turns = desk.ordered(), []

    for _ in range(3):
        root = desk.back(root)
        assert tags(root) == LISTENING
        assert query_of(root[0].get("action")) == query_of(root[1].text)
        partial = query_of(root[0].get("interimSpeechResultsCallback"))
        assert partial == {"turn": query_of(root[1].text)["turn"], "flow": "interim"}
        turns.append(partial["turn"])

    assert len(set(turns)) == 3


async def test_a_chinese_text_is_read_and_heard_in_chinese(desk: Desk) -> None:
    await desk.carrier.speak(LEG, attrs.evolve(ASKED, text="您好，请问有什么可以帮您？", locale="zh-CN"))

    root = desk.ordered()
    assert (root[0].get("voice"), root[0].get("language")) == ("Polly.Zhiyu", "cmn-CN")
    assert desk.back(root)[0].get("language") == "cmn-Hans-CN"


async def test_what_was_heard_is_told_and_the_leg_listens_on(desk: Desk) -> None:
    await desk.carrier.listen(LEG, locale="en-US")
    action = desk.ordered()[0].get("action")

    words = desk.told(action, Speech="Tomorrow.", InputType="speech")
    keys = desk.told(action, Digits="12#", InputType="dtmf")

    assert [one.text for one in words if isinstance(one, WordsHeard)] == ["Tomorrow."]
    assert [one.digits for one in keys if isinstance(one, KeysPressed)] == ["12#"]
    assert tags(desk.document(action, Speech="Tomorrow.")) == LISTENING


async def test_words_that_answer_to_a_replaced_document_are_left_out_and_the_leg_is_not_dropped(
    desk: Desk,
) -> None:
    await desk.carrier.listen(LEG, locale="en-US")
    action = desk.ordered()[0].get("action")
    await desk.carrier.speak(LEG, ASKED)

    assert [type(one) for one in desk.told(action, Speech="Too late.")] == [LineAnswered]
    assert tags(desk.document(action, Speech="Too late.")) == WAITING


async def test_words_are_taken_when_the_order_after_them_was_refused(desk: Desk) -> None:
    await desk.carrier.listen(LEG, locale="en-US")
    action = desk.ordered()[0].get("action")
    desk.api.answers = [desk.api.refuse(400)]
    with pytest.raises(CarrierError, match="HTTP 400"):
        await desk.carrier.speak(LEG, ASKED)

    news = desk.told(action, Speech="In time.")

    assert [one.text for one in news if isinstance(one, WordsHeard)] == ["In time."]


async def test_words_are_taken_after_a_restart_too(desk: Desk) -> None:
    news = desk.told(f"{HOOK}?turn=123-4", Speech="Still here.")

    assert [one.text for one in news if isinstance(one, WordsHeard)] == ["Still here."]


async def test_a_text_on_its_way_is_not_read_twice_to_a_leg_that_asks_meanwhile(desk: Desk) -> None:
    await desk.carrier.speak(LEG, ASKED)

    root = desk.document(f"{HOOK}?callId=c-1")

    assert tags(root) == WAITING
    assert tags(desk.ordered()) == READING


async def test_an_order_that_got_lost_does_not_leave_the_leg_deaf(desk: Desk) -> None:
    await desk.carrier.speak(LEG, ASKED)

    root = desk.document(f"{HOOK}?callId=c-1")

    assert tags(desk.back(root)) == LISTENING


async def test_silence_stops_what_is_read_and_listens_at_once(desk: Desk) -> None:
    await desk.carrier.silence(LEG)
    await desk.carrier.speak(LEG, ASKED)
    await desk.carrier.silence(LEG)
    await desk.carrier.silence(LEG)

    assert len(desk.api.led_to) == 2
    assert tags(desk.ordered()) == LISTENING


async def test_silence_after_the_end_of_a_text_does_not_cut_the_counterpart(desk: Desk) -> None:
    await desk.carrier.speak(LEG, ASKED)
    desk.back(desk.ordered())

    await desk.carrier.silence(LEG)

    assert len(desk.api.led_to) == 1


async def test_interim_words_are_told_while_we_listen(desk: Desk) -> None:
    await desk.carrier.listen(LEG, locale="en-US")

    (news,) = desk.told(desk.ordered()[0].get("interimSpeechResultsCallback"), UnstableSpeech="wait a")

    assert isinstance(news, WordsHeard)
    assert not news.final


async def test_listening_and_no_more(desk: Desk) -> None:
    await desk.carrier.stop_listening(LEG)
    await desk.carrier.listen(LEG, locale="zh-TW")
    root = desk.ordered()
    await desk.carrier.stop_listening(LEG)
    await desk.carrier.stop_listening(LEG)

    assert (tags(root), root[0].get("language")) == (LISTENING, "cmn-Hant-TW")
    news = desk.told(root[0].get("action"), Speech="Private.")
    assert not any(isinstance(one, WordsHeard) for one in news)
    assert tags(desk.back(root)) == WAITING


async def test_to_listen_no_more_does_not_cut_what_is_read_and_its_end_is_told(desk: Desk) -> None:
    await desk.carrier.speak(LEG, ASKED)
    root = desk.ordered()

    await desk.carrier.stop_listening(LEG)

    assert len(desk.api.led_to) == 1
    assert any(isinstance(one, SpeechPlayed) for one in desk.told(root[1].text))
    assert tags(desk.back(root)) == WAITING


async def test_a_long_text_is_read_in_pieces(desk: Desk) -> None:
    text = "This goes on for a very long time. " * 200

    await desk.carrier.speak(LEG, attrs.evolve(ASKED, text=text))

    root = desk.ordered()
    assert tags(root) == ["Speak", "Speak", "Speak", "Redirect"]
    assert " ".join(speak.text or "" for speak in root.iter("Speak")) == text.strip()


@pytest.mark.parametrize(
    ("text", "problem"), [("\u0000 \n", "nothing that can be read"), ("好" * 40_000, "larger than 100 KB")]
)
async def test_a_text_that_no_document_can_hold_is_refused_and_nothing_is_asked(
    desk: Desk, text: str, problem: str
) -> None:
    with pytest.raises(CarrierError, match=problem):
        await desk.carrier.speak(LEG, attrs.evolve(ASKED, text=text))

    assert desk.api.requests == []


async def test_the_voice_of_a_call_wins_over_the_general_one(desk: Desk) -> None:
    await desk.carrier.speak(LEG, attrs.evolve(ASKED, voice="echo"))

    assert desk.ordered()[0].get("voice") == "Polly.Matthew"


async def test_an_order_that_names_the_request_reaches_the_call(desk: Desk) -> None:
    desk.told(f"{HOOK}?callId=c-1", RequestUUID=REQUEST)

    await desk.carrier.speak(REQUEST, ASKED)
    await desk.carrier.silence(REQUEST)
    await desk.carrier.listen(REQUEST, locale="en-US")
    await desk.carrier.stop_listening(REQUEST)

    assert desk.api.asked == [("POST", f"Call/{LEG}/")] * 3
    assert tags(desk.ordered()) == WAITING


async def test_a_call_whose_speech_services_failed_goes_on_with_plivos_voice_and_is_streamed_no_more(
    desk: Desk, streams: dict[str, str]
) -> None:
    streams["c-1"] = "wss://voice.example.com/voice/stream/one"
    assert tags(desk.document(f"{HOOK}?callId=c-1"))[0] == "Stream"

    await desk.carrier.speak(LEG, ASKED)
    await desk.carrier.listen(LEG, locale="en-US")

    assert desk.api.asked == [("POST", f"Call/{LEG}/"), ("DELETE", f"Call/{LEG}/Stream/")]
    root = desk.ordered()
    assert tags(root) == READING
    assert tags(desk.back(root)) == LISTENING
    assert tags(desk.document(f"{HOOK}?callId=c-1&lost=1&at=1")) == LISTENING


@pytest.mark.parametrize("way", ["hang up", "hangup url", "document", "look up"])
async def test_nothing_is_kept_of_a_call_that_is_over(desk: Desk, streams: dict[str, str], way: str) -> None:
    streams["c-1"] = "wss://voice.example.com/voice/stream/one"
    desk.document(f"{HOOK}?callId=c-1", RequestUUID=REQUEST)
    assert (len(desk.carrier._names), len(desk.carrier._streamed)) == (1, 1)
    await desk.carrier.speak(LEG, ASKED)
    assert len(desk.carrier._pages) == 1

    if way == "hang up":
        await desk.carrier.hang_up(REQUEST)
    elif way == "hangup url":
        desk.told(f"{HOOK}?callId=c-1&flow=hangup", CallStatus="completed")
    elif way == "look up":
        desk.api.answers = [desk.api.refuse(404), httpx.Response(200, json={})]
        await desk.carrier.look_up(REQUEST)
    else:
        desk.carrier.respond(desk.webhooks(), None)

    assert len(desk.carrier._pages) == len(desk.carrier._names) == len(desk.carrier._streamed) == 0


async def test_an_order_that_is_cancelled_leaves_the_leg_as_it_was(desk: Desk) -> None:
    await desk.carrier.listen(LEG, locale="en-US")
    root = desk.ordered()
    desk.api.answers = [httpx.Response(503)] * 3
    with anyio.move_on_after(0.1):
        await desk.carrier.speak(LEG, ASKED)

    assert tags(desk.back(root)) == LISTENING
