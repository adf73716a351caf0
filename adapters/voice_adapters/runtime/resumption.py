"""How a call goes on in a new process: what its state says must be under way again."""

from voice_domain.call import Call
from voice_domain.decide import Decision, decide
from voice_domain.effects import AskResponder, AskStatus, Effect, HangUp, Listen, Play, StartTimer
from voice_domain.inputs import CallInput, HangUpRequested, ReplyFinished, StreamClosed, WaiterWithdrawn
from voice_domain.ports.carrier import Capabilities
from voice_domain.speech import reply_id
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = ("given_up", "missed", "resumed")


_WORDS_MS = 1_000


def resumed(call: Call, now_ms: int) -> Decision:
    """Return what to do for *call*, whose leg lives: nothing is dialled, and what was not heard is said again."""
    # Final words may have waited for us; what was heard of them before must not be taken for all of them.
    soonest = {Timer.SILENCE: now_ms + _WORDS_MS}
    effects: list[Effect] = [
        StartTimer(timer, max(due_ms, soonest.get(timer, due_ms))) for timer, due_ms in call.due.items()
    ]
    if call.answered_at_ms is not None and (call.rules.listens or call.waiter_id is not None):
        effects.append(Listen(call.opened.locale))
    for speech in call.speeches:
        for part, text in enumerate(speech.parts):
            if speech.heard[part] is None:
                effects.append(Play(speech.speech_id, part, text, call.opened.locale, call.interruptible))
    if call.turn is not None and call.speech(reply_id(call.turn)) is None:
        effects.append(AskResponder(call.turn))
    if call.doubted is not None and call.carrier_call_id is not None:
        effects.append(AskStatus(call.carrier_call_id))
    return Decision(call, (), tuple(effects))


def missed(call: Call, now_ms: int, able: Capabilities) -> tuple[CallInput, ...]:
    """Return what the end of the old process means for a call that goes on.

    Nobody waits any more, an answer that had begun is as long as it is, and a media stream has a moment to come back;
    after that a carrier that can speaks and listens itself, which is then the affair of the call's voice.
    """
    news: list[CallInput] = []
    if call.waiter_id is not None:
        news.append(WaiterWithdrawn(call.waiter_id))
    if call.turn is not None and call.speech(reply_id(call.turn)) is not None:
        news.append(ReplyFinished(call.turn))
    takes_over = able.native_speech and able.native_listening
    if call.answered_at_ms is not None and able.media_stream and not takes_over:
        news.append(StreamClosed(now_ms))
    return tuple(news)


def given_up(call: Call, error: str, now_ms: int) -> Decision:
    """Return what to do for *call*, which is not to go on: its leg is hung up, whatever was under way."""
    assert call.carrier_call_id is not None  # a leg without a name cannot be hung up
    if call.closing_reason is not None:
        return Decision(call, (), (HangUp(call.carrier_call_id, call.closing_reason),))
    return decide(call, HangUpRequested(EndReason.ERROR, error), now_ms)
