"""Plivo XML as values: what Plivo's own builder makes, nothing that the grammar forbids, and any text as it is."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plivo_grammar import faults_of, parsed

from voice_adapters.carriers.plivo.markup import (
    BadXmlError,
    Breath,
    Dial,
    GetInput,
    Hangup,
    Redirect,
    Refusal,
    Response,
    Speak,
    Stream,
    Wait,
)

URL = "https://voice.example.com/voice/webhook?callId=c-1&turn=2"
STREAM = "wss://voice.example.com/voice/stream/t0ken"
DOCUMENTS = {
    document["name"]: document["xml"]
    for document in json.loads(
        (Path(__file__).parents[3] / "vectors" / "plivo" / "documents.json").read_text(encoding="utf-8")
    )["documents"]
}
HELLO = Speak("Hello", "WOMAN", "en-US")


def same(one: str, other: str) -> bool:
    return ET.canonicalize(one, strip_text=True) == ET.canonicalize(other, strip_text=True)


def listening(**changes: object) -> GetInput:
    parts = {
        "action": URL,
        "partial_url": f"{URL}&flow=interim",
        "language": "en-US",
        "seconds": 60,
        "key_pause_seconds": 2,
    }
    return GetInput(**{**parts, **changes})  # type: ignore[arg-type]  # the parts vary


def dialling(**changes: object) -> Dial:
    parts = {
        "to": "15550009999",
        "shown": "15550001234",
        "ring_seconds": 20,
        "action": URL,
        "news_url": f"{URL}&flow=transfer",
    }
    return Dial(**{**parts, **changes})  # type: ignore[arg-type]  # the parts vary


def test_the_validator_accepts_what_plivos_sdk_builds_and_has_teeth() -> None:
    built = {name: faults_of(xml) for name, xml in DOCUMENTS.items()}

    assert {name: faults for name, faults in built.items() if faults} == {}
    assert faults_of("<Response><GetInput><Hangup/></GetInput></Response>")[-1] == "GetInput: child Hangup"
    assert faults_of(f"<Response><Redirect>{'https://a/b'}</Redirect><Wait/></Response>")
    assert faults_of("<Response><Redirect>/b</Redirect></Response>")
    assert faults_of('<Response><Wait length="0"/></Response>')
    assert faults_of("<Response><Speak/></Response>") == ["Speak: empty"]
    assert faults_of('<Response><Speak voice="alice">Hi</Speak></Response>')
    assert faults_of('<Response><Hangup reason="declined"/></Response>')
    assert faults_of("<Response><Stream>https://a/b</Stream></Response>")
    assert faults_of('<Response><Stream bidirectional="true" audioTrack="both">wss://a/b</Stream></Response>')
    assert faults_of(
        f'<Response><GetInput action="{URL.partition("?")[0]}" inputType="dtmf" executionTimeout="61"/></Response>'
    )
    assert faults_of("<Html/>") == ["root Html"]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("speak and hang up", Response((HELLO,), Hangup())),
        ("hang up as rejected", Response(ending=Refusal(busy=False))),
        ("hang up as busy", Response(ending=Refusal(busy=True))),
        (
            "hold and come back",
            Response((Wait(30),), Redirect("https://voice.example.com/voice/webhook?callId=c-1&again=1")),
        ),
    ],
)
def test_documents_are_those_that_plivos_sdk_builds(name: str, ours: Response) -> None:
    assert same(ours.xml, DOCUMENTS[name])


def test_a_stream_is_that_of_the_sdk_but_for_its_address_and_what_it_tells_itself() -> None:
    ours = parsed(Response((Stream(STREAM, URL),), Redirect(URL)).xml)[0]
    theirs = dict(parsed(DOCUMENTS["bidirectional stream"])[0].attrib)
    del theirs["extraHeaders"]

    assert ours.text == STREAM
    assert {**ours.attrib} == {**theirs, "statusCallbackUrl": URL}


@pytest.mark.parametrize(
    "document",
    [
        Response((HELLO, HELLO), Redirect(URL)),
        Response((Breath(),), Redirect(URL)),
        Response((Wait(1), Stream(STREAM, URL)), Redirect(URL)),
        Response((listening(),), Redirect(URL)),
        Response((listening(seconds=5, key_pause_seconds=10),), Redirect(URL)),
        Response((dialling(),), Redirect(URL)),
        Response((dialling(shown=None),), Redirect(URL)),
        Response(ending=Hangup()),
    ],
    ids=lambda document: "+".join(type(verb).__name__ for verb in document.verbs),
)
def test_the_grammar_has_nothing_against_what_we_send(document: Response) -> None:
    assert faults_of(document.xml) == []


def test_listening_takes_speech_and_every_key_and_tells_what_may_still_change() -> None:
    got = parsed(Response((listening(),), Redirect(URL)).xml)[0]

    assert (got.get("inputType"), got.get("finishOnKey"), got.get("method")) == (
        "dtmf speech",
        "none",
        "POST",
    )
    assert (got.get("speechEndTimeout"), got.get("digitEndTimeout"), got.get("executionTimeout")) == (
        "auto",
        "2",
        "60",
    )
    assert got.get("interimSpeechResultsCallback") == f"{URL}&flow=interim"
    assert len(got) == 0


@pytest.mark.parametrize(
    "build",
    [
        lambda: Speak("", "WOMAN", "en-US"),
        lambda: Speak(" \n\x00", "WOMAN", "en-US"),
        lambda: Speak("a" * 3001, "WOMAN", "en-US"),
        lambda: Speak("Hi", 'Polly.Joanna"/>', "en-US"),
        lambda: Speak("Hi", "alice", "en-US"),
        lambda: Wait(0),
        lambda: Stream("ws://voice.example.com/s", URL),
        lambda: Stream(f"{STREAM}?callId=c-1", URL),
        lambda: Stream(STREAM + "a" * 2048, URL),
        lambda: Stream(STREAM, "/relative"),
        lambda: listening(action="x"),
        lambda: listening(partial_url=""),
        lambda: listening(seconds=4),
        lambda: listening(seconds=61),
        lambda: listening(key_pause_seconds=1),
        lambda: listening(key_pause_seconds=11),
        lambda: dialling(to="+15550009999"),
        lambda: dialling(to=""),
        lambda: dialling(shown="anonymous"),
        lambda: dialling(action=""),
        lambda: dialling(news_url="x"),
        lambda: Redirect("/relative"),
        lambda: Redirect(""),
        Response,
        lambda: Response((Wait(),), Refusal(busy=False)),
        lambda: Response((Speak("好" * 3000, "Polly.Zhiyu", "cmn-CN"),) * 12),
    ],
)
def test_what_plivo_would_refuse_cannot_be_built(build: object) -> None:
    assert callable(build)
    with pytest.raises(BadXmlError, match="This Plivo XML cannot be built"):
        build()


def speakable(text: str) -> str:
    """What of *text* an XML document can hold, on one line."""
    forbidden = {*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x9, 0xA, 0xD}
    return " ".join("".join(character for character in text if ord(character) not in forbidden).split())


@given(st.text(max_size=200))
def test_any_text_reaches_the_voice_as_it_was_but_for_what_xml_cannot_hold(text: str) -> None:
    wanted = speakable(text)
    if not wanted:
        with pytest.raises(BadXmlError):
            Speak(text, "WOMAN", "en-US")
        return
    xml = Response((Speak(text, "WOMAN", "en-US"),), Hangup()).xml

    assert faults_of(xml.encode()) == []
    assert parsed(xml.encode())[0].text == wanted


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_query_survives_in_an_address(value: str) -> None:
    xml = Response((Wait(),), Redirect("https://voice.example.com/w?" + urlencode({"v": value}))).xml

    query = (parsed(xml)[1].text or "").partition("?")[2]
    assert dict(parse_qsl(query, keep_blank_values=True)) == {"v": value}
