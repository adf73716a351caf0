"""TwiML as values: what Twilio's own builder makes, nothing that the grammar forbids, and any text as it is."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.twiml_grammar import faults_of, parsed
from twilio.twiml.voice_response import VoiceResponse

from voice_adapters.carriers.twilio.twiml import (
    BadTwimlError,
    Connect,
    Dial,
    Gather,
    Hangup,
    Pause,
    PlayDigits,
    Redirect,
    Reject,
    Response,
    Say,
    Stream,
)
from voice_domain.e164 import PhoneNumber

URL = "https://voice.example.com/voice/webhook?callId=c-1&turn=2"
DOCUMENTS = {
    document["name"]: document["xml"]
    for document in json.loads(
        (Path(__file__).parents[3] / "vectors" / "twilio" / "documents.json").read_text(encoding="utf-8")
    )["documents"]
}


def same(one: str, other: str) -> bool:
    return ET.canonicalize(one, strip_text=True) == ET.canonicalize(other, strip_text=True)


def test_the_validator_accepts_what_twilios_sdk_builds_and_has_teeth() -> None:
    built = {name: faults_of(xml) for name, xml in DOCUMENTS.items()}

    assert {name: faults for name, faults in built.items() if faults} == {}
    assert faults_of("<Response><Gather><Hangup/></Gather></Response>") == ["Gather: child Hangup"]
    assert faults_of("<Response><Hangup/><Pause/></Response>") == ["VoiceResponse: something after Hangup"]
    assert faults_of('<Response><Pause length="0"/></Response>')
    assert faults_of('<Response><Connect><Stream url="wss://a/b?c"/></Connect></Response>')
    assert faults_of("<Response><Say/></Response>") == ["Say: empty"]
    assert faults_of(f'<Response><Say voice="Polly.Amy">{"a" * 3001}</Say></Response>')
    assert faults_of("<Html/>") == ["root Html"]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("say and hang up", Response((Say("Hello", "Polly.Joanna", "en-US"),), Hangup())),
        ("reject", Response(ending=Reject(busy=False))),
        ("reject as busy", Response(ending=Reject(busy=True))),
    ],
)
def test_recorded_documents_are_built_the_same(name: str, ours: Response) -> None:
    theirs = DOCUMENTS[name].replace("<Reject />", '<Reject reason="rejected" />')

    assert same(ours.xml, theirs)


def test_everything_is_built_as_twilios_sdk_builds_it() -> None:
    ours = Response(
        (
            Pause(3),
            PlayDigits("ww12#"),
            Say('Tom & Jerry <b> "quoted" it\'s 你好 📞', "Polly.Zhiyu", "cmn-CN"),
            Gather(
                action=URL,
                partial_url=URL + "&partial=1",
                language="cmn-Hans-CN",
                timeout_seconds=5,
                prompts=(Say("How?"),),
            ),
            Connect(Stream("wss://voice.example.com/voice/stream/t", URL)),
            Dial(to=PhoneNumber("+15550009999"), ring_seconds=20, action=URL, status_url=URL),
        ),
        Redirect(URL),
    )
    theirs = VoiceResponse()
    theirs.pause(length=3)
    theirs.play(digits="ww12#")
    theirs.say(
        'Tom & Jerry <b> "quoted" it\'s 你好 📞',
        voice="Polly.Zhiyu",
        language="cmn-CN",
    )
    gather = theirs.gather(
        input="dtmf speech",
        action=URL,
        method="POST",
        language="cmn-Hans-CN",
        timeout=5,
        speech_timeout="auto",
        profanity_filter=False,
        partial_result_callback=URL + "&partial=1",
        partial_result_callback_method="POST",
    )
    gather.say("How?")
    theirs.connect().stream(
        url="wss://voice.example.com/voice/stream/t", status_callback=URL, status_callback_method="POST"
    )
    theirs.dial(action=URL, method="POST", timeout=20).number(
        "+15550009999",
        status_callback=URL,
        status_callback_method="POST",
        status_callback_event="answered completed",
    )
    theirs.redirect(URL, method="POST")

    assert same(ours.xml, str(theirs))
    assert faults_of(ours.xml) == []


@pytest.mark.parametrize(
    "build",
    [
        lambda: Say("  \u0000 \n"),
        lambda: Say("a" * 5001),
        lambda: Pause(0),
        lambda: PlayDigits(""),
        lambda: PlayDigits("12E"),
        lambda: Stream("wss://a.example.com/s?token=1", URL),
        lambda: Stream("https://a.example.com/s", URL),
        lambda: Redirect("/relative"),
        lambda: Redirect(""),
        lambda: Gather(action="x", partial_url=URL, language="en-US", timeout_seconds=1),
        lambda: Gather(action=URL, partial_url=URL, language="en-US", timeout_seconds=0),
        Response,
        lambda: Response((Pause(),), Reject(busy=False)),
    ],
)
def test_what_twilio_would_refuse_cannot_be_built(build: object) -> None:
    assert callable(build)
    with pytest.raises(BadTwimlError, match="This TwiML cannot be built"):
        build()


def speakable(text: str) -> str:
    """What of *text* an XML document can hold, on one line."""
    forbidden = {*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x9, 0xA, 0xD}
    return " ".join("".join(character for character in text if ord(character) not in forbidden).split())


@given(st.text(max_size=200))
def test_any_text_reaches_the_voice_as_it_was_but_for_what_xml_cannot_hold(text: str) -> None:
    wanted = speakable(text)
    if not wanted:
        with pytest.raises(BadTwimlError):
            Say(text)
        return
    xml = Response((Say(text),), Hangup()).xml

    assert faults_of(xml.encode()) == []
    assert parsed(xml.encode())[0].text == wanted


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_query_survives_in_an_address(value: str) -> None:
    url = "https://voice.example.com/w?" + urlencode({"v": value})
    xml = Response((Pause(),), Redirect(url)).xml

    assert dict(parse_qsl((parsed(xml)[1].text or "").partition("?")[2], keep_blank_values=True)) == {
        "v": value
    }
