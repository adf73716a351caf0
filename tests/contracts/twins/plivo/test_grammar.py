"""Every rule of the grammar, with a document that it accepts and one that it refuses."""

from xml.sax.saxutils import quoteattr

import pytest

from voice_contracts.twins.document import DocumentRefusedError
from voice_contracts.twins.plivo.grammar import grammar, judged

LANGUAGE = grammar()
URL = "https://voice.example.com/x"
INPUT = f'<GetInput action="{URL}" inputType="dtmf speech"'
STREAM = "<Stream>wss://voice.example.com/s</Stream>"


def _input(attribute: str) -> str:
    return f"{INPUT} {attribute}/>"


def _stream(attributes: str) -> str:
    return STREAM.replace("<Stream", f"<Stream {attributes}")


RULES = {
    "GetInput action": (_input(""), '<GetInput action="/x" inputType="dtmf"/>'),
    "GetInput inputType": (_input(""), _input("").replace("dtmf speech", "speech dtmf")),
    "GetInput executionTimeout": (_input('executionTimeout="60"'), _input('executionTimeout="4"')),
    "GetInput digitEndTimeout": (_input('digitEndTimeout="auto"'), _input('digitEndTimeout="1"')),
    "GetInput speechEndTimeout": (_input('speechEndTimeout="10"'), _input('speechEndTimeout="11"')),
    "GetInput numDigits": (_input('numDigits="32"'), _input('numDigits="33"')),
    "GetInput finishOnKey": (_input('finishOnKey="none"'), _input('finishOnKey="##"')),
    "GetInput speechModel": (_input('speechModel="telephony"'), _input('speechModel="best"')),
    "GetInput method": (_input('method="GET"'), _input('method="PUT"')),
    "GetInput interim method": (
        _input('interimSpeechResultsCallbackMethod="POST"'),
        _input('interimSpeechResultsCallbackMethod="post"'),
    ),
    "GetInput log": (_input('log="false"'), _input('log="no"')),
    "GetInput redirect": (_input('redirect="true"'), _input('redirect="1"')),
    "GetInput profanityFilter": (_input('profanityFilter="true"'), _input('profanityFilter="yes"')),
    "Hangup reason": ('<Hangup reason="busy"/>', '<Hangup reason="tired"/>'),
    "Hangup schedule": ('<Hangup schedule="0"/>', '<Hangup schedule="-1"/>'),
    "Wait length": ('<Wait length="1"/>', '<Wait length="0"/>'),
    "Redirect method": (
        f'<Redirect method="GET">{URL}</Redirect>',
        f'<Redirect method="get">{URL}</Redirect>',
    ),
    "Redirect text": (f"<Redirect> {URL}</Redirect>", "<Redirect>/x</Redirect>"),
    "Speak text": ("<Speak>x</Speak>", "<Speak> </Speak>"),
    "Speak voice": (
        '<Speak voice="Polly.Zhiyu">x</Speak>',
        '<Speak voice="Zhiyu">x</Speak>',
    ),
    "Speak loop": ('<Speak loop="0">x</Speak>', '<Speak loop="-1">x</Speak>'),
    "Play text": (f"<Play>{URL}</Play>", "<Play/>"),
    "Stream text": (STREAM, "<Stream>https://voice.example.com/s</Stream>"),
    "Stream contentType": (
        _stream('contentType="audio/x-mulaw;rate=8000"'),
        _stream('contentType="audio/x-mulaw"'),
    ),
    "Stream audioTrack": (_stream('audioTrack="both"'), _stream('audioTrack="all"')),
    "Stream audioTrack both ways": (
        _stream('bidirectional="true" audioTrack="inbound"'),
        _stream('bidirectional="true" audioTrack="both"'),
    ),
    "Stream streamTimeout": (_stream('streamTimeout="1"'), _stream('streamTimeout="0"')),
    "Redirect last": (f"<Redirect>{URL}</Redirect>", f"<Redirect>{URL}</Redirect><Hangup/>"),
    "Stream extraHeaders": (
        _stream(f'extraHeaders="a={"x" * 510}"'),
        _stream(f'extraHeaders="a={"x" * 511}"'),
    ),
}
CORNERS = {
    "a stream's address has an end": (
        STREAM.replace("/s<", f"/{'s' * 2000}<"),
        STREAM.replace("/s<", f"/{'s' * 2048}<"),
    ),
    "a stream's limit is a number": (_stream('streamTimeout="60"'), _stream('streamTimeout="soon"')),
    "a plain voice has two names": ('<Speak voice="MAN">x</Speak>', '<Speak voice="man">x</Speak>'),
    "prompts are nested": (f"{INPUT}><Speak>x</Speak></GetInput>", f"{INPUT}><Hangup/></GetInput>"),
    "text has its place": ("<Speak>x</Speak>", "x"),
    "names are case-sensitive": ("<Speak>x</Speak>", "<speak>x</speak>"),
    "XML is well-formed": ("<Speak>a &amp; b</Speak>", "<Speak>a & b</Speak>"),
    "there is one root": ("", "</Response><Response>"),
}


def problems(inside: str) -> tuple[int, ...]:
    try:
        judged(f"<Response>{inside}</Response>", 8012)
    except DocumentRefusedError as error:
        return tuple(problem.code for problem in error.problems)
    return ()


def test_every_rule_has_its_pair() -> None:
    assert len(RULES) == len(LANGUAGE.rules)


@pytest.mark.parametrize(("good", "bad"), [*RULES.values(), *CORNERS.values()], ids=[*RULES, *CORNERS])
def test_a_rule_accepts_what_it_should_and_refuses_the_rest(good: str, bad: str) -> None:
    assert problems(good) == ()
    assert set(problems(bad)) == {8012}


@pytest.mark.parametrize("name", sorted(LANGUAGE.nodes["Response"].children))
def test_an_element_takes_its_attributes_and_no_others(name: str) -> None:
    known = LANGUAGE.nodes.get(name)
    if known is None:
        assert name == "MultiPartyCall"  # of which the grammar knows no more than that it exists
        return
    with pytest.raises(DocumentRefusedError) as refused:
        judged(f"<Response><{name} unheard={quoteattr('of')}/></Response>", 8011)

    assert f"{name} has no attribute unheard" in str(refused.value)


def test_a_root_of_another_name_is_refused() -> None:
    with pytest.raises(DocumentRefusedError, match="the root is Twiml, not Response"):
        judged("<Twiml/>", 8011)
