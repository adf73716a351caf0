"""Dialling, ringing, answering and ending."""

import pytest
from support.story import CALLEE, CALLER, EARLY, LEG, Story, opened

from voice_domain.decide import refuse_call
from voice_domain.effects import (
    Answer,
    AskStatus,
    ClearPlayback,
    Dial,
    HangUp,
    Listen,
    Play,
    Reject,
    StopListening,
)
from voice_domain.events import Ended, LatencyParts, NewsIgnored
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import (
    DialAccepted,
    DialRefused,
    HangUpConfirmed,
    HangUpRequested,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    PartHeard,
    ReplySentence,
    StatusTold,
    StreamClosed,
    StreamStarted,
    TransferForbidden,
    TransferRefused,
    TurnTimed,
    VoiceBegan,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.speech import OPENING_ID
from voice_domain.states import Floor, Line
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import Direction, EndReason


def _story_at(line: Line) -> Story:
    story = Story() if line in {Line.DIALLING, Line.RINGING} else Story.answered()
    if line is Line.RINGING:
        story.ring()
    if line in {Line.CLOSING, Line.ENDED}:
        story.take(HangUpRequested())
    if line is Line.ENDED:
        story.take(HangUpConfirmed())
    assert story.call.line is line
    return story


def test_a_call_begins_by_being_dialled_with_the_limits_that_the_carrier_must_keep_too() -> None:
    story = Story(terms=CallTerms(ring_ms=20_000, max_ms=60_000))

    assert story.ordered(Dial) == [Dial(CALLER, CALLEE, ring_ms=20_000, cap_ms=80_000)]
    assert story.call.word == "initiated"


def test_an_inbound_call_begins_ringing_and_is_answered() -> None:
    story = Story.inbound()

    assert story.ordered(Answer) == [Answer(LEG)]
    assert story.call.word == "ringing"
    assert story.call.counterpart == CALLER


def test_the_counterpart_of_an_outbound_call_is_the_callee() -> None:
    assert Story().call.counterpart == CALLEE


def test_ringing_is_shown() -> None:
    story = Story()

    story.take(DialAccepted(LEG))
    story.ring()

    assert story.call.word == "ringing"
    assert story.call.carrier_call_id == LEG


def test_a_late_ring_is_ignored() -> None:
    story = Story.answered()

    decision = story.ring()

    assert decision.events == ()
    assert story.call.word == "answered"


def test_a_second_ring_is_ignored() -> None:
    story = Story()
    story.ring()

    assert story.ring().events == ()


def test_an_answer_may_come_without_a_ring() -> None:
    story = Story()

    story.take(LineAnswered(EARLY))

    assert story.call.word == "answered"


def test_a_second_answer_is_ignored() -> None:
    story = Story.answered()
    answered_at = story.call.answered_at_ms
    story.later(500)

    assert story.take(LineAnswered(story.now_ms)).events == ()
    assert story.call.answered_at_ms == answered_at


def test_the_time_of_the_answer_is_the_carriers() -> None:
    story = Story()
    story.later(5_000)

    story.take(LineAnswered(EARLY + 3_000))

    assert story.call.answered_at_ms == EARLY + 3_000
    assert story.timers[Timer.MAX_DURATION] == EARLY + 3_000 + story.call.terms.max_ms


@pytest.mark.parametrize("told", [0, EARLY - 1, EARLY + 99_000_000])
def test_a_carrier_clock_that_lies_does_not_put_events_out_of_order(told: int) -> None:
    story = Story()
    story.later(5_000)

    story.take(LineAnswered(told))

    assert EARLY <= (story.call.answered_at_ms or 0) <= story.now_ms


def test_a_clock_of_ours_that_was_set_back_does_not_put_events_out_of_order() -> None:
    story = Story.answered()
    story.now_ms = EARLY - 60_000

    story.take(LineEnded(story.now_ms, EndReason.COMPLETED))

    assert (story.call.ended_at_ms or 0) >= (story.call.answered_at_ms or 0)


def test_the_opening_is_said_when_the_call_is_answered_and_never_again() -> None:
    story = Story.answered(opening="Good morning.")
    story.take(LineAnswered(story.now_ms), LineBridged(story.now_ms), StreamStarted(story.now_ms))

    assert story.said() == ["Good morning."]


def test_a_conversation_is_listened_to_from_the_answer_in_its_language() -> None:
    story = Story.answered(locale="zh-CN")

    assert story.ordered(Listen) == [Listen("zh-CN")]


def test_a_notify_call_is_not_listened_to() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="Your parcel is here.")

    assert story.ordered(Listen) == []


