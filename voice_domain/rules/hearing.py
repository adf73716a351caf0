"""Rules of what the counterpart says: barge-in, utterances, keys."""

from voice_domain.effects import AskResponder, ClearPlayback, PausePlayback
from voice_domain.events import (
    CounterpartSpoke,
    DigitsPressed,
    PartialHeard,
    TurnAsked,
    UtteranceHeard,
    VoiceStarted,
    VoiceStopped,
    WaiterOutcome,
)
from voice_domain.inputs import KeysPressed, WordsHeard
from voice_domain.rules.draft import Draft
from voice_domain.rules.line import release_waiter
from voice_domain.rules.speech import drop_turn
from voice_domain.states import IGNORED, FloorFact, floor_after

__all__ = (
    "keys_pressed",
    "take_floor",
    "take_utterance",
    "voice_began",
    "voice_ended",
    "words_heard",
    "yield_floor",
)


def voice_began(draft: Draft) -> None:
    """A voice: hold what we say until it proves to be words, long enough, or a cough."""
    call = draft.call
    if call.voice_active:
        return
    over_us = call.speaking and call.interruptible and not call.held and _floor_can_be_taken(draft)
    draft.record(VoiceStarted(draft.at_ms, over_us, draft.source))
    if over_us:
        draft.order(PausePlayback())


def voice_ended(draft: Draft) -> None:
    """The voice stopped; what it said may still be on its way."""
    if draft.call.voice_active:
        draft.record(VoiceStopped(draft.at_ms, draft.source))


def words_heard(draft: Draft, news: WordsHeard) -> None:
    """Words: they take the floor; final ones go to whoever waits, else to the responder."""
    text = news.text.strip()
    if not text:
        return
    if news.final:
        take_utterance(draft, text, confidence=news.confidence)
        return
    take_floor(draft)
    if text != draft.call.partial:
        draft.record(PartialHeard(draft.at_ms, text, draft.source))


def take_floor(draft: Draft) -> None:
    """Let the counterpart speak: what we say and what we were about to say is dropped, if it may be."""
    call = draft.call
    if not call.interruptible:
        return
    drop_turn(draft)
    if call.speeches:
        draft.order(ClearPlayback())
    if draft.call.yielded_at_ms is not None or _floor_can_be_taken(draft):
        draft.record(CounterpartSpoke(draft.at_ms, source=draft.source))


def yield_floor(draft: Draft) -> None:
    """A voice over ours lasts: let it speak. What we were saying stays on hold, for a voice may hold no words."""
    draft.record(CounterpartSpoke(draft.at_ms, held=True, source=draft.source))


def take_utterance(draft: Draft, text: str, *, confidence: float | None) -> None:
    """Take final words: an older answer is not wanted any more, a newer one is asked for."""
    take_floor(draft)
    draft.record(UtteranceHeard(draft.at_ms, text, confidence, draft.source))
    call = draft.call
    if call.waiter_id is not None:
        release_waiter(draft, WaiterOutcome.HEARD, text)
    elif call.rules.replies and not call.leaving and call.transferred is None:
        turn = call.turns + 1
        draft.record(TurnAsked(draft.at_ms, turn, draft.source))
        draft.order(AskResponder(turn))


def keys_pressed(draft: Draft, news: KeysPressed) -> None:
    """Keys are kept; what they mean is the host's to say."""
    if news.digits:
        draft.record(DigitsPressed(draft.at_ms, news.digits, draft.source))


def _floor_can_be_taken(draft: Draft) -> bool:
    return floor_after(draft.call.floor, FloorFact.COUNTERPART_SPOKE) is not IGNORED
