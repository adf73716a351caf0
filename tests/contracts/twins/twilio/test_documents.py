"""What the twin does with the documents we return, and what the callee hears of it."""

from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest
from support.twin_host import Arrived, Host

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome, Press, Say, interrupt
from voice_contracts.twins.sound import hum
from voice_contracts.twins.twilio.interpreter import APOLOGY
from voice_contracts.twins.twilio.twin import TwilioTwin

Order = Callable[..., Awaitable[str]]
Callees = dict[str, Callee]
SPEECH = '<Gather input="speech" action="/heard" speechTimeout="auto"><Say>What can I do?</Say></Gather>'


def _doc(inside: str) -> str:
    return f"<Response>{inside}</Response>"


async def test_a_text_is_heard_whole_and_takes_as_long_as_its_voice(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = _doc("<Say>你好，世界</Say>")

    sid = await order()
    record = await twin.ended(sid)

    (heard,) = twin.ear(sid).sounds
    assert (heard.text, heard.fraction) == ("你好，世界", 1.0)
    assert heard.audio == hum("你好，世界")
    assert record.ended_ms - record.answered_ms == len(heard.audio) // 8


async def test_a_text_is_heard_in_proportion_when_the_callee_hangs_up(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((HangUp(1000, Cue.SPEECH_BEGAN),))
    host.documents["/answer"] = _doc("<Say>one two three four five six seven eight</Say>")

    sid = await order()
    await twin.ended(sid)

    (heard,) = twin.ear(sid).sounds
    assert len(heard.audio) == pytest.approx(8000, abs=160)
    assert "one two three four five six seven eight".startswith(heard.text_heard)
    assert twin.ear(sid).texts == (heard.text_heard,)


async def test_verbs_follow_each_other_and_a_loop_repeats(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = _doc(
        '<Say loop="2">A</Say><Pause length="2"/><Play>https://x.example/a.mp3</Play><Play digits="1w#"/>'
    )

    sid = await order()
    await twin.ended(sid)

    sounds = twin.ear(sid).sounds
    assert [(heard.kind, heard.text) for heard in sounds] == [
        ("say", "A"),
        ("say", "A"),
        ("play", "https://x.example/a.mp3"),
        ("digits", "1"),
        ("digits", "#"),
    ]
    assert twin.ear(sid).digits == "1#"
    assert sounds[2].began_ms - sounds[1].ended_ms == 2000
    assert sounds[4].began_ms - sounds[3].ended_ms == 500


async def test_the_ear_knows_in_which_voice_a_text_was_read(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = _doc('<Say voice="Polly.Zhiyu" language="cmn-CN">你好</Say>')

    sid = await order()
    await twin.ended(sid)

    assert twin.ear(sid).sounds[0].manner == {"voice": "Polly.Zhiyu", "language": "cmn-CN"}


async def test_digits_of_the_order_are_pressed_before_the_document(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = _doc("<Say>Hello</Say>")

    sid = await order(SendDigits="w12#")
    await twin.ended(sid)

    assert [heard.text for heard in twin.ear(sid).sounds] == ["1", "2", "#", "Hello"]


async def test_markup_inside_a_text_is_spoken_in_order(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = _doc('<Say>Wait <break time="1s"/><emphasis>a</emphasis> moment</Say>')

    sid = await order()
    await twin.ended(sid)

    assert twin.ear(sid).texts == ("Wait a moment",)


async def test_a_redirect_asks_for_the_next_document(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents |= {
        "/answer": _doc('<Redirect method="GET">next?a=1&amp;b=2</Redirect>'),
        "/next": _doc("<Say>Here</Say>"),
    }

    sid = await order()
    await twin.ended(sid)

    (asked,) = [one for one in host.arrived if one.path == "/next"]
    assert asked.method == "GET"
    assert asked.url.startswith("https://voice.example.com/next?a=1&b=2&CallSid=")
    assert twin.ear(sid).texts == ("Here",)


async def test_what_the_callee_says_goes_to_the_action(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Tomorrow, please.", after_ms=700),))
    host.documents |= {"/answer": _doc(SPEECH), "/heard": _doc("<Say>Good.</Say>")}

    sid = await order()
    await twin.ended(sid)

    (told,) = host.at("heard")
    assert (told["SpeechResult"], told["Language"], told["CallStatus"]) == (
        "Tomorrow, please.",
        "en-US",
        "in-progress",
    )
    assert float(told["Confidence"]) == 0.92
    assert twin.ear(sid).texts == ("What can I do?", "Good.")


async def test_the_action_comes_a_second_after_the_speech_when_the_pause_is_auto(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Yes.", after_ms=700, confidence=None),))
    host.documents["/answer"] = _doc(SPEECH)

    sid = await order()
    record = await twin.ended(sid)

    told = next(sent for sent in twin.ledger.webhooks if sent.url.endswith("/heard"))
    prompt, answer = len(hum("What can I do?")) // 8, len(hum("Yes.")) // 8
    assert told.at_ms - record.answered_ms == prompt + 700 + answer + 1000
    assert "Confidence" not in dict(told.fields)


async def test_speech_into_the_prompt_stops_it(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((interrupt("Stop!", 300),))
    host.documents |= {"/answer": _doc(SPEECH), "/heard": _doc("<Hangup/>")}

    sid = await order()
    await twin.ended(sid)

    (prompt,) = twin.ear(sid).sounds
    assert 300 * 8 <= len(prompt.audio) <= 320 * 8
    assert host.at("heard")[0]["SpeechResult"] == "Stop!"


async def test_a_prompt_that_may_not_be_cut_ignores_speech(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((interrupt("Stop!", 300),))
    gather = SPEECH.replace("<Gather ", '<Gather bargeIn="false" timeout="2" ')
    host.documents["/answer"] = _doc(gather + "<Say>Nothing heard</Say>")

    sid = await order()
    await twin.ended(sid)

    assert twin.ear(sid).texts == ("What can I do?", "Nothing heard")
    assert host.at("heard") == []


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (("", "1234#"), {"Digits": "1234", "FinishedOnKey": "#", "msg": "Gather End"}),
        (('numDigits="2"', "1234"), {"Digits": "12", "msg": "Gather End"}),
        (('finishOnKey="*" timeout="2"', "1#"), {"Digits": "1#", "msg": "Gather End"}),
        (('finishOnKey="" timeout="1"', "#*"), {"Digits": "#*", "msg": "Gather End"}),
    ],
)
async def test_keys_go_to_the_action(
    twin: TwilioTwin,
    order: Order,
    host: Host,
    callees: Callees,
    asked: tuple[str, str],
    fields: dict[str, str],
) -> None:
    attributes, pressed = asked
    callees["*"] = Callee((Press(pressed, 500, Cue.BEFORE),))
    host.documents |= {"/answer": _doc(f'<Gather action="/keys" {attributes}/>'), "/keys": _doc("<Hangup/>")}

    await twin.ended(await order())

    (told,) = host.at("keys")
    assert fields.items() <= told.items()


async def test_silence_falls_through_to_the_next_verb(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = _doc('<Gather action="/keys" timeout="3"/><Say>Goodbye</Say>')

    sid = await order()
    record = await twin.ended(sid)

    (heard,) = twin.ear(sid).sounds
    assert heard.text == "Goodbye"
    assert heard.began_ms - record.answered_ms == 3000
    assert host.at("keys") == []


@pytest.mark.parametrize(
    ("kinds", "empty"),
    [("dtmf", {"Digits": ""}), ("speech", {"SpeechResult": ""})],
)
async def test_silence_goes_to_the_action_when_that_is_asked_for(
    twin: TwilioTwin, order: Order, host: Host, kinds: str, empty: dict[str, str]
) -> None:
    host.documents |= {
        "/answer": _doc(f'<Gather input="{kinds}" action="/empty" actionOnEmptyResult="true" timeout="2"/>'),
        "/empty": _doc("<Hangup/>"),
    }

    await twin.ended(await order())

    (told,) = host.at("empty")
    assert empty.items() <= told.items()


async def test_of_speech_that_began_before_only_the_rest_is_heard(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("one two three four", 0, Cue.BEFORE),))
    host.documents |= {
        "/answer": _doc('<Play digits="11"/><Gather input="speech" action="/heard"/>'),
        "/heard": _doc("<Hangup/>"),
    }

    await twin.ended(await order())

    assert host.at("heard")[0]["SpeechResult"] == "two three four"


async def test_speech_that_never_ends_is_cut_at_its_longest(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("one two three four", 500, Cue.BEFORE),))
    host.documents |= {
        "/answer": _doc('<Gather input="speech" maxSpeechTime="1" action="/heard"/>'),
        "/heard": _doc("<Hangup/>"),
    }

    await twin.ended(await order())

    assert host.at("heard")[0]["SpeechResult"] == "one two three"


async def test_partial_results_are_told_beside(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Well", 100, Cue.BEFORE), Say("yes, sir", 500, Cue.BEFORE)))
    host.documents |= {
        "/answer": _doc('<Gather input="speech" action="/heard" partialResultCallback="/partial"/>'),
        "/heard": _doc("<Hangup/>"),
    }

    await twin.ended(await order())

    told = [
        (one["SequenceNumber"], one.get("StableSpeechResult"), one["UnstableSpeechResult"])
        for one in host.at("partial")
    ]
    assert told == [("0", None, "Well"), ("1", "Well", " yes,"), ("2", "Well yes,", " sir")]
    assert host.at("heard")[0]["SpeechResult"] == "Well yes, sir"


async def test_a_gather_without_an_action_asks_its_own_page_again(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Press("1#", 500, Cue.BEFORE),))
    answers = iter([_doc("<Gather/>"), _doc("<Say>Again</Say>")])
    host.documents["/answer"] = lambda _: next(answers)

    sid = await order()
    await twin.ended(sid)

    assert host.at("answer")[1]["Digits"] == "1"
    assert twin.ear(sid).texts == ("Again",)


async def test_a_transfer_joins_two_callees(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Hello, who is there?", 3000, Cue.BEFORE),))
    callees["+15550003333"] = Callee((Say("It is me.", 5000, Cue.BEFORE), HangUp(500, Cue.BEFORE)))
    host.documents |= {
        "/answer": _doc(
            '<Say>One moment</Say><Dial action="/after" callerId="+15550001234">+15550003333</Dial>'
        ),
        "/after": _doc("<Say>Back</Say>"),
    }

    sid = await order()
    await twin.ended(sid)

    child = next(leg for leg in twin.ledger.legs if leg.parent_id == sid)
    assert (child.direction, child.caller, child.state) == ("outbound-dial", "+15550001234", "completed")
    assert hum("Hello, who is there?") in twin.ear(child.leg_id).audio("bridge")
    assert hum("It is me.") in twin.ear(sid).audio("bridge")
    told = host.at("after")[0]
    assert (told["DialCallStatus"], told["DialCallSid"]) == ("completed", child.leg_id)
    assert int(told["DialCallDuration"]) == child.billed_seconds
    assert twin.ear(sid).texts == ("One moment", "Back")


async def test_a_transfer_to_nobody_goes_on_with_the_document(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["+15550003333"] = Callee(outcome=Outcome.NO_ANSWER)
    host.documents["/answer"] = _doc('<Dial timeout="7"><Number>+15550003333</Number></Dial><Say>Gone</Say>')

    sid = await order()
    await twin.ended(sid)

    child = next(leg for leg in twin.ledger.legs if leg.parent_id == sid)
    assert (child.state, child.ended_ms - child.states[2].at_ms) == ("no-answer", 7000)
    assert twin.ear(sid).texts == ("Gone",)


async def test_a_caller_who_hangs_up_ends_the_transfer_too(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((HangUp(8000, Cue.BEFORE),))
    callees["+15550003333"] = Callee()
    host.documents["/answer"] = _doc("<Dial>+15550003333</Dial>")

    await twin.ended(await order())

    await anyio.sleep(0.1)
    assert twin.legs_alive() == ()
    assert twin.ledger.legs[1].ended_by == "parent"


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (httpx.Response(500), [11200]),
        (httpx.Response(200, headers={"content-type": "application/json"}, text="{}"), [12300]),
        (httpx.Response(200, headers={"content-type": "text/xml"}, text=""), [12100]),
        (_doc("<Hangup/><Say>x</Say>"), [12200]),
        (_doc("<Say/>"), [13520]),
        (_doc("<Dial>12345</Dial>"), [13223]),
        (_doc("<Echo/>"), [12200]),
        (_doc("<Connect><Room>x</Room></Connect>"), [12200]),
    ],
)
async def test_a_document_that_cannot_be_carried_out_is_an_application_error(
    twin: TwilioTwin, order: Order, host: Host, answer: str | httpx.Response, codes: list[int]
) -> None:
    host.documents["/answer"] = answer

    sid = await order()
    record = await twin.ended(sid)

    assert twin.ear(sid).texts == (APOLOGY,)
    assert [violation.code for violation in twin.ledger.violations] == codes
    assert record.state == "completed"


async def test_an_answer_after_15_seconds_is_too_late(twin: TwilioTwin, order: Order, host: Host) -> None:
    async def slowly(_: Arrived) -> str:
        await anyio.sleep(16)
        return _doc("<Say>Late</Say>")

    host.documents["/answer"] = slowly

    sid = await order()
    await twin.ended(sid)

    assert twin.ear(sid).texts == (APOLOGY,)
    asked = next(sent for sent in twin.ledger.webhooks if sent.url.endswith("/answer"))
    assert (asked.status, asked.seconds) == (None, 15.0)
    assert 11200 in [violation.code for violation in twin.ledger.violations]


async def test_a_fallback_is_asked_and_told_what_failed(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents |= {"/answer": httpx.Response(503), "/fallback": _doc("<Say>Saved</Say>")}

    sid = await order(FallbackUrl=host.url("fallback"))
    await twin.ended(sid)

    (told,) = host.at("fallback")
    assert (told["ErrorCode"], told["ErrorUrl"]) == ("11200", host.url("answer"))
    assert twin.ear(sid).texts == ("Saved",)


async def test_a_document_that_came_with_a_request_needs_absolute_urls(
    twin: TwilioTwin, order: Order
) -> None:
    sid = await order(Url=None, Twiml=_doc('<Redirect method="POST">/next</Redirect>'))
    await twin.ended(sid)

    assert [violation.code for violation in twin.ledger.violations] == [11100]
    assert twin.ear(sid).texts == (APOLOGY,)


async def test_an_empty_document_ends_the_call(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = "<Response/>"

    record = await twin.ended(await order())

    assert (record.state, record.billed_seconds, record.ended_by) == ("completed", 0, "document")