def test_audio_makes_an_answered_call_active() -> None:
    story = Story.answered()

    story.take(LineBridged(story.now_ms))

    assert story.call.word == "active"
    assert story.take(LineBridged(story.now_ms)).events == ()


@pytest.mark.parametrize("ring_first", [False, True])
def test_audio_before_the_answer_is_ignored(ring_first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    story = Story()
    if ring_first:
        story.ring()

    assert story.take(LineBridged(EARLY)).events == ()
    assert not story.call.bridged


@pytest.mark.parametrize(
    "proof",
    [
        WordsHeard(EARLY, "Hello?"),
        VoiceBegan(EARLY),
        KeysPressed(EARLY, "1"),
        StreamStarted(EARLY),
    ],
)
@pytest.mark.parametrize("ring_first", [False, True])
def test_speech_or_audio_before_the_answer_proves_the_answer(
    proof: WordsHeard | VoiceBegan | KeysPressed | StreamStarted,
    ring_first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    story = Story(opening="Good morning.")
    if ring_first:
        story.ring()

    story.take(proof)

    assert story.call.answered_at_ms == EARLY
    assert Timer.MAX_DURATION in story.timers
    assert story.said() == ["Good morning."]


def test_the_end_that_the_carrier_tells_has_the_carriers_time_reason_and_word() -> None:
    story = Story()
    story.ring()
    story.later(9_000)

    story.take(LineEnded(EARLY + 8_000, EndReason.BUSY, "user_busy"))

    assert (story.call.word, story.call.line) == ("busy", Line.ENDED)
    assert story.call.ended_at_ms == EARLY + 8_000
    assert story.call.cause == "user_busy"
    assert story.timers == {}


@pytest.mark.parametrize("reason", EndReason)
def test_the_carrier_can_end_a_call_for_every_reason(reason: EndReason) -> None:
    story = Story.answered()

    story.take(LineEnded(story.now_ms, reason))

    assert story.call.end_reason is reason
    assert story.call.line is Line.ENDED


def test_a_carrier_that_refuses_the_dial_makes_the_call_failed() -> None:
    story = Story()

    story.take(DialRefused("no credit left", "20003"))

    assert (story.call.word, story.call.error, story.call.cause) == ("failed", "no credit left", "20003")
    assert story.ordered(HangUp) == []
    assert story.timers == {}


def test_a_leg_that_news_have_named_is_hung_up_when_the_dial_is_said_to_have_failed() -> None:
    story = Story()
    story.take(LineRang(EARLY, carrier_call_id=LEG))

    story.take(DialRefused("did not answer the dial within 30 s"))

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.FAILED)]
    story.take(HangUpConfirmed())
    assert (story.call.word, story.call.error) == ("failed", "did not answer the dial within 30 s")


def test_an_inbound_call_that_cannot_be_answered_is_hung_up() -> None:
    story = Story.inbound()

    story.take(DialRefused("call is gone"))

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.FAILED)]


def test_an_answered_call_does_not_believe_that_its_dial_failed() -> None:
    story = Story.answered()

    assert story.take(DialRefused("too late")).events == ()
    assert story.call.word == "answered"


def test_hanging_up_is_final_only_when_the_carrier_has_confirmed_it() -> None:
    story = Story.answered()

    story.take(HangUpRequested())

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.HANGUP_BOT)]
    assert story.call.word == "answered"
    assert story.timers == {}
    story.take(HangUpConfirmed())
    assert story.call.word == "hangup-bot"


