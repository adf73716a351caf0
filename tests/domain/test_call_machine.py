"""Every interleaving, repetition, loss and delay leaves a call in a legal state, and releases everything."""

import itertools
from collections.abc import Iterator

import pytest
from support.call_machine import play_calls
from support.checked_call import CheckedCall
from support.story import CALLEE, EARLY, LEG, opened
from support.table_visits import recorded_visits

from voice_domain.decide import KIND_OF_INPUT, open_call
from voice_domain.events import LatencyParts
from voice_domain.identity import CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    DialAccepted,
    DialRefused,
    DigitsRequested,
    GoodbyeRequested,
    HangUpConfirmed,
    HangUpRequested,
    HearingLost,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    PartFailed,
    PartHeard,
    PartStarted,
    ReplyFailed,
    ReplyFinished,
    ReplySentence,
    SpeakRequested,
    StatusTold,
    StreamClosed,
    StreamStarted,
    TimerFired,
    TransferForbidden,
    TransferRefused,
    TransferRequested,
    TurnTimed,
    VoiceBegan,
    VoiceEnded,
    WaiterWithdrawn,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.speech import OPENING_ID
from voice_domain.states import FLOOR_TABLE, GATE_TABLE, LINE_TABLE, Line, LineFact
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

STEPS = 100_000
NEW_NAME = CarrierCallId("leg-2")
SAID, WAITER = SpeechId("said"), WaiterId("waiter")
# Once a call is over the gate lets nothing near the line; test_evolve.py shows these cells directly.
STOPPED_AT_THE_GATE = {(Line.ENDED, fact) for fact in LineFact if fact is not LineFact.DIALLED}

WAYS: dict[str, tuple[CallInput, ...]] = {
    "dialling": (),
    "ringing": (LineRang(EARLY),),
    "answered": (DialAccepted(LEG), LineAnswered(EARLY)),
    "speaking": (LineAnswered(EARLY), PartStarted(OPENING_ID, 0)),
    "held": (LineAnswered(EARLY), PartStarted(OPENING_ID, 0), VoiceBegan(EARLY)),
    "listening": (LineAnswered(EARLY), PartHeard(OPENING_ID, 0, "Good morning.")),
    "thinking": (LineAnswered(EARLY), WordsHeard(EARLY, "Hello?")),
    "waiting": (LineAnswered(EARLY), ContinueRequested(SAID, "Who is there?", WAITER)),
    "leaving": (LineAnswered(EARLY), GoodbyeRequested(SAID, "Goodbye.")),
    "transferred": (DialAccepted(LEG), LineAnswered(EARLY), TransferRequested(CALLEE)),
    "closing": (HangUpRequested(),),
    "closing with a leg": (DialAccepted(LEG), LineAnswered(EARLY), HangUpRequested()),
    "ended": (LineEnded(EARLY, EndReason.BUSY),),
    "ended with a leg": (LineAnswered(EARLY, carrier_call_id=LEG), LineEnded(EARLY, EndReason.HANGUP_USER)),
}
INPUTS: tuple[CallInput, ...] = (
    SpeakRequested(SpeechId("more"), "One more thing."),
    ContinueRequested(SpeechId("more"), "Well?", WaiterId("another")),
    WaiterWithdrawn(WAITER),
    HangUpRequested(EndReason.ERROR, "something broke"),
    GoodbyeRequested(SpeechId("bye"), "Bye."),
    DigitsRequested("1#"),
    TransferRequested(CALLEE),
    DialAccepted(NEW_NAME),
    DialRefused("no credit left"),
    HangUpConfirmed(),
    LineRang(EARLY, "news-1", NEW_NAME),
    LineAnswered(EARLY, "news-2"),
    LineBridged(EARLY, "news-3"),
    MachineAnswered(EARLY, "news-4"),
    LineEnded(EARLY, EndReason.FAILED, "cause", "news-5"),
    LineFailed(EARLY, "broken", event_id="news-6"),
    VoiceBegan(EARLY, "news-7"),
    VoiceEnded(EARLY, "news-8"),
    WordsHeard(EARLY, "Yes.", event_id="news-9"),
    WordsHeard(EARLY, "Ye", final=False, event_id="news-10"),
    KeysPressed(EARLY, "1", "news-11"),
    StreamStarted(EARLY, "news-12"),
    StreamClosed(EARLY, "news-13"),
    PartStarted(OPENING_ID, 0),
    PartHeard(OPENING_ID, 0, "Good"),
    PartHeard(OPENING_ID, 0, ""),
    PartFailed(OPENING_ID, 0, "no voice"),
    PartHeard(SAID, 0, "Goodbye."),
    ReplySentence(1, "We are open."),
    ReplyFinished(1),
    ReplyFailed(1, "overloaded"),
    TurnTimed(1, LatencyParts()),
    TransferRefused("no such number"),
    TransferForbidden("refused; denied"),
    HearingLost("nobody transcribes"),
    StatusTold(alive=False, reason=EndReason.COMPLETED),
    StatusTold(alive=None),
    *(TimerFired(timer) for timer in Timer),
)


def _calls(way: str) -> Iterator[CheckedCall]:
    for mode in Mode:
        checked = CheckedCall(open_call(opened(mode=mode, opening="Good morning.")), EARLY)
        checked.take(*WAYS[way])
        yield checked


def test_every_kind_of_input_is_walked() -> None:
    assert {type(each) for each in INPUTS} == set(KIND_OF_INPUT)


@pytest.mark.parametrize("way", WAYS)
def test_any_two_inputs_in_any_situation_keep_every_promise(way: str) -> None:
    for before, first in itertools.product(_calls(way), INPUTS):
        after = before.branched()
        after.take(first)
        for second in INPUTS:
            checked = after.branched()
            checked.take(second)
            assert checked.steps == len(WAYS[way]) + 2


def test_any_order_of_inputs_keeps_every_promise_and_visits_every_cell() -> None:
    with recorded_visits() as visits:
        steps = play_calls(600)  # which ones depends on what else is imported
        for way, given in itertools.product(WAYS, INPUTS):
            for checked in _calls(way):
                checked.take(given)

    assert steps >= STEPS
    assert visits.line | STOPPED_AT_THE_GATE == {
        (line, fact) for line, row in LINE_TABLE.items() for fact in row
    }
    assert visits.floor == {(floor, fact) for floor, row in FLOOR_TABLE.items() for fact in row}
    assert visits.gate == {(kind, line) for kind, row in GATE_TABLE.items() for line in row}
