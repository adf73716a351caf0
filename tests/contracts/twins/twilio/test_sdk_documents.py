"""Documents that Twilio's own SDK builds: the grammar accepts them, and the twin carries them out."""

from collections.abc import Awaitable, Callable

import pytest
from support.twin_host import Host
from twilio.twiml.voice_response import Connect, Dial, Gather, Start, VoiceResponse

from voice_contracts.twins.twilio.grammar import problems_of, read_twiml
from voice_contracts.twins.twilio.twin import TwilioTwin

OURS, THEIRS = "+15550001234", "+15550005678"


async def test_documents_that_the_sdk_builds_are_carried_out(
    twin: TwilioTwin, order: Callable[..., Awaitable[str]], host: Host
) -> None:
    response = VoiceResponse()
    response.say("Hello & 你好", voice="Polly.Joanna", language="en-US")
    gather = Gather(
        input="dtmf speech",
        action=host.url("next"),
        action_on_empty_result=True,
        timeout=1,
        speech_timeout="auto",
        language="en-US",
        hints="yes, no",
        speech_model="phone_call",
    )
    gather.say("Well?")
    response.append(gather)
    host.documents |= {"/answer": str(response), "/next": str(VoiceResponse())}

    sid = await order()
    await twin.ended(sid)

    assert twin.ear(sid).texts == ("Hello & 你好", "Well?")
    assert twin.ledger.violations == []


def _documents() -> list[str]:
    connect, start, dial = Connect(), Start(), Dial(caller_id=OURS, timeout=20)
    connect.stream(url="wss://voice.example.com/s/t").parameter(name="callId", value='a&b="c"')
    start.stream(name="fork", track="both_tracks", url="/s/t")
    dial.number(THEIRS)
    built = []
    for verbs in (
        lambda made: made.append(connect),
        lambda made: (made.append(start), made.pause(length=60)),
        lambda made: made.append(dial),
        lambda made: made.reject(reason="busy"),
        lambda made: (made.play(digits="ww12#"), made.hangup()),
        lambda made: (
            made.pause(length=30),
            made.redirect("https://voice.example.com/x?a=1&b=2", method="POST"),
        ),
        lambda made: made.say('Tom & Jerry <b> "quoted" it\'s 你好 📞'),
        VoiceResponse.to_xml,
    ):
        made = VoiceResponse()
        verbs(made)
        built.append(str(made))
    return built


@pytest.mark.parametrize("document", _documents())
def test_the_grammar_accepts_what_the_sdk_builds(document: str) -> None:
    assert problems_of(read_twiml(document)) == ()
