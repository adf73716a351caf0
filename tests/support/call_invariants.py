"""What holds for every call after every input, whatever the input was."""

import copy
from collections.abc import Iterator

import attrs

from voice_domain.call import Call
from voice_domain.decide import Decision
from voice_domain.effects import (
    Answer,
    AskResponder,
    CancelReply,
    CancelTimer,
    ClearPlayback,
    Dial,
    Effect,
    HangUp,
    PausePlayback,
    Play,
    Reject,
    ReleaseWaiter,
    ResumePlayback,
    StartTimer,
)
from voice_domain.events import CallEvent, Ended, Opened, WaiterReleased, WaiterSet
from voice_domain.identity import CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import CallInput, LineEnded, ReplyFailed, ReplyFinished
from voice_domain.states import Floor, Line
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = ("LIVE_WORDS", "World", "check_call", "check_step")

LIVE_WORDS = ("initiated", "ringing", "answered", "active", "speaking", "listening")
_ATTRIBUTES = {field.name for field in attrs.fields(Call)}
_ENDS = {reason.value for reason in EndReason}


class World:
    """What a runtime would have under way for one call, as far as the effects tell."""

    def __init__(self, decision: Decision) -> None:
        self.timers: dict[Timer, int] = {}
        self.paused = False
        self.turn: int | None = None
        self.waiters: dict[WaiterId, int] = {}
        """How often each waiter was released."""
        self.parts: list[tuple[SpeechId, int, str]] = []
        self.hung_up: set[CarrierCallId] = set()
        self.ends = 0
        self.dials = 0
        self.note(decision, None)

    def branched(self) -> "World":
        """Return another in which the same is under way, and other things may happen from here."""
        other = copy.copy(self)
        other.timers, other.waiters = self.timers.copy(), self.waiters.copy()
        other.parts, other.hung_up = self.parts.copy(), self.hung_up.copy()
        return other

    def note(self, decision: Decision, given: CallInput | None) -> None:
        """Carry out what was decided after *given*."""
        if isinstance(given, ReplyFinished | ReplyFailed) and given.turn == self.turn:
            self.turn = None
        for event in decision.events:
            self._note_event(event)
        for effect in decision.effects:
            self._note_effect(effect)

    def _note_event(self, event: CallEvent) -> None:
        if isinstance(event, WaiterSet):
            assert event.waiter_id not in self.waiters
            self.waiters[event.waiter_id] = 0
        elif isinstance(event, Ended):
            self.ends += 1

    def _note_effect(self, effect: Effect) -> None:  # noqa: C901 - one case an effect
        match effect:
            case StartTimer():
                self.timers[effect.timer] = effect.due_ms
            case CancelTimer():
                self.timers.pop(effect.timer, None)
            case PausePlayback():
                self.paused = True
            case ResumePlayback() | ClearPlayback():
                self.paused = False
            case AskResponder():
                assert self.turn is None, "an older turn is still being answered"
                self.turn = effect.turn
            case CancelReply():
                assert self.turn == effect.turn, "a turn is cancelled that nobody answers"
                self.turn = None
            case ReleaseWaiter():
                self.waiters[effect.waiter_id] += 1
            case Play():
                assert (effect.speech_id, effect.part) not in {(name, part) for name, part, _ in self.parts}
                self.parts.append((effect.speech_id, effect.part, effect.text))
            case HangUp():
                self.hung_up.add(effect.carrier_call_id)
            case Dial() | Answer() | Reject():
                self.dials += 1
            case _:
                pass


def check_step(before: Call, given: CallInput, decision: Decision) -> None:
    """Check what one input may change."""
    after = decision.call
    if before.is_over:
        assert after is before
        assert decision.events == ()
        assert all(isinstance(effect, HangUp) for effect in decision.effects)
        return
    _check_times(before, decision)
    _check_word(before.word, after.word)
    _check_transcript(before, after)
    assert after.version == before.version + len(decision.events)
    assert not any(isinstance(event, Opened) for event in decision.events)
    assert not any(isinstance(event, Ended) for event in decision.events[:-1])
    releases = [event.waiter_id for event in decision.events if isinstance(event, WaiterReleased)]
    assert releases == [e.waiter_id for e in decision.effects if isinstance(e, ReleaseWaiter)]
    if isinstance(given, LineEnded):
        assert after.is_over