def test_hanging_up_silences_us_and_stops_listening() -> None:
    story = Story.answered(opening="Good morning.")

    story.take(HangUpRequested())

    assert story.ordered(ClearPlayback) == [ClearPlayback()]
    assert story.ordered(StopListening) == [StopListening()]


def test_a_call_that_says_nothing_has_nothing_to_silence() -> None:
    story = Story()

    story.take(HangUpRequested())

    assert story.ordered(ClearPlayback) == []
    assert story.ordered(StopListening) == []


def test_what_was_heard_until_the_end_is_kept() -> None:
    story = Story.answered(opening="Good morning, this is the dentist.")
    story.start(OPENING_ID)
    story.take(HangUpRequested())

    story.heard(OPENING_ID, "Good morning,")
    story.take(HangUpConfirmed())

    (entry,) = story.call.transcript
    assert (entry.text, entry.intended, entry.final) == (
        "Good morning,",
        "Good morning, this is the dentist.",
        True,
    )
    assert story.timers == {}


def test_a_speech_that_the_end_cuts_off_without_a_report_was_not_heard() -> None:
    story = Story.answered(opening="Good morning.")
    story.start(OPENING_ID)

    story.take(LineEnded(story.now_ms, EndReason.HANGUP_USER))

    (entry,) = story.call.transcript
    assert (entry.text, entry.intended, entry.final) == ("", "Good morning.", True)


def test_a_second_request_to_hang_up_changes_nothing() -> None:
    story = Story.answered()
    story.take(HangUpRequested())

    decision = story.take(HangUpRequested(EndReason.ERROR))

    assert (decision.events, decision.effects) == ((), ())


def test_ending_a_call_that_is_over_changes_nothing() -> None:
    story = Story.answered()
    story.take(LineEnded(story.now_ms, EndReason.COMPLETED))

    decision = story.take(HangUpRequested())

    assert (decision.events, decision.effects) == ((), ())


def test_a_reason_that_we_had_wins_over_the_carriers_word() -> None:
    story = Story.answered()
    story.take(HangUpRequested())

    story.take(LineEnded(story.now_ms, EndReason.HANGUP_USER, "normal_clearing"))

    assert story.call.end_reason is EndReason.HANGUP_BOT
    assert story.call.cause == "normal_clearing"


def test_a_dial_that_is_accepted_after_the_end_was_ordered_is_hung_up() -> None:
    story = Story()
    story.take(HangUpRequested())
    assert story.ordered(HangUp) == []

    story.take(DialAccepted(LEG))

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.HANGUP_BOT)]
    story.take(LineAnswered(story.now_ms, carrier_call_id=LEG))
    assert story.call.answered_at_ms is None
    assert story.said() == []
    story.take(HangUpConfirmed())
    assert story.call.word == "hangup-bot"


def test_a_leg_that_turns_up_after_the_call_is_over_is_hung_up() -> None:
    story = Story()
    story.take(DialRefused("did not answer the dial within 30 s"))
    record = story.call

    story.take(LineAnswered(story.now_ms, carrier_call_id=LEG))

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.FAILED)]
    assert story.call == record


def test_the_end_of_a_leg_that_nobody_knew_is_not_hung_up_again() -> None:
    story = Story()
    story.take(HangUpRequested())

    story.take(LineEnded(EARLY, EndReason.COMPLETED, carrier_call_id=LEG))

    assert story.ordered(HangUp) == []
    assert story.call.word == "hangup-bot"


def test_a_dial_that_fails_after_the_end_was_ordered_ends_for_the_reason_that_we_had() -> None:
    story = Story()
    story.take(HangUpRequested())

    story.take(DialRefused("busy here"))

    assert story.call.word == "hangup-bot"


def test_a_call_keeps_its_word_while_it_is_closing() -> None:
    story = Story()
    story.ring()

    story.take(HangUpRequested())

    assert (story.call.line, story.call.word) == (Line.CLOSING, "ringing")


