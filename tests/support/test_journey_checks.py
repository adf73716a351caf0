"""The checks of journeys notice a record that says more, less or something else than what was heard."""

import pytest
from support.journey_checks import check_heard, check_record
from support.speaking import frames_of

from voice_contracts.twins.ear import Heard
from voice_contracts.twins.sound import FRAME_BYTES, babble, hum
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import (
    Answered,
    CallEvent,
    Dialled,
    Ended,
    Opened,
    SpeechHeard,
    SpeechOver,
    SpeechQueued,
    SpeechStarted,
)
from voice_domain.evolve import fold
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction, EndReason, Purpose

TEXT = "One two three four five six seven."
NAME = SpeechId("opening")


def history(heard: str) -> tuple[CallEvent, ...]:
    """A call in which TEXT was to be said, and *heard* is what the record says of it."""
    return (
        Opened(
            at_ms=0,
            call_id=CallId("c"),
            carrier="twilio",
            direction=Direction.OUTBOUND,
            caller=PhoneNumber("+15550000000"),
            callee=PhoneNumber("+15550005678"),
            mode=Mode.CONVERSATION,
            locale="en-US",
            terms=CallTerms(),
        ),
        Dialled(1, CarrierCallId("CA1")),
        Answered(2),
        SpeechQueued(2, NAME, 0, TEXT, Purpose.OPENING, last=True),
        SpeechStarted(3, NAME),
        SpeechHeard(4, NAME, 0, heard),
        SpeechOver(4),
        Ended(5, EndReason.COMPLETED),
    )


def streamed(text: str, frames: int) -> Heard:
    return Heard("stream", "", 0, 20 * frames, hum(text)[: frames * FRAME_BYTES], None)


def judge(heard: str, *sounds: Heard) -> Call:
    events = history(heard)
    call = fold(events)
    check_heard(call, events, sounds)
    return call


def test_what_was_heard_whole_is_whole_in_the_record() -> None:
    assert judge(TEXT, streamed(TEXT, frames_of(TEXT))).is_over
    with pytest.raises(AssertionError, match="were heard"):
        judge("One two three", streamed(TEXT, frames_of(TEXT)))


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_cut_may_be_one_frame_off(off: int) -> None:
    assert judge("One two three", streamed(TEXT, frames_of(TEXT) * 13 // 34 + off)).is_over


@pytest.mark.parametrize("heard", [TEXT, "One two", "One two three four five six", ""])
def test_a_record_that_says_anything_else_than_was_heard_is_noticed(heard: str) -> None:
    with pytest.raises(AssertionError, match="were heard"):
        judge(heard, streamed(TEXT, frames_of(TEXT) * 13 // 34))


def test_sound_that_the_record_does_not_have_is_noticed() -> None:
    with pytest.raises(AssertionError, match="does not have"):
        judge(TEXT, streamed(TEXT, frames_of(TEXT)), streamed("Something else, my dear.", 20))


def test_what_is_said_twice_is_noticed() -> None:
    whole = frames_of(TEXT)
    with pytest.raises(AssertionError, match="more than"):
        judge(TEXT, streamed(TEXT, whole), streamed(TEXT, whole))


def test_what_only_the_carriers_voice_said_is_noticed() -> None:
    said = Heard("say", "We are sorry.", 0, 1_000, babble("We are sorry."), len(babble("We are sorry.")))
    with pytest.raises(AssertionError, match="does not have"):
        judge(TEXT, streamed(TEXT, frames_of(TEXT)), said)


def test_a_record_has_one_end_and_is_what_everybody_saw() -> None:
    events = history(TEXT)
    call = fold(events)

    check_record(call, events, {call.call_id: call})
    with pytest.raises(AssertionError):
        check_record(call, events, {call.call_id: fold(events[:-1])})
    with pytest.raises(AssertionError):
        check_record(fold(events[:-1]), events[:-1], {call.call_id: call})
