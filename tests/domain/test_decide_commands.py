"""What a host may ask of a call: speak, continue, say goodbye, press keys, transfer."""

import pytest
from support.story import LEG, Story

from voice_domain.e164 import PhoneNumber
from voice_domain.effects import (
    AskResponder,
    CancelReply,
    ClearPlayback,
    HangUp,
    Listen,
    Play,
    ReleaseWaiter,
    SendDigits,
    Transfer,
)
from voice_domain.events import DigitsSent, TransferDenied, TransferFailed, Transferred, WaiterOutcome
from voice_domain.identity import SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    DigitsRequested,
    GoodbyeRequested,
    HangUpConfirmed,
    HangUpRequested,
    LineEnded,
    PartFailed,
    ReplySentence,
    SpeakRequested,
    StreamClosed,
    StreamStarted,
    TransferForbidden,
    TransferRefused,
    TransferRequested,
    WaiterWithdrawn,
)
from voice_domain.mode_rules import Mode
from voice_domain.refusals import AlreadyWaitingError, CallEndedError, NotConnectedError
from voice_domain.states import Line
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

FRIEND = PhoneNumber("+15550009999")
COMMANDS = [
    SpeakRequested(SpeechId("s"), "Hello."),
    ContinueRequested(SpeechId("s"), "Hello?", WaiterId("w")),
    DigitsRequested("12#"),
    TransferRequested(FRIEND),
]
GOODBYE = GoodbyeRequested(SpeechId("bye"), "Goodbye.")


def _outcomes(story: Story) -> list[tuple[str, WaiterOutcome, str]]:
    return [(order.waiter_id, order.outcome, order.detail) for order in story.ordered(ReleaseWaiter)]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("ringing", [False, True])