def test_a_machine_that_answers_is_hung_up_as_voicemail() -> None:
    story = Story.answered(opening="Good morning.")

    story.take(MachineAnswered(story.now_ms))
    story.take(HangUpConfirmed())

    assert story.call.word == "voicemail"


def test_an_error_that_may_pass_changes_nothing() -> None:
    story = Story.answered()

    assert story.take(LineFailed(story.now_ms, "busy", retryable=True)).events == ()


def test_an_error_that_stays_ends_the_call() -> None:
    story = Story.answered()

    story.take(LineFailed(story.now_ms, "codec mismatch"), HangUpConfirmed())

    assert (story.call.word, story.call.error) == ("error", "codec mismatch")


@pytest.mark.parametrize("kind", [LineRang, LineAnswered, LineBridged, MachineAnswered, StreamStarted])
@pytest.mark.parametrize("answered", [False, True])
def test_news_of_a_line_that_is_closing_change_nothing(
    kind: type[LineRang | LineAnswered | LineBridged | MachineAnswered | StreamStarted],
    answered: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    story = Story.answered() if answered else Story()
    story.take(HangUpRequested())

    decision = story.take(kind(story.now_ms))

    assert (decision.events, decision.effects) == ((), ())


def test_an_error_in_a_call_that_is_closing_changes_nothing() -> None:
    story = Story.answered()
    story.take(HangUpRequested())

    assert story.take(LineFailed(story.now_ms, "codec mismatch")).events == ()


@pytest.mark.parametrize("line", Line)
def test_that_the_policy_refused_a_transfer_is_kept_until_the_call_is_over(line: Line) -> None:
    story = _story_at(line)

    decision = story.take(TransferForbidden("refused; it is denied"))

    assert len(decision.events) == (line is not Line.ENDED)
    assert (decision.effects, decision.call.line) == ((), line)


@pytest.mark.parametrize("line", Line)
@pytest.mark.parametrize(
    "report",
    [
        PartHeard(OPENING_ID, 0, "Good"),
        TurnTimed(1, LatencyParts()),
        ReplySentence(1, "Yes."),
        TransferRefused("no such number"),
        StreamClosed(EARLY),
    ],
)
def test_a_report_that_comes_at_the_wrong_time_is_no_error_and_changes_nothing(
    report: PartHeard | TurnTimed | ReplySentence | TransferRefused | StreamClosed, line: Line
) -> None:
    story = _story_at(line)
    record = story.call
    if line is Line.UP:
        assert story.take(report).call.line is Line.UP
        return

    decision = story.take(report)

    assert (decision.call, decision.effects) == (record, ())


@pytest.mark.parametrize("line", [line for line in Line if line is not Line.CLOSING])
def test_a_hang_up_is_confirmed_only_while_the_line_is_closing(line: Line) -> None:
    story = _story_at(line)

    assert story.take(HangUpConfirmed()).events == ()


@pytest.mark.parametrize("busy", [False, True])
def test_a_refused_inbound_call_is_rejected_recorded_and_never_answered(busy: bool) -> None:  # noqa: FBT001 - a parameter of the test
    start = opened(direction=Direction.INBOUND, carrier_call_id=LEG, source="webhook-1")
    story = Story()
    story.last = refuse_call(start, busy=busy, error="the caller is not on the list")

    assert story.last.effects == (Reject(LEG, busy=busy),)
    story.take(LineAnswered(EARLY, carrier_call_id=LEG))
    story.take(HangUpConfirmed())
    word = "busy" if busy else "hangup-bot"
    assert (story.call.word, story.call.error) == (word, "the caller is not on the list")
    assert story.call.answered_at_ms is None
    assert "webhook-1" in story.call.seen


def test_a_media_stream_that_breaks_ends_the_call_after_two_seconds() -> None:
    story = Story.answered()
    story.take(StreamStarted(story.now_ms))
    story.take(StreamClosed(story.now_ms))

    story.later(1_999)
    assert story.call.line is Line.UP
    story.later(1)
    assert story.ordered(AskStatus) == [AskStatus(LEG)]
    story.take(StatusTold(alive=True), HangUpConfirmed())

    assert story.call.word == "error"
    assert "media stream" in story.call.error


def _lost_stream() -> Story:
    """A call whose stream did not come back, so that the carrier is being asked."""
    story = Story.answered()
    story.take(StreamStarted(story.now_ms), StreamClosed(story.now_ms))
    story.later(2_000)
    return story


def test_a_stream_that_is_lost_because_the_call_is_over_ends_it_as_the_carrier_knows() -> None:
    story = _lost_stream()

    story.take(StatusTold(alive=False, reason=EndReason.COMPLETED, cause="completed"))

    assert (story.call.word, story.call.cause, story.call.error) == ("completed", "completed", "")
    assert story.ordered(HangUp) == []
    assert story.timers == {}


def test_a_leg_of_which_the_carrier_only_knows_that_it_is_gone_is_completed() -> None:
    story = _lost_stream()

    story.take(StatusTold(alive=False))

    assert (story.call.word, story.call.error) == ("completed", "")


@pytest.mark.parametrize("told", [True, False], ids=["cannot say", "says nothing"])
def test_a_carrier_that_does_not_know_is_not_waited_for(told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    story = _lost_stream()

    if told:
        story.take(StatusTold(alive=None))
    else:
        story.later(story.call.terms.status_ms)

    assert story.call.closing_reason is EndReason.ERROR


def test_a_stream_that_comes_back_while_the_carrier_is_asked_saves_the_call() -> None:
    story = _lost_stream()

    story.take(StreamStarted(story.now_ms), StatusTold(alive=True))
    story.later(10_000)

    assert story.call.line is Line.UP


def test_a_stream_that_breaks_again_while_the_carrier_is_asked_is_no_news() -> None:
    story = _lost_stream()

    assert story.take(StreamClosed(story.now_ms)).events == ()
    assert Timer.STREAM_GRACE not in story.timers


def test_a_status_that_nobody_asked_for_changes_nothing() -> None:
    story = Story.answered()

    assert story.take(StatusTold(alive=False, reason=EndReason.BUSY)).events == ()


def test_a_media_stream_that_comes_back_within_two_seconds_saves_the_call() -> None:
    story = Story.answered()
    story.take(StreamStarted(story.now_ms))
    story.take(StreamClosed(story.now_ms))

    story.later(1_999)
    story.take(StreamStarted(story.now_ms))
    story.later(10_000)

    assert story.call.line is Line.UP


def test_a_stream_that_is_lost_twice_is_not_given_more_time() -> None:
    story = Story.answered()
    story.take(StreamClosed(story.now_ms))
    story.later(1_500)

    story.take(StreamClosed(story.now_ms))
    story.later(500)

    assert story.ordered(AskStatus) == [AskStatus(LEG)]


def test_the_loss_of_a_stream_before_the_answer_is_ignored() -> None:
    story = Story()

    assert story.take(StreamClosed(EARLY)).events == ()


def test_an_ended_call_ends_once() -> None:
    story = Story.answered()

    story.take(
        LineEnded(story.now_ms, EndReason.HANGUP_USER),
        LineEnded(story.now_ms, EndReason.FAILED),
        HangUpConfirmed(),
        HangUpRequested(),
    )

    assert [event.reason for event in story.events if isinstance(event, Ended)] == [EndReason.HANGUP_USER]


def test_reports_of_playback_after_the_end_change_nothing() -> None:
    story = Story.answered(opening="Good morning.")
    story.start(OPENING_ID)
    story.take(LineEnded(story.now_ms, EndReason.HANGUP_USER))
    record = story.call

    story.take(PartHeard(OPENING_ID, 0, "Good morning."))

    assert story.call == record


def test_the_floor_of_a_new_call_is_nobodys() -> None:
    assert Story.answered(opening="Good morning.").call.floor is Floor.NOBODY


def test_an_event_is_taken_once_however_often_it_is_told() -> None:
    story = Story.answered()
    story.take(WordsHeard(story.now_ms, "Yes.", event_id="words-1"))
    record = story.call

    story.later(60)
    decision = story.take(WordsHeard(story.now_ms, "Yes.", event_id="words-1"))

    assert (decision.call, decision.events, decision.effects) == (record, (), ())


def test_an_event_that_changed_nothing_changes_nothing_when_it_is_told_again_later() -> None:
    story = Story()
    story.take(LineBridged(EARLY, event_id="bridge-1"))
    assert story.events[-1] == NewsIgnored(EARLY, "bridge-1")
    story.take(LineAnswered(EARLY))

    assert story.take(LineBridged(EARLY, event_id="bridge-1")).events == ()


def test_news_without_an_event_id_are_not_remembered_when_they_change_nothing() -> None:
    story = Story.answered()

    assert story.take(LineRang(story.now_ms)).events == ()


def test_only_the_latest_five_hundred_event_ids_are_remembered() -> None:
    story = Story.answered()
    for number in range(502):
        story.take(KeysPressed(story.now_ms, "1", event_id=f"key-{number}"))

    assert len(story.call.seen) == 500
    assert "key-1" not in story.call.seen
    assert "key-2" in story.call.seen


def test_the_carriers_name_for_a_call_may_change() -> None:
    story = Story()
    story.take(DialAccepted(CarrierCallId("request-1")))

    story.take(LineRang(EARLY, carrier_call_id=CarrierCallId("call-uuid-1")))

    assert story.call.carrier_call_id == "call-uuid-1"
    story.take(HangUpRequested())
    assert story.ordered(HangUp) == [HangUp(CarrierCallId("call-uuid-1"), EndReason.HANGUP_BOT)]


@pytest.mark.parametrize("line", [Line.DIALLING, Line.RINGING, Line.UP, Line.CLOSING])
def test_a_new_name_for_the_call_is_taken_until_the_call_is_over_and_leaves_the_line_as_it_is(
    line: Line,
) -> None:
    story = _story_at(line)

    story.take(LineFailed(story.now_ms, "overloaded", retryable=True, carrier_call_id=CarrierCallId("new")))

    assert (story.call.carrier_call_id, story.call.line) == ("new", line)


def test_late_news_under_an_older_name_do_not_bring_it_back() -> None:
    story = Story()
    story.take(DialAccepted(CarrierCallId("request-1")))
    story.take(LineRang(EARLY, carrier_call_id=CarrierCallId("call-uuid-1")))

    story.take(LineAnswered(EARLY, carrier_call_id=CarrierCallId("request-1")))

    assert story.call.carrier_call_id == "call-uuid-1"
    assert story.call.former_carrier_call_ids == ("request-1",)


def test_the_answer_to_a_dial_that_was_overtaken_by_news_does_not_rename_the_call() -> None:
    story = Story()
    story.take(LineRang(EARLY, carrier_call_id=CarrierCallId("call-uuid-1")))

    story.take(DialAccepted(CarrierCallId("request-1")))

    assert story.call.carrier_call_id == "call-uuid-1"


def test_a_new_name_that_turns_up_while_the_call_is_closing_is_hung_up_too() -> None:
    story = Story()
    story.take(DialAccepted(CarrierCallId("request-1")))
    story.take(HangUpRequested())

    story.take(LineRang(EARLY, carrier_call_id=CarrierCallId("call-uuid-1")))

    assert [order.carrier_call_id for order in story.ordered(HangUp)] == ["request-1", "call-uuid-1"]


def test_a_call_that_was_never_answered_says_nothing() -> None:
    story = Story(opening="Good morning.")
    story.ring()
    story.take(LineEnded(EARLY, EndReason.NO_ANSWER))

    assert story.ordered(Play) == []
    assert story.call.transcript == ()
