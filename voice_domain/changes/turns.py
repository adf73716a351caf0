"""What the events of turns and waiters change."""

import attrs

from voice_domain.call import Call
from voice_domain.changes.moves import Changes, parting, without
from voice_domain.changes.speech import with_speech
from voice_domain.events import TurnAsked, WaiterReleased, WaiterSet
from voice_domain.speech import reply_id
from voice_domain.terms import Timer

__all__ = ("turn_asked", "turn_over", "waiter_released", "waiter_set")


def turn_asked(call: Call, event: TurnAsked) -> Changes:
    """The responder has some time for its first sentence."""
    due = {**call.due, Timer.RESPONSE: event.at_ms + call.terms.response_ms}
    return {"turn": event.turn, "turns": event.turn, "due": due}


def turn_over(call: Call, turn: int) -> Changes:
    """Nothing more comes from the responder; the speech that holds its answer is complete."""
    if call.turn != turn:
        return {}
    changes: Changes = {"turn": None, "due": without(call.due, Timer.RESPONSE)}
    speech = call.speech(reply_id(turn))
    if speech is not None:
        changes.update(with_speech(call, attrs.evolve(speech, closed=True)))
    return changes


def waiter_set(call: Call, event: WaiterSet) -> Changes:
    """Somebody waits; the time for it runs once we have said everything, at once if that is so now."""
    due = without(call.due, Timer.NOTIFY_HANGUP)
    if not call.speeches:
        due = {**due, Timer.TRANSCRIPT: event.at_ms + call.terms.transcript_ms}
    return {"waiter_id": event.waiter_id, "waiter_speech_id": event.speech_id, "due": due}


def waiter_released(call: Call, event: WaiterReleased) -> Changes:
    """Nobody waits any more; a notify call that has nothing left to say is about to be hung up."""
    due = without(call.due, Timer.TRANSCRIPT)
    if not call.speeches:
        due = {**due, **parting(call, event.at_ms)}
    return {"waiter_id": None, "waiter_speech_id": None, "due": due}