def test_a_command_before_the_answer_is_refused_as_not_connected(
    command: CallInput,
    ringing: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    story = Story()
    if ringing:
        story.ring()

    with pytest.raises(NotConnectedError, match="Call not connected: call-1"):
        story.take(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_to_a_call_that_is_closing_or_over_is_refused(command: CallInput) -> None:
    story = Story.answered()
    story.take(HangUpRequested())
    with pytest.raises(CallEndedError, match="Call has ended: call-1"):
        story.take(command)

    story.take(HangUpConfirmed())
    with pytest.raises(CallEndedError, match="Call has ended: call-1"):
        story.take(command)


@pytest.mark.parametrize("command", COMMANDS[:2])
def test_nothing_more_is_said_once_we_say_goodbye(command: CallInput) -> None:
    story = Story.answered()
    story.take(GOODBYE)

    with pytest.raises(CallEndedError):
        story.take(command)


@pytest.mark.parametrize("command", COMMANDS[2:])
def test_keys_and_transfers_need_the_carriers_name_for_the_call(command: CallInput) -> None:
    story = Story()
    story.take(StreamStarted(story.now_ms))

    with pytest.raises(NotConnectedError):
        story.take(command)


def test_speak_says_the_text_in_the_language_of_the_call() -> None:
    story = Story.answered(locale="zh-CN")

    story.say("您好。")

    assert story.last.effects == (Play(SpeechId("said"), 0, "您好。", "zh-CN", interruptible=True),)


def test_speak_with_nothing_to_say_changes_nothing() -> None:
    story = Story.answered(mode=Mode.NOTIFY)

    assert story.say("  ").events == ()
    assert Timer.NOTIFY_HANGUP in story.timers


def test_continue_returns_the_next_utterance() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.play()

    story.hear("Ada.")

    assert _outcomes(story) == [("waiter", WaiterOutcome.HEARD, "Ada.")]
    assert story.transcript() == [("bot", "What is your name?"), ("user", "Ada.")]
    assert story.call.waiter_id is None
    assert Timer.TRANSCRIPT not in story.timers


def test_an_utterance_that_a_waiter_took_asks_no_responder() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.play()

    story.hear("Ada.")

    assert story.ordered(AskResponder) == []


def test_the_utterance_after_the_one_that_a_waiter_took_is_put_to_the_responder() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.hear("Ada.")

    story.hear("And yours?")

    assert story.ordered(AskResponder) == [AskResponder(1)]


def test_a_second_continue_is_refused_and_the_first_is_unaffected() -> None:
    story = Story.answered()
    story.ask("What is your name?", "first")

    with pytest.raises(AlreadyWaitingError, match="Already waiting for transcript"):
        story.ask("And your age?", "second")

    assert story.said() == ["What is your name?"]
    story.hear("Ada.")
    assert _outcomes(story) == [("first", WaiterOutcome.HEARD, "Ada.")]


def test_many_continues_in_a_row_keep_everything_in_order() -> None:
    story = Story.answered()
    for number in range(5):
        story.ask(f"Question {number}?", f"waiter-{number}")
        story.play()
        story.hear(f"Answer {number}.")

    texts = [text for _, text in story.transcript()]
    assert texts == [text for n in range(5) for text in (f"Question {n}?", f"Answer {n}.")]
    assert [outcome for _, outcome, _ in _outcomes(story)] == [WaiterOutcome.HEARD] * 5


def test_a_first_reading_does_not_release_a_waiter() -> None:
    story = Story.answered()
    story.ask("What is your name?")

    story.hear("A", final=False)

    assert _outcomes(story) == []


def test_the_wait_is_counted_from_the_end_of_our_speech() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.later(60_000)
    assert Timer.TRANSCRIPT not in story.timers

    story.play()

    assert story.timers[Timer.TRANSCRIPT] == story.now_ms + story.call.terms.transcript_ms


def test_a_wait_without_anything_to_say_is_counted_from_now() -> None:
    story = Story.answered()

    story.ask("")

    assert story.ordered(Play) == []
    assert story.timers[Timer.TRANSCRIPT] == story.now_ms + story.call.terms.transcript_ms


def test_a_wait_is_counted_from_a_barge_in_too() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.start("waiter-asks")
    story.later(1_000)

    story.hear("A", final=False)

    assert story.timers[Timer.TRANSCRIPT] == story.now_ms + story.call.terms.transcript_ms


def test_a_wait_stops_while_we_speak_again() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.play()

    story.say("Take your time.")
    story.start("said")
    assert Timer.TRANSCRIPT not in story.timers
    story.heard("said", "Take your time.")

    assert story.timers[Timer.TRANSCRIPT] == story.now_ms + story.call.terms.transcript_ms


def test_nobody_waits_for_ever_and_the_call_stays_live() -> None:
    story = Story.answered()
    story.ask("What is your name?")
    story.play()

    story.later(story.call.terms.transcript_ms)

    assert _outcomes(story) == [
        ("waiter", WaiterOutcome.TIMED_OUT, "Timed out waiting for transcript after 180000ms")
    ]
    assert story.call.line is Line.UP
    story.hear("Sorry, yes?")
    assert story.ordered(AskResponder) == [AskResponder(1)]


@pytest.mark.parametrize("ours", [False, True])
def test_whoever_waits_is_told_that_the_call_ended(ours: bool) -> None:  # noqa: FBT001 - a parameter of the test
    story = Story.answered()
    story.ask("What is your name?")

    story.take(HangUpRequested() if ours else LineEnded(story.now_ms, EndReason.HANGUP_USER))

    reason = "hangup-bot" if ours else "hangup-user"
    assert _outcomes(story) == [("waiter", WaiterOutcome.CALL_ENDED, reason)]
    assert story.timers == {}


def test_whoever_waits_is_told_at_once_that_the_question_could_not_be_said() -> None:
    story = Story.answered()
    story.ask("What is your name?")

    story.take(PartFailed(SpeechId("waiter-asks"), 0, "no voice"))

    assert _outcomes(story) == [("waiter", WaiterOutcome.SPEECH_FAILED, "no voice")]
    assert story.call.line is Line.UP


def test_a_waiter_is_not_told_of_another_speech_that_failed() -> None:
    story = Story.answered(opening="Good morning.")
    story.ask("What is your name?")

    story.take(PartFailed(SpeechId("opening"), 0, "no voice"))

    assert _outcomes(story) == []


def test_a_waiter_that_goes_away_leaves_the_next_utterance_to_the_responder() -> None:
    story = Story.answered()
    story.ask("What is your name?")

    story.take(WaiterWithdrawn(WaiterId("waiter")))
    story.hear("Ada.")

    assert _outcomes(story) == [("waiter", WaiterOutcome.WITHDRAWN, "")]
    assert story.ordered(AskResponder) == [AskResponder(1)]


def test_a_waiter_that_has_gone_does_not_take_another_with_it() -> None:
    story = Story.answered()
    story.ask("What is your name?")

    assert story.take(WaiterWithdrawn(WaiterId("somebody else"))).events == ()


def test_continue_in_a_notify_call_listens_and_hangs_up_only_after_the_answer() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="Your parcel is here.")
    story.play()
    story.ask("Will you fetch it today?")
    story.play()

    assert story.ordered(Listen) == [Listen("en-US")]
    story.later(60_000)
    assert story.call.line is Line.UP
    story.hear("Yes.")
    story.later(story.call.terms.notify_hangup_ms)

    assert _outcomes(story) == [("waiter", WaiterOutcome.HEARD, "Yes.")]
    assert story.call.closing_reason is EndReason.COMPLETED


def test_an_answer_during_the_question_of_a_notify_call_does_not_hang_up_into_it() -> None:
    story = Story.answered(mode=Mode.NOTIFY)
    story.ask("Will you fetch it today?")
    story.start("waiter-asks")

    story.hear("Yes.")
    story.later(10_000)

    assert story.call.line is Line.UP


def test_continue_in_a_conversation_does_not_begin_to_listen_again() -> None:
    story = Story.answered()

    story.ask("What is your name?")

    assert len(story.ordered(Listen)) == 1


def test_a_goodbye_is_said_and_then_hung_up() -> None:
    story = Story.answered()
    story.take(GOODBYE)
    assert story.call.line is Line.UP

    story.play()

    assert story.said() == ["Goodbye."]
    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.HANGUP_BOT)]
    story.take(HangUpConfirmed())
    assert story.call.word == "hangup-bot"