def _check_times(before: Call, decision: Decision) -> None:
    times = [before.last_at_ms, *(event.at_ms for event in decision.events)]
    assert times == sorted(times)
    after = decision.call
    known = (after.started_at_ms, after.answered_at_ms, after.ended_at_ms)
    assert [at for at in known if at is not None] == sorted(at for at in known if at is not None)


def _check_word(before: str, after: str) -> None:
    if after in _ENDS or {before, after} == {"speaking", "listening"}:
        return
    assert LIVE_WORDS.index(after) >= LIVE_WORDS.index(before)


def _check_transcript(before: Call, after: Call) -> None:
    if after.transcript is before.transcript:
        return
    assert len(after.transcript) >= len(before.transcript)
    for old, new in zip(before.transcript, after.transcript, strict=False):
        assert new == old if old.final else (new.speech_id, new.at_ms) == (old.speech_id, old.at_ms)
    if after.is_over:
        assert all(entry.final for entry in after.transcript)


def check_call(call: Call, world: World) -> None:
    """Check that the call and what is under way for it belong together."""
    assert vars(call).keys() == _ATTRIBUTES
    assert world.timers == dict(call.due)
    assert world.turn == call.turn
    assert (call.line is Line.ENDED) == call.is_over
    assert call.is_over or (call.line is Line.CLOSING) == (call.closing_reason is not None)
    assert world.dials == 1
    assert world.ends == int(call.is_over)
    waiting = [waiter for waiter, released in world.waiters.items() if not released]
    assert waiting == ([] if call.waiter_id is None else [call.waiter_id])
    assert all(released <= 1 for released in world.waiters.values())
    for holds, promise in _promises(call, world):
        assert holds, promise


def _promises(call: Call, world: World) -> Iterator[tuple[bool, str]]:
    due = call.due
    if call.is_over:
        yield not due and not call.speeches and call.waiter_id is None, "nothing is left at the end"
        return
    yield world.paused == call.held, "what we say is paused exactly while it is held"
    if call.closing_reason is not None:
        yield not due and call.waiter_id is None, "a closing call waits for nothing"
        yield call.carrier_call_id in {None, *world.hung_up}, "a known leg is hung up"
        return
    yield call.held == (Timer.BARGE_IN in due), "what is held is judged in time"
    yield (
        call.yielded_at_ms is None or call.held,
        "a voice without words has the floor only from what is held",
    )
    yield (call.doubted is not None) == (Timer.STATUS in due), "a carrier is not waited for without end"
    yield Timer.HARD_CAP in due, "every call is bounded"
    yield (call.line is Line.UP) == (Timer.MAX_DURATION in due), "an answered call is bounded"
    rings = Timer.RING in due or call.doubted in (Timer.RING, Timer.STALE)
    yield (call.line is not Line.UP) == rings, "ringing is bounded"
    yield bool(call.partial) == (Timer.SILENCE in due), "a first reading becomes final"
    yield (call.turn is not None) == (Timer.RESPONSE in due), "somebody owes an answer"
    if call.floor is Floor.OURS:
        yield call.speaking or bool(call.speeches), "we have the floor only to speak"
    if not call.speeches and call.line is Line.UP:
        yield not call.leaving, "we leave once everything was said"
        yield (call.waiter_id is not None) == (Timer.TRANSCRIPT in due), "nobody waits for ever"
        parts = call.rules.hangs_up_after_speech and call.waiter_id is None and call.transferred is None
        yield parts == (Timer.NOTIFY_HANGUP in due), "a notify call ends by itself"
