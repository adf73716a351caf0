"""What the twin does with the documents we return, and what the callee hears of it."""

from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome, Press, Say, interrupt
from voice_contracts.twins.plivo.twin import PlivoTwin
from voice_contracts.twins.sound import hum

Order = Callable[..., Awaitable[str]]
Callees = dict[str, Callee]
HEARD = "https://voice.example.com/heard"
NEXT = "https://voice.example.com/next"
PROMPT = "<Speak>What can I do?</Speak>"


def _doc(inside: str) -> str:
    return f"<Response>{inside}</Response>"


def _input(attributes: str = 'inputType="speech"', inside: str = PROMPT) -> str:
    return f'<GetInput action="{HEARD}" {attributes}>{inside}</GetInput>'


async def test_a_text_is_heard_whole_in_the_voice_that_was_ordered(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = _doc('<Speak voice="Polly.Zhiyu" language="cmn-CN">你好，世界</Speak>')

    name = await order()
    record = await twin.ended(name)

    (heard,) = twin.ear(name).sounds
    assert (heard.text, heard.fraction, heard.audio) == ("你好，世界", 1.0, hum("你好，世界"))
    assert heard.manner == {"voice": "Polly.Zhiyu", "language": "cmn-CN"}
    assert record.ended_ms - record.answered_ms == len(heard.audio) // 8


async def test_elements_follow_each_other_and_a_loop_repeats(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = _doc(
        '<Speak loop="2">A</Speak><Wait length="2"/><Play>https://x.example/a.mp3</Play><DTMF>1w#</DTMF>'
    )

    name = await order(send_digits="W9")
    record = await twin.ended(name)

    sounds = twin.ear(name).sounds
    assert [(heard.kind, heard.text) for heard in sounds] == [
        ("digits", "9"),
        ("say", "A"),
        ("say", "A"),
        ("play", "https://x.example/a.mp3"),
        ("digits", "1"),
        ("digits", "#"),
    ]
    assert sounds[0].began_ms - record.answered_ms == 1000
    assert sounds[3].began_ms - sounds[2].ended_ms == 2000
    assert sounds[5].began_ms - sounds[4].ended_ms == 500


async def test_a_redirect_asks_for_the_next_document(twin: PlivoTwin, order: Order, host: Host) -> None:
    host.documents |= {
        "/answer": _doc(f'<Redirect method="GET">{NEXT}?a=1&amp;b=2</Redirect>'),
        "/next": _doc("<Speak>Here</Speak>"),
    }

    name = await order()
    await twin.ended(name)

    (asked,) = [one for one in host.arrived if one.path == "/next"]
    assert (asked.method, asked.fields["Event"]) == ("GET", "Redirect")
    assert asked.url.startswith(f"{NEXT}?a=1&b=2&CallUUID=")
    assert twin.ear(name).texts == ("Here",)


async def test_what_the_callee_says_goes_to_the_action(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Tomorrow, please.", after_ms=700),))
    host.documents |= {"/answer": _doc(_input()), "/heard": _doc("<Speak>Good.</Speak>")}

    name = await order()
    record = await twin.ended(name)

    (told,) = host.at("heard")
    assert (told["InputType"], told["Speech"], told["Digits"]) == ("speech", "Tomorrow, please.", "")
    assert (told["SpeechConfidenceScore"], told["CallStatus"]) == ("0.92", "in-progress")
    assert "Event" not in told
    assert twin.ear(name).texts == ("What can I do?", "Good.")
    sent = next(one for one in twin.ledger.webhooks if one.url == HEARD)
    spoken = (len(hum("What can I do?")) + len(hum("Tomorrow, please."))) // 8
    assert sent.at_ms - record.answered_ms == spoken + 700 + 1000


async def test_speech_into_a_nested_prompt_stops_it_and_one_before_is_never_cut(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((interrupt("Stop!", 300),))
    host.documents |= {"/answer": _doc(_input()), "/heard": _doc(_input(inside="<Speak>And now?</Speak>"))}

    name = await order()
    await twin.ended(name)

    first, second = twin.ear(name).sounds
    assert 300 * 8 <= len(first.audio) <= 320 * 8
    assert (host.at("heard")[0]["Speech"], second.fraction) == ("Stop!", 1.0)


async def test_a_text_before_the_listening_is_heard_out_and_speech_into_it_is_not_heard(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((interrupt("Stop!", 100),))
    host.documents["/answer"] = _doc(
        PROMPT + _input('inputType="speech" executionTimeout="5"', "") + "<Hangup/>"
    )

    name = await order()
    record = await twin.ended(name)

    assert [heard.fraction for heard in twin.ear(name).sounds] == [1.0]
    assert host.at("heard") == []
    assert record.ended_ms - record.answered_ms == len(hum("What can I do?")) // 8 + 5000


@pytest.mark.parametrize(
    ("attributes", "keys"),
    [
        ("", ("1234#", "1234")),
        ('numDigits="2"', ("1234", "12")),
        ('finishOnKey="*" digitEndTimeout="2"', ("1#", "1#")),
        ('finishOnKey="none"', ("#*", "#*")),
        ('finishOnKey=""', ("#*", "#*")),
    ],
)
async def test_keys_go_to_the_action(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees, attributes: str, keys: tuple[str, str]
) -> None:
    pressed, digits = keys
    callees["*"] = Callee((Press(pressed, 500, Cue.BEFORE),))
    host.documents["/answer"] = _doc(_input(f'inputType="dtmf" {attributes}', ""))

    await twin.ended(await order())

    (told,) = host.at("heard")
    assert (told["InputType"], told["Digits"]) == ("dtmf", digits)
    assert "Speech" not in told


async def test_what_is_not_listened_for_is_not_heard(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Press("1", 200, Cue.BEFORE), Say("Well?", 500, Cue.BEFORE)))
    host.documents["/answer"] = _doc(_input('inputType="speech" executionTimeout="10"', ""))

    await twin.ended(await order())

    assert [told["InputType"] for told in host.at("heard")] == ["speech"]


async def test_without_input_the_next_element_has_its_turn(twin: PlivoTwin, order: Order, host: Host) -> None:
    host.documents |= {
        "/answer": _doc(
            _input('inputType="dtmf speech" executionTimeout="7"') + f"<Redirect>{NEXT}</Redirect>"
        ),
        "/next": _doc("<Hangup/>"),
    }

    record = await twin.ended(await order())

    assert record.ended_ms - record.answered_ms == len(hum("What can I do?")) // 8 + 7000
    assert (len(host.at("next")), host.at("heard")) == (1, [])


async def test_a_result_that_does_not_redirect_is_only_told(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Yes."),))
    host.documents |= {
        "/answer": _doc(_input('inputType="speech" redirect="false"') + "<Speak>Thanks.</Speak>"),
        "/heard": _doc("<Speak>Never said</Speak>"),
    }

    name = await order()
    await twin.ended(name)
    await anyio.sleep(1)

    assert twin.ear(name).texts == ("What can I do?", "Thanks.")
    assert [told["Speech"] for told in host.at("heard")] == ["Yes."]


async def test_words_are_told_while_they_are_spoken(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("tomorrow at three"),))
    interim = 'interimSpeechResultsCallback="https://voice.example.com/interim"'
    host.documents["/answer"] = _doc(_input(f'inputType="speech" {interim}'))

    await twin.ended(await order())

    told = [(one["SequenceNumber"], one["StableSpeech"], one["UnstableSpeech"]) for one in host.at("interim")]
    assert told == [("1", "", "tomorrow"), ("2", "tomorrow", " at"), ("3", "tomorrow at", " three")]


@pytest.mark.parametrize(
    ("document", "end", "seconds"),
    [
        ("<Wait/>", ("4010", "Plivo"), 1),
        ("<Wait/><Hangup/><Wait/>", ("4000", "Answer XML"), 1),
        ('<Hangup schedule="3"/><Wait length="9"/>', ("6000", "Plivo"), 3),
        ('<Wait/><Hangup schedule="3"/>', ("4000", "Answer XML"), 1),
        ("", ("4010", "Plivo"), 0),
    ],
)
async def test_the_end_says_what_the_document_did(
    twin: PlivoTwin, order: Order, host: Host, document: str, end: tuple[str, str], seconds: int
) -> None:
    host.documents["/answer"] = _doc(document)

    record = await twin.ended(await order())
    await anyio.sleep(1)

    (told,) = host.at("hangup")
    assert (told["HangupCauseCode"], told["HangupSource"]) == end
    assert record.ended_ms - record.answered_ms == seconds * 1000


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(500), 7011),
        (httpx.Response(404), 7011),
        ("<Response><Speak>", 8011),
        (_doc("<Say>x</Say>"), 8011),
        (_doc(f"<Speak>{'x' * 103_000}</Speak>"), 8011),
        (httpx.Response(200, headers={"content-type": "text/html"}, text="<Response/>"), 8011),
        (_doc("<Record/>"), 8011),
        (_doc('<Wait beep="true"/>'), 8011),
        (_doc("<Dial><User>sip:a@b</User></Dial>"), 8011),
        (_doc("<Dial><Number>Ada</Number></Dial>"), 8011),
        (_doc('<Stream bidirectional="true">wss://voice.example.com/s</Stream>'), 8011),
    ],
)
async def test_a_document_that_cannot_be_used_ends_the_call_loudly(
    twin: PlivoTwin, order: Order, host: Host, answer: str | httpx.Response, code: int
) -> None:
    host.documents["/answer"] = answer

    await twin.ended(await order())
    await anyio.sleep(1)

    (told,) = host.at("hangup")
    assert (told["HangupCauseCode"], told["HangupSource"]) == (str(code), "Error")
    assert [violation.code for violation in twin.ledger.violations] == [code]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (f"<Redirect>{NEXT}</Redirect>", 7014),
        (_input('inputType="dtmf"', ""), 7012),
    ],
)
async def test_the_code_says_who_named_the_document(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees, document: str, code: int
) -> None:
    callees["*"] = Callee((Press("1#", 100, Cue.BEFORE),))
    host.documents |= {
        "/answer": _doc(document),
        "/next": httpx.Response(503),
        "/heard": httpx.Response(503),
    }

    await twin.ended(await order())
    await anyio.sleep(1)

    assert host.at("hangup")[0]["HangupCauseCode"] == str(code)