def test_a_goodbye_is_said_instead_of_what_we_were_saying() -> None:
    story = Story.answered(opening="Good morning, this is the dentist.")
    story.start("opening")
    story.hear("What?")
    story.take(ReplySentence(1, "The dentist."))

    story.take(GOODBYE)

    assert story.ordered(CancelReply) == [CancelReply(1)]
    assert story.last.effects.index(ClearPlayback()) < story.last.effects.index(
        Play(SpeechId("bye"), 0, "Goodbye.", "en-US", interruptible=False)
    )


def test_a_goodbye_is_not_interruptible_and_nobody_answers_what_is_said_during_it() -> None:
    story = Story.answered()
    story.take(GOODBYE)
    story.start("bye")

    story.hear("Wait!")

    assert story.ordered(ClearPlayback) == []
    assert story.ordered(AskResponder) == []
    assert story.transcript()[-1] == ("user", "Wait!")


def test_a_goodbye_that_cannot_be_said_still_ends_the_call() -> None:
    story = Story.answered()
    story.take(GOODBYE)

    story.take(PartFailed(SpeechId("bye"), 0, "no voice"))

    assert story.call.closing_reason is EndReason.HANGUP_BOT


def test_a_second_goodbye_is_not_said() -> None:
    story = Story.answered()
    story.take(GOODBYE)

    assert story.take(GOODBYE).events == ()


@pytest.mark.parametrize("text", ["", " "])
def test_a_goodbye_without_a_word_hangs_up_at_once(text: str) -> None:
    story = Story.answered()

    story.take(GoodbyeRequested(SpeechId("bye"), text))

    assert story.call.line is Line.CLOSING


