"""What is looked for after kills is found when it is there: one planted fault after the other."""

import attrs
import pytest

from voice_contracts.twins.ledger import LegRecord, StateEntered, WebhookSent
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import CallEvent, Opened
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import (
    CallInput,
    DialAccepted,
    HangUpConfirmed,
    HangUpRequested,
    LineAnswered,
    LineRang,
    SpeakRequested,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction
from voice_entrypoints.endurance.evidence import Evidence, examine
from voice_entrypoints.endurance.people import Told

BEGAN = 1_800_000_000_000
PHONE = "+12025550001"
LEG = LegRecord(
    "leg-1",
    "outbound-api",
    "+15550000000",
    PHONE,
    states=(StateEntered("ringing", BEGAN), StateEntered("in-progress", BEGAN + 1_000)),
    answered_ms=BEGAN + 1_000,
)
OVER = attrs.evolve(
    LEG,
    states=(*LEG.states, StateEntered("completed", BEGAN + 9_000)),
    ended_ms=BEGAN + 9_000,
    ended_by="api",
)
INPUTS: tuple[CallInput, ...] = (
    DialAccepted(CarrierCallId("leg-1")),
    LineRang(BEGAN),
    LineAnswered(BEGAN + 1_000),
    SpeakRequested(SpeechId("speech"), "Number 1."),
    WordsHeard(BEGAN + 3_000, "Yes, please."),
    HangUpRequested(),
    HangUpConfirmed(),
)


def history(*inputs: CallInput) -> tuple[CallEvent, ...]:
    opened = Opened(
        at_ms=BEGAN,
        call_id=CallId("c-1"),
        carrier="twilio",
        direction=Direction.OUTBOUND,
        caller=PhoneNumber("+15550000000"),
        callee=PhoneNumber(PHONE),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        opening="Hello.",
    )
    step = open_call(opened)
    events, call = list(step.events), step.call
    for place, given in enumerate(inputs):
        step = decide(call, given, BEGAN + 1_500 * place)
        events, call = [*events, *step.events], step.call
    return tuple(events)


def hook(at_ms: int, **fields: str) -> WebhookSent:
    return WebhookSent(BEGAN + at_ms, "leg-1", "https://voice.example.com", tuple(fields.items()), 200, 0.01)


def told(method: str, at_ms: int, text: str = "") -> Told:
    return Told(method, PHONE, "c-1", text, BEGAN + at_ms)


TRUE = Evidence(
    histories=(history(*INPUTS),),
    legs=(OVER,),
    webhooks=(
        hook(1_000, CallStatus="in-progress"),
        hook(3_000, CallStatus="in-progress", SpeechResult="Yes, please."),
        hook(9_000, CallStatus="completed"),
    ),
    told=(told("initiate", 100), told("speak", 5_000, "Number 1."), told("end", 8_500)),
)
WITHOUT_SPEECH = tuple(given for given in INPUTS if not isinstance(given, SpeakRequested))
WITHOUT_WORDS = tuple(given for given in INPUTS if not isinstance(given, WordsHeard))
UNANSWERED = attrs.evolve(OVER, answered_ms=None)
LATE = attrs.evolve(OVER, ended_ms=BEGAN + 60_000)


def test_a_true_story_has_no_findings() -> None:
    assert examine(TRUE) == ()
    assert TRUE.acknowledged == 6


@pytest.mark.parametrize(
    ("planted", "kind", "word"),
    [
        ({"histories": ()}, "lost", "no record"),
        ({"histories": (history(*WITHOUT_SPEECH),)}, "lost", "speak"),
        ({"histories": (history(*WITHOUT_WORDS),)}, "lost", "Yes, please."),
        ({"histories": (history(*INPUTS[:-2]),)}, "untrue", "never ends"),
        ({"histories": (history(*INPUTS[:-2]),)}, "lost", "end was answered"),
        ({"histories": TRUE.histories * 2}, "untrue", "two records"),
        ({"histories": (TRUE.histories[0][1:],)}, "untrue", "cannot be told"),
        ({"legs": (OVER, attrs.evolve(OVER, leg_id="leg-2"))}, "double-dial", "two legs"),
        ({"legs": (LEG,)}, "leg-alive", "is up"),
        ({"legs": ()}, "untrue", "no leg"),
        ({"legs": (OVER, attrs.evolve(OVER, callee="+12025550002"))}, "lost", "no record of the leg"),
        ({"legs": (UNANSWERED,)}, "untrue", "it was not"),
        ({"legs": (LATE,)}, "untrue", "after its record had ended"),
        ({"told": (told("dtmf", 5_000),)}, "lost", "no keys"),
        ({"webhooks": (hook(2_000, CallStatus="in-progress", Digits="1"),)}, "lost", "pressed 1"),
        ({"webhooks": (hook(2_000, event_type="call.dtmf.received", digit="1"),)}, "lost", "pressed 1"),
    ],
)
def test_what_is_planted_is_found(planted: dict[str, object], kind: str, word: str) -> None:
    findings = examine(attrs.evolve(TRUE, **planted))

    assert [finding for finding in findings if finding.kind == kind and word in finding.text]
