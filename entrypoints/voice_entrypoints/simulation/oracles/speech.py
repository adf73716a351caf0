"""Whether the transcript is what was heard: of us by the other end's ear, of them by what they were to say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from voice_contracts.twins.callee import Say
from voice_contracts.twins.ear import Heard
from voice_domain.events import (
    Answered,
    CallEvent,
    ClosingBegan,
    Ended,
    SpeechHeard,
    SpeechQueued,
    TurnAsked,
    TurnDropped,
    TurnFinished,
    UtteranceHeard,
    WaiterReleased,
)
from voice_domain.evolve import fold
from voice_domain.identity import SpeechId
from voice_domain.mode_rules import Mode
from voice_domain.vocabulary import Purpose
from voice_entrypoints.simulation.oracles.case import Case, Finding
from voice_entrypoints.simulation.oracles.waiting import left_ringing

__all__ = ("check_speech",)

_GUESS: Final = 24
"""How many characters a guess may be off at what was heard of a text that was cut."""


@attrs.frozen
class _Part:
    speech_id: SpeechId
    text: str
    heard: str


def check_speech(case: Case) -> Finding:
    """Compare what the records of one call hold with what sounded; of streams, `check_streams` does."""
    for history in case.histories:
        if not case.streamed:
            yield from _ours(case, history)
            yield from _theirs(case, history)
        yield from _owed(history)
        yield from _acknowledged(case, history)


def _parts(history: Sequence[CallEvent]) -> list[_Part]:
    heard = {(one.speech_id, one.part): one.heard for one in history if isinstance(one, SpeechHeard)}
    return [
        _Part(one.speech_id, one.text, heard.get((one.speech_id, one.part), ""))
        for one in history
        if isinstance(one, SpeechQueued) and one.text
    ]


def _ours(case: Case, history: Sequence[CallEvent]) -> Finding:
    said = [one for one in case.sounds if one.kind == "say" and one.text not in case.stage.facts.own_words]
    parts = _parts(history)
    for part in parts:
        sounds = [one for one in said if _letters(one.text) == _letters(part.text)]
        longest = max((_claimable(case, one) for one in sounds), default=0)
        if not sounds and case.disturbed and case.stage.facts.fetches_texts:
            continue  # what it asked us for the text got lost, or our answer did
        if len(part.heard) > longest + _GUESS:
            text = f"{len(part.heard)} of {len(part.text)} characters by our record, {longest} by the ear"
            yield "heard", f"{part.text[:20]!r}: {text}"
    if case.disturbed:
        return
    known = Counter(_letters(part.text) for part in parts)
    known.update(_letters(text) for text in _read_unasked(case, history))
    for text, count in Counter(_letters(one.text) for one in said).items():
        if count > known[text]:
            yield "heard", f"{text[:20]!r} was said {count} times, and is in our record {known[text]} times"
    sounded = iter([_letters(one.text) for one in said])
    if not all(text in sounded for text in (_letters(part.text) for part in parts if part.heard)):
        yield "heard", "what we said is not in our record in the order in which it sounded"


def _claimable(case: Case, sound: Heard) -> int:
    """Return how many characters of what sounded our record may say were heard.

    Who is told of an interruption when it is over cannot know when it began.
    """
    cut_by_words = sound.fraction < 1 and any(isinstance(step, Say) for step in case.planned.callee.steps)
    if cut_by_words and not case.stage.facts.tells_words_at_once:
        return len(sound.text)
    return len(sound.text_heard)


def _read_unasked(case: Case, history: Sequence[CallEvent]) -> Iterator[str]:
    """Yield what is read in a call that we had left before it was answered, where nobody could be told so."""
    if case.stage.facts.takes_commands:
        return
    call = fold(tuple(history))
    if call.answered_at_ms is None and any(left_ringing(case, call, leg) for leg in case.legs):
        yield case.planned.message


def _letters(text: str) -> str:
    """Return what tells texts apart: there are carriers whose voice takes no colons, and is given others for them."""
    return "".join(each for each in text if each.isalnum())


def _theirs(case: Case, history: Sequence[CallEvent]) -> Finding:
    planned = [step.text for step in case.planned.callee.steps if isinstance(step, Say)]
    words = {word for text in planned for word in text.split()}
    heard = [event.text for event in history if isinstance(event, UtteranceHeard)]
    for text in heard:
        strange = [word for word in text.split() if word not in words]
        if strange:
            yield "invented", f"the counterpart never said {strange[0]!r}"
    for text, count in Counter(planned).items():
        if sum(one.count(text) for one in heard) > count:
            yield "heard-twice", f"{text!r} was said {count} times, and is in our record more often"
    places = [planned.index(text) for text in heard if planned.count(text) == 1]
    if places != sorted(places):
        yield "order", "what the counterpart said is in our record in another order"


def _owed(history: Sequence[CallEvent]) -> Finding:
    """After an utterance, somebody owes an answer, until it came, was dropped, or the call ended."""
    opened = history[0]
    asked = {event.turn for event in history if isinstance(event, TurnAsked)}
    done = {event.turn for event in history if isinstance(event, TurnFinished | TurnDropped)}
    if asked - done:
        yield "owed", f"turn {min(asked - done)} was put to the responder and never ended"
    if getattr(opened, "mode", None) is not Mode.CONVERSATION:
        return
    for place, event in enumerate(history):
        if isinstance(event, SpeechQueued) and event.purpose is Purpose.FAREWELL:
            return  # we are leaving
        if isinstance(event, UtteranceHeard) and not _answered(history, place):
            yield "owed", f"{event.text!r} was put to nobody"


def _answered(history: Sequence[CallEvent], place: int) -> bool:
    at_ms = history[place].at_ms
    nearby = [event for event in history[place + 1 :] if event.at_ms == at_ms]
    return any(isinstance(event, TurnAsked | WaiterReleased | Ended | ClosingBegan) for event in nearby)


def _acknowledged(case: Case, history: Sequence[CallEvent]) -> Finding:
    """What a webhook told that we said yes to is in the record, unless the call was over or ending by then."""
    closed_ms = min((e.at_ms for e in history if isinstance(e, ClosingBegan | Ended)), default=0)
    heard = " ".join(event.text for event in history if isinstance(event, UtteranceHeard))
    for hook in case.taken:
        spoken = hook.told.words
        if spoken and spoken not in heard and hook.at_ms < closed_ms:
            yield "lost", f"we said yes to {spoken!r}, and our record does not have it"
    connected = [h.at_ms for h in case.taken if h.told.up]
    if connected and min(connected) < closed_ms and not any(isinstance(e, Answered) for e in history):
        yield "lost", "we said yes to its answer, and our record does not have it"