def test_a_goodbye_before_the_answer_hangs_up_at_once() -> None:
    story = Story()
    story.ring()

    story.take(GOODBYE)

    assert story.said() == []
    assert story.call.closing_reason is EndReason.HANGUP_BOT


def test_keys_are_pressed_on_the_carriers_leg() -> None:
    story = Story.answered()

    decision = story.take(DigitsRequested("12#"))

    assert decision.events == (DigitsSent(story.now_ms, "12#"),)
    assert decision.effects == (SendDigits(LEG, "12#"),)


def test_a_transfer_hands_the_counterpart_over_and_asks_no_responder_any_more() -> None:
    story = Story.answered()
    story.hear("A human, please.")

    decision = story.take(TransferRequested(FRIEND))

    assert Transferred(story.now_ms, FRIEND) in decision.events
    assert decision.effects[:2] == (CancelReply(1), Transfer(LEG, FRIEND))
    story.hear("Hello?")
    assert story.ordered(AskResponder) == [AskResponder(1)]


def test_a_transferred_call_is_not_hung_up_when_its_media_stream_goes() -> None:
    story = Story.answered()
    story.take(StreamStarted(story.now_ms), TransferRequested(FRIEND), StreamClosed(story.now_ms))

    story.later(60_000)

    assert story.call.line is Line.UP


def test_a_stream_that_was_gone_already_does_not_end_a_transferred_call() -> None:
    story = Story.answered()
    story.take(StreamClosed(story.now_ms), TransferRequested(FRIEND))

    story.later(60_000)

    assert story.call.line is Line.UP


def test_a_transferred_notify_call_is_not_hung_up_after_its_message() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="We connect you.")
    story.take(TransferRequested(FRIEND))

    story.play()
    story.later(60_000)

    assert story.call.line is Line.UP


def test_the_longest_duration_holds_for_a_transferred_call_too() -> None:
    story = Story.answered()
    story.take(TransferRequested(FRIEND))

    story.later(story.call.terms.max_ms)

    assert story.call.closing_reason is EndReason.TIMEOUT


def test_a_counterpart_who_could_not_be_handed_over_is_answered_again() -> None:
    story = Story.answered()
    story.take(TransferRequested(FRIEND))

    decision = story.take(TransferRefused("no such number"))
    story.hear("Hello?")

    assert decision.events == (TransferFailed(story.now_ms, "no such number"),)
    assert story.ordered(AskResponder) == [AskResponder(1)]


def test_a_notify_call_whose_transfer_failed_is_hung_up_in_the_end() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="We connect you.")
    story.play()
    story.take(TransferRequested(FRIEND), TransferRefused("no such number"))

    story.later(story.call.terms.notify_hangup_ms)

    assert story.call.closing_reason is EndReason.COMPLETED


def test_a_notify_call_whose_transfer_failed_is_not_hung_up_while_it_speaks() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="We connect you.")

    story.take(TransferRequested(FRIEND), TransferRefused("no such number"))

    assert Timer.NOTIFY_HANGUP not in story.timers


def test_a_transfer_that_the_policy_refuses_is_kept_and_takes_back_no_earlier_one() -> None:
    story = Story.answered()
    story.take(TransferRequested(FRIEND, "allowed"))

    decision = story.take(TransferForbidden("refused; it is denied"))

    assert decision.events == (TransferDenied(story.now_ms, "refused; it is denied"),)
    assert (decision.effects, story.call.transferred) == ((), FRIEND)
    assert (story.call.transfer_verdict, story.call.transfer_refusal) == ("allowed", "refused; it is denied")


def test_a_transfer_that_nobody_asked_for_cannot_be_refused() -> None:
    story = Story.answered()

    assert story.take(TransferRefused("what?")).events == ()


def test_a_transfer_that_is_refused_when_the_call_is_closing_changes_nothing() -> None:
    story = Story.answered()
    story.take(TransferRequested(FRIEND), HangUpRequested())

    assert story.take(TransferRefused("what?")).events == ()
