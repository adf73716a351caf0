"""What holds after every journey, whatever happened in it."""

from collections.abc import Mapping, Sequence

import attrs
from support.carrier_world import CarrierWorld
from support.speaking import FrameCounter, frames_of

from voice_contracts.twins.ear import Heard
from voice_domain.call import Call
from voice_domain.events import CallEvent, Ended, SpeechHeard, SpeechQueued
from voice_domain.evolve import fold
from voice_domain.identity import CallId, SpeechId
from voice_domain.transcript import heard_part, joined
from voice_domain.use_cases.replay_call import replay
from voice_domain.vocabulary import Speaker

__all__ = ("check_journey", "said_by", "spoken_natively")


@attrs.frozen
class _Part:
    """One part of what we said, as the record has it."""

    speech_id: SpeechId
    text: str
    heard: str


def said_by(call: Call, speaker: Speaker) -> list[str]:
    """Return what one side said, in order."""
    return [entry.text for entry in call.transcript if entry.speaker is speaker]


def spoken_natively(sounds: Sequence[Heard]) -> list[str]:
    """Return what the carrier's own voice said, as far as it was heard; not the silences that it was to read."""
    return [sound.text_heard for sound in sounds if sound.kind == "say" and sound.text]


async def check_journey(
    world: CarrierWorld, call_id: str, *, violations: Sequence[int] = (), slack_frames: int = 1
) -> Call:
    """Check one call that is over, and that nothing of it is left; return it.

    *violations* are the carrier's codes for what was expected to go wrong. *slack_frames* is how far the record may
    be from what was heard of a text that was cut.
    """
    call = await world.phone.status(call_id)
    assert call is not None
    events = await world.store.load(call.call_id)
    check_record(call, events, world.last)
    again = replay(events, await world.store.rulings(call.call_id))
    assert again.difference is None
    assert again.undecided == 0
    if call.carrier_call_id is not None:
        sounds = world.rig.twin.ear(call.carrier_call_id).sounds
        check_heard(call, events, sounds, slack_frames, world.rig.habits.cut_characters)
    assert await leftovers(world) == {}
    assert [one.code for one in world.rig.twin.ledger.violations] == list(violations)
    assert world.service.ledger.violations == []
    # None is a question that the end of its leg overtook; one that got no answer is a violation.
    assert {hook.status for hook in world.rig.twin.ledger.webhooks} <= {200, 204, None}
    return call


def check_record(call: Call, events: Sequence[CallEvent], seen: Mapping[CallId, Call]) -> None:
    """Check that there is one truth about a call: its events, what they add up to, and what subscribers saw."""
    assert fold(tuple(events)) == call
    assert call.is_over
    assert [isinstance(event, Ended) for event in events].index(True) == len(events) - 1
    assert seen[call.call_id] == call
    moments = [event.at_ms for event in events]
    assert moments == sorted(moments)


def check_heard(
    call: Call,
    events: Sequence[CallEvent],
    sounds: Sequence[Heard],
    slack_frames: int = 1,
    cut_characters: int = 20,
) -> None:
    """Check that our transcript is what the ear at the other end heard: to the frame for streamed sound."""
    parts = _parts(events)
    natively = spoken_natively(sounds)
    counter = FrameCounter.of(sounds)
    for part in parts:
        others = [other.text for other in parts if other.text != part.text]
        if natively and natively[0][:4] == part.text[:4] and not counter.peek(part.text, others):
            _check_native(part, natively.pop(0), cut_characters)
        else:
            _check_streamed(part, counter.take(part.text, others), slack_frames)
    assert counter.left == 0, "something was heard that the record does not have"
    assert not natively, f"the carrier's voice said what the record does not have: {natively}"
    texts = {part.speech_id: "" for part in parts}
    for speech_id in texts:
        texts[speech_id] = joined([part.heard for part in parts if part.speech_id == speech_id])
    # What was begun and cut before its first word stays in the record, with nothing heard.
    assert [text for text in said_by(call, Speaker.US) if text] == [text for text in texts.values() if text]


def _check_native(part: _Part, heard: str, slack: int) -> None:
    if part.heard == part.text:
        assert heard == part.text
    else:
        assert part.text.startswith(heard)
        assert abs(len(heard) - len(part.heard)) <= slack


def _check_streamed(part: _Part, frames: int, slack: int) -> None:
    whole = frames_of(part.text)
    assert frames <= whole + slack, (
        f"more than the whole of {part.text!r} was heard: {frames} of {whole} frames"
    )
    allowed = {
        heard_part(part.text, played=max(0, count) / whole)
        for count in range(frames - slack, frames + slack + 1)
    }
    assert part.heard in allowed, (
        f"{frames} of {whole} frames of {part.text!r} were heard, not {part.heard!r}"
    )


def _parts(events: Sequence[CallEvent]) -> list[_Part]:
    heard = {(one.speech_id, one.part): one.heard for one in events if isinstance(one, SpeechHeard)}
    return [
        _Part(one.speech_id, one.text, heard.get((one.speech_id, one.part), ""))
        for one in events
        if isinstance(one, SpeechQueued)
    ]


async def leftovers(world: CarrierWorld) -> dict[str, int]:
    """Return what should be gone and is not: how many of what."""
    engine, outstanding = world.engine, await world.store.outstanding()
    counts = {
        "live calls": len(world.phone.live()),
        "live legs": len(world.rig.twin.ledger.legs_alive()),
        "effects": len(outstanding),
        "stream tokens": len(world.container.tokens()),
        "streams": engine.streams if engine else 0,
        "pending streams": engine.pending if engine else 0,
        **world.rig.kept(world.container.carrier()),
    }
    return {what: count for what, count in counts.items() if count}
