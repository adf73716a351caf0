"""Twilio's own voice and ear: what a leg is told to do, and what it is told when it comes back."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import anyio
import attrs
import httpx
import pytest
from support.twiml_grammar import faults_of, parsed

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import DialAccepted, LineAnswered, WordsHeard
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError, SpeechPlayed, SpokenText
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

if TYPE_CHECKING:
    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("CA0000000000000000000000000000002a")
HOOK = "https://voice.example.com/voice/webhook"
NOW = 1_000
ASKED = SpokenText(
    speech_id=SpeechId("reply-1"),
    part=0,
    text="How can I help?",
    locale="en-US",
    interruptible=True,
    then_listen=True,
)
TOLD = attrs.evolve(ASKED, interruptible=False, then_listen=False)

_DIALLED = decide(
    open_call(
        Opened(
            at_ms=NOW,
            call_id=CallId("c-1"),
            carrier="twilio",
            direction=Direction.OUTBOUND,
            caller=PhoneNumber("+15550001234"),
            callee=PhoneNumber("+15550005678"),
            mode=Mode.CONVERSATION,
            locale="en-US",
            terms=CallTerms(),
            opening="",
        )
    ).call,
    DialAccepted(LEG),
    NOW,
).call
UP = decide(_DIALLED, LineAnswered(NOW), NOW).call


def read(xml: str | bytes) -> Element:
    assert faults_of(xml) == []
    return parsed(xml)


def tags(root: Element) -> list[str]:
    return [element.tag for element in root.iter()][1:]


def answer(carrier: TwilioCarrier, webhooks: "Webhooks", url: str | None, **fields: str) -> Element:
    """Ask for the document at *url*, as Twilio does."""
    assert url is not None
    request = webhooks(url, **fields)
    carrier.translate(request)
    return read(carrier.respond(request, UP).body)


def told(carrier: TwilioCarrier, webhooks: "Webhooks", url: str | None, **fields: str) -> list[object]:
    assert url is not None
    return [signal.news for signal in carrier.translate(webhooks(url, **fields))]


def query_of(url: str | None) -> dict[str, str]:
    assert url is not None
    return dict(parse_qsl(urlsplit(url).query))


async def test_what_may_be_interrupted_is_read_while_twilio_listens(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    await carrier.speak(LEG, ASKED)

    root = read(api.documents[0])
    gather = root[0]
    assert tags(root) == ["Gather", "Say", "Redirect"]
    assert (gather[0].text, gather[0].get("voice")) == ("How can I help?", "Polly.Joanna")
    assert (gather.get("input"), gather.get("language"), gather.get("timeout")) == (
        "dtmf speech",
        "en-US",
        "1",
    )
    assert query_of(gather.get("action")) == query_of(root[1].text)
    assert query_of(gather.get("partialResultCallback"))["partial"] == "1"


async def test_the_end_of_a_text_is_told_by_the_way_back(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.speak(LEG, ASKED)

    news = told(carrier, webhooks, read(api.documents[0])[1].text)

    assert carrier.tells_end
    (played,) = [one for one in news if isinstance(one, SpeechPlayed)]
    assert (played.speech_id, played.part, played.carrier_call_id) == ("reply-1", 0, LEG)


async def test_after_its_text_a_leg_listens_and_goes_on_listening(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.speak(LEG, ASKED)
    url, turns = read(api.documents[0])[1].text, []

    for _ in range(3):
        root = answer(carrier, webhooks, url)
        assert tags(root) == ["Gather", "Redirect"]
        turns.append(query_of(root[0].get("action"))["turn"])
        url = root[1].text

    assert len(set(turns)) == 3


@pytest.mark.parametrize(
    "spoken",
    [TOLD, attrs.evolve(ASKED, interruptible=False), attrs.evolve(ASKED, then_listen=False)],
    ids=["notify", "farewell", "nobody listens"],
)
async def test_what_nobody_may_interrupt_is_read_without_listening(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks", spoken: SpokenText
) -> None:
    await carrier.speak(LEG, spoken)

    root = read(api.documents[0])
    assert tags(root) == ["Say", "Redirect"]
    after = answer(carrier, webhooks, root[1].text)
    assert tags(after)[0] == ("Gather" if spoken.then_listen else "Pause")
    assert after[-1].tag == "Redirect"


async def test_a_chinese_text_is_read_and_heard_in_chinese(carrier: TwilioCarrier, api: "Api") -> None:
    await carrier.speak(LEG, attrs.evolve(ASKED, text="您好，请问有什么可以帮您？", locale="zh-CN"))

    gather = read(api.documents[0])[0]
    assert (gather[0].get("voice"), gather[0].get("language")) == ("Polly.Zhiyu", "cmn-CN")
    assert gather.get("language") == "cmn-Hans-CN"


async def test_what_a_gather_heard_is_told_and_the_leg_listens_on(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.speak(LEG, ASKED)
    action = read(api.documents[0])[0].get("action")

    news = told(carrier, webhooks, action, SpeechResult="Tomorrow.")

    assert [one.text for one in news if isinstance(one, WordsHeard)] == ["Tomorrow."]
    assert tags(answer(carrier, webhooks, action, SpeechResult="Tomorrow.")) == ["Gather", "Redirect"]


async def test_words_that_answer_to_a_replaced_document_are_left_out_and_the_leg_is_not_dropped(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.listen(LEG, locale="en-US")
    action = read(api.documents[0])[0].get("action")
    await carrier.speak(LEG, ASKED)

    news = told(carrier, webhooks, action, SpeechResult="Too late.")

    assert [type(one) for one in news] == [LineAnswered]
    assert tags(answer(carrier, webhooks, action, SpeechResult="Too late.")) == ["Pause", "Redirect"]


async def test_words_are_taken_when_the_order_after_them_was_refused(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.listen(LEG, locale="en-US")
    action = read(api.documents[0])[0].get("action")
    api.answers = [httpx.Response(400, json={"code": 13520})]
    with pytest.raises(CarrierError, match="document was not understood"):
        await carrier.speak(LEG, ASKED)

    news = told(carrier, webhooks, action, SpeechResult="In time.")

    assert [one.text for one in news if isinstance(one, WordsHeard)] == ["In time."]


async def test_words_that_come_before_twilio_has_taken_the_next_order_are_taken(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    """Lost once: the request for the next text hung, and what the counterpart said meanwhile was thrown away."""
    await carrier.listen(LEG, locale="en-US")
    action = read(api.documents[0])[0].get("action")
    api.answers = [httpx.Response(429, headers={"retry-after": "1"}), httpx.Response(200, json={"sid": LEG})]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.speak, LEG, ASKED)
        await anyio.sleep(0.5)
        news = told(carrier, webhooks, action, SpeechResult="In time.")

    assert [one.text for one in news if isinstance(one, WordsHeard)] == ["In time."]
    assert [type(one) for one in told(carrier, webhooks, action, SpeechResult="Too late.")] == [LineAnswered]


async def test_partial_words_that_their_final_ones_have_overtaken_are_left_out(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    """Heard twice once: what came late was taken for a new utterance, and cost the first one its answer."""
    await carrier.listen(LEG, locale="en-US")
    gather = read(api.documents[0])[0]
    again = answer(carrier, webhooks, gather.get("action"), SpeechResult="At three.")

    late = told(carrier, webhooks, gather.get("partialResultCallback"), UnstableSpeechResult="three.")
    next_one = told(carrier, webhooks, again[0].get("partialResultCallback"), UnstableSpeechResult="No,")

    assert late == []
    assert [one.text for one in next_one if isinstance(one, WordsHeard)] == ["No,"]


async def test_words_are_taken_after_a_restart_too(carrier: TwilioCarrier, webhooks: "Webhooks") -> None:
    news = told(carrier, webhooks, f"{HOOK}?turn=123-4", SpeechResult="Still here.")

    assert [one.text for one in news if isinstance(one, WordsHeard)] == ["Still here."]


async def test_a_text_on_its_way_is_not_read_twice_to_a_leg_that_asks_meanwhile(
    carrier: TwilioCarrier, webhooks: "Webhooks"
) -> None:
    await carrier.speak(LEG, ASKED)

    root = answer(carrier, webhooks, f"{HOOK}?callId=c-1")

    assert tags(root) == ["Pause", "Redirect"]
    # If the order got lost nevertheless, the leg listens when it comes back.
    assert tags(answer(carrier, webhooks, root[1].text)) == ["Gather", "Redirect"]


async def test_silence_stops_what_is_read_and_listens_on(carrier: TwilioCarrier, api: "Api") -> None:
    await carrier.silence(LEG)
    await carrier.speak(LEG, ASKED)
    await carrier.silence(LEG)
    await carrier.silence(LEG)

    assert [tags(read(xml)) for xml in api.documents] == [
        ["Gather", "Say", "Redirect"],
        ["Gather", "Redirect"],
    ]


@pytest.mark.parametrize(
    "heard", [{"UnstableSpeechResult": "Wait"}, {"SpeechResult": "Wait."}, {"Digits": "1"}]
)
async def test_silence_does_not_cut_a_counterpart_whose_words_have_stopped_the_reading(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks", heard: dict[str, str]
) -> None:
    await carrier.speak(LEG, ASKED)
    gather = read(api.documents[0])[0]
    partial = "UnstableSpeechResult" in heard
    told(carrier, webhooks, gather.get("partialResultCallback" if partial else "action"), **heard)

    await carrier.silence(LEG)

    assert len(api.documents) == 1


async def test_partial_words_are_told_while_we_speak(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.speak(LEG, ASKED)
    url = read(api.documents[0])[0].get("partialResultCallback")

    cut, words = told(carrier, webhooks, url, UnstableSpeechResult="wait a")

    assert isinstance(words, WordsHeard)
    assert not words.final
    assert isinstance(cut, SpeechPlayed)
    assert (cut.speech_id, cut.part, cut.cut_at_ms, cut.over) == ("reply-1", 0, cut.at_ms, False)


async def test_listening_and_no_more(carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks") -> None:
    await carrier.stop_listening(LEG)
    await carrier.listen(LEG, locale="zh-TW")
    root = read(api.documents[0])
    await carrier.stop_listening(LEG)
    await carrier.stop_listening(LEG)

    assert (tags(root), root[0].get("language")) == (["Gather", "Redirect"], "cmn-Hant-TW")
    news = told(carrier, webhooks, root[0].get("action"), SpeechResult="Private.")
    assert not any(isinstance(one, WordsHeard) for one in news)
    assert tags(answer(carrier, webhooks, root[1].text)) == ["Pause", "Redirect"]


async def test_a_text_too_long_for_a_request_is_fetched(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    text = "This goes on for a very long time. " * 200

    await carrier.speak(LEG, attrs.evolve(ASKED, text=text))

    assert api.documents == []
    root = answer(carrier, webhooks, api.forms[0]["Url"])
    assert tags(root) == ["Gather", "Say", "Say", "Say", "Redirect"]
    assert " ".join(say.text or "" for say in root.iter("Say")) == text.strip()
    assert tags(answer(carrier, webhooks, root[1].text)) == ["Gather", "Redirect"]


async def test_a_text_without_anything_to_say_is_refused_and_nothing_is_asked(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    with pytest.raises(CarrierError, match="nothing that can be read"):
        await carrier.speak(LEG, attrs.evolve(ASKED, text="\u0000 \n"))

    assert api.requests == []


@pytest.mark.parametrize(
    ("digits", "pressed"), [("12#*", "12#*"), ("1,2w3p4", "1w2w3ww4"), ("WP", "www"), ("aBcD", "ABCD")]
)
async def test_keys_are_pressed_in_a_call_without_a_stream(
    make_carrier: Callable[..., TwilioCarrier], api: "Api", webhooks: "Webhooks", digits: str, pressed: str
) -> None:
    carrier = make_carrier(media_streams=False)

    await carrier.send_digits(LEG, digits)

    root = read(api.documents[0])
    assert tags(root) == ["Play", "Redirect"]
    assert root[0].get("digits") == pressed
    assert tags(answer(carrier, webhooks, root[1].text)) == ["Pause", "Redirect"]


async def test_keys_cut_what_is_read_and_the_leg_listens_on(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.speak(LEG, ASKED)
    await carrier.send_digits(LEG, "5")

    back = read(api.documents[1])[1].text
    assert any(isinstance(one, SpeechPlayed) for one in told(carrier, webhooks, back))
    assert tags(answer(carrier, webhooks, back)) == ["Gather", "Redirect"]


async def test_a_call_whose_stream_is_lost_for_good_goes_on_with_twilios_voice(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks", streams: dict[str, str]
) -> None:
    streams["c-1"] = "wss://voice.example.com/voice/stream/one"
    assert tags(answer(carrier, webhooks, f"{HOOK}?callId=c-1"))[0] == "Connect"

    await carrier.speak(LEG, ASKED)

    back = read(api.documents[0])[1].text
    assert tags(answer(carrier, webhooks, back)) == ["Gather", "Redirect"]
    assert tags(answer(carrier, webhooks, f"{HOOK}?callId=c-1&lost=1&at=1"))[0] == "Gather"


@pytest.mark.parametrize("way", ["hang up", "status", "document"])
async def test_nothing_is_kept_of_a_call_that_is_over(
    carrier: TwilioCarrier, webhooks: "Webhooks", way: str
) -> None:
    await carrier.speak(LEG, ASKED)
    assert len(carrier._pages) == 1

    if way == "hang up":
        await carrier.hang_up(LEG)
    elif way == "status":
        carrier.translate(webhooks(f"{HOOK}?type=status", CallStatus="completed", SequenceNumber="3"))
    else:
        carrier.respond(webhooks(), None)

    assert len(carrier._pages) == 0


async def test_an_order_that_is_cancelled_leaves_the_leg_as_it_was(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.listen(LEG, locale="en-US")
    api.answers = [httpx.Response(503)] * 3
    with anyio.move_on_after(0.1):
        await carrier.speak(LEG, ASKED)

    root = read(api.documents[0])
    assert tags(answer(carrier, webhooks, root[1].text)) == ["Gather", "Redirect"]


async def test_keys_and_a_text_of_one_moment_reach_the_leg_in_order_and_what_is_said_then_counts(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    """Thrown away once: the page that counted was not that of the order that Twilio carried out last."""
    await carrier.listen(LEG, locale="en-US")
    api.slowness_seconds = [3.0]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.send_digits, LEG, "1")
        await anyio.sleep(0.001)
        tasks.start_soon(carrier.speak, LEG, ASKED)

    assert [tags(read(document))[0] for document in api.documents] == ["Gather", "Play", "Gather"]
    said = told(carrier, webhooks, read(api.documents[-1])[0].get("action"), SpeechResult="My wife knows.")
    assert [one.text for one in said if isinstance(one, WordsHeard)] == ["My wife knows."]


async def test_who_gives_up_an_order_that_waits_for_another_keeps_nobody_waiting(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    await carrier.listen(LEG, locale="en-US")
    api.slowness_seconds = [5.0]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.send_digits, LEG, "1")
        await anyio.sleep(0.001)
        with anyio.move_on_after(1):
            await carrier.speak(LEG, ASKED)
        await carrier.speak(LEG, TOLD)

    assert [tags(read(document))[0] for document in api.documents] == ["Gather", "Play", "Say"]


@pytest.mark.parametrize("first", ["keys of a stream", "transfer"])
async def test_whatever_changes_a_leg_waits_for_the_order_before_it(
    carrier: TwilioCarrier, api: "Api", first: str
) -> None:
    """Overtaken once: keys in a stream, and a transfer, were replaced by a text that was ordered after them."""
    api.slowness_seconds = [3.0]

    async with anyio.create_task_group() as tasks:
        if first == "transfer":
            tasks.start_soon(carrier.transfer, LEG, PhoneNumber("+15550009999"))
        else:
            tasks.start_soon(carrier.send_digits, LEG, "1")
        await anyio.sleep(0.001)
        tasks.start_soon(carrier.speak, LEG, TOLD)

    orders = [tags(read(document))[0] for document in api.documents]
    assert orders == ["Dial" if first == "transfer" else "Play", "Say"]
    assert len(carrier._orders) == 0