async def test_the_fallback_is_asked_when_the_answer_url_fails(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents |= {"/answer": httpx.Response(500), "/fallback": _doc("<Speak>Instead</Speak>")}

    name = await order(fallback_url=host.url("fallback"))
    await twin.ended(name)

    assert twin.ear(name).texts == ("Instead",)
    assert [violation.code for violation in twin.ledger.violations] == [7011]


async def test_a_second_leg_is_joined_and_ends_with_the_first(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["+15550003333"] = Callee((Say("Front desk.", 500, Cue.BEFORE),))
    callees["*"] = Callee((HangUp(9000, Cue.BEFORE),))
    told = 'callbackUrl="https://voice.example.com/dialled"'
    host.documents["/answer"] = _doc(
        f'<Dial callerId="15550001234" {told}><Number>15550003333</Number></Dial>'
    )

    name = await order()
    first = await twin.ended(name)
    await anyio.sleep(1)

    second = twin.ledger.legs[1]
    assert (second.caller, second.callee, second.parent_id) == ("+15550001234", "+15550003333", first.leg_id)
    assert (first.ended_by, second.ended_by) == ("callee", "parent")
    assert hum("Front desk.") in twin.ear(name).audio("bridge")
    news = [(one["DialAction"], one["DialBLegStatus"]) for one in host.at("dialled")]
    assert sorted(news) == [("answer", "answer"), ("connected", "answer"), ("hangup", "hangup")]
    assert {one["DialBLegUUID"] for one in host.at("dialled")} == {second.leg_id}


async def test_a_text_of_silence_alone_answers_and_lasts_as_long_as_its_breaks(
    twin: PlivoTwin, host: Host
) -> None:
    host.documents["/inbound"] = _doc('<Speak><break time="100ms"/><break time="1s"/></Speak>')

    name = twin.call_in("+15550007777", "+15550001234")
    record = await twin.ended(name)

    assert record.ended_ms - record.answered_ms == 1100
    assert twin.ear(name).sounds == ()


async def test_when_the_second_leg_is_not_answered_the_action_is_told_and_goes_on(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["+15550003333"] = Callee(outcome=Outcome.BUSY)
    host.documents |= {
        "/answer": _doc(f'<Dial action="{HEARD}"><Number>+15550003333</Number></Dial>'),
        "/heard": _doc("<Speak>Busy.</Speak>"),
    }

    name = await order()
    await twin.ended(name)

    (told,) = host.at("heard")
    assert (told["DialStatus"], told["DialHangupCause"]) == ("busy", "USER_BUSY")
    assert told["DialBLegUUID"] == twin.ledger.legs[1].leg_id
    assert twin.ear(name).texts == ("Busy.",)
