"""What a person should know of a call, as a value that grows with every event; events are those of the wire."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from voice_domain.transcript import joined
from voice_entrypoints.words.language import translated, translated_all

__all__ = ("Said", "Story", "TurnLatency", "latency_parts", "part_names")

_PARTS = ("endpointingMs", "transcriptionMs", "responderMs", "synthesisMs", "playbackMs")


@attrs.frozen
class Said:
    """One stretch of speech."""

    ours: bool
    parts: tuple[str, ...]
    """What is to be said, part by part; of the counterpart, what they said."""
    heard: tuple[str | None, ...]
    """What was heard of each part; None while it is not over."""
    speech_id: str = ""

    @property
    def text(self) -> str:
        """What was heard so far."""
        return joined([part for part in self.heard if part])

    @property
    def coming(self) -> str:
        """What is being said or waits to be."""
        return joined([part for part, heard in zip(self.parts, self.heard, strict=True) if heard is None])

    @property
    def cut(self) -> bool:
        """Whether less was heard than we wanted to say."""
        return any(
            heard is not None and heard != part for part, heard in zip(self.parts, self.heard, strict=True)
        )


@attrs.frozen
class TurnLatency:
    """Where the time of one turn went, milliseconds; only the parts that are known."""

    turn: int
    parts: Mapping[str, int]

    @property
    def total_ms(self) -> int:
        """The sum of the parts."""
        return sum(self.parts.values())

    def told(self) -> str:
        """Return it for a person, in their language."""
        return translated(str(self))

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {value}" for name, value in self.parts.items())
        return f"turn {self.turn}: {self.total_ms} ms" + (f": {parts}" if len(self.parts) > 1 else "")


@attrs.frozen
class Story:
    """One call so far."""

    call: Mapping[str, Any] = attrs.field(factory=dict)
    """The summary that came with the latest event."""
    said: tuple[Said, ...] = ()
    """In the order in which it was first heard."""
    queued: tuple[Said, ...] = ()
    """Ours, and nothing of it was heard yet."""
    partial: str = ""
    latencies: tuple[TurnLatency, ...] = ()
    problem: str = ""

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return "endedAt" in self.call

    def after(self, event: Mapping[str, Any]) -> "Story":
        """Return the story after *event*; one of an unknown type changes only the summary."""
        told = attrs.evolve(self, call=event.get("call", self.call))
        change = _CHANGES.get(event["type"])
        return told if change is None else change(told, event)

    def changing(self, speech_id: str, change: Callable[[Said], Said]) -> "Story":
        """Return the story with one of our speeches changed."""

        def all_of(lines: tuple[Said, ...]) -> tuple[Said, ...]:
            return tuple(change(line) if line.speech_id == speech_id else line for line in lines)

        return attrs.evolve(self, said=all_of(self.said), queued=all_of(self.queued))


def part_names() -> dict[str, str]:
    """Return what the parts of a turn's latency are called for a person."""
    names = translated_all("endpointing", "transcription", "responder", "synthesis", "playback")
    return dict(zip((part.removesuffix("Ms") for part in _PARTS), names, strict=True))


def latency_parts(wire: Mapping[str, Any]) -> dict[str, int]:
    """Return the known parts of a turn's latency in the order in which they pass, named without their unit."""
    return {name.removesuffix("Ms"): int(wire[name]) for name in _PARTS if wire.get(name) is not None}


def _queued(story: Story, event: Mapping[str, Any]) -> Story:
    speech_id, text = str(event["speechId"]), str(event["text"])
    if not text:
        return story
    if any(line.speech_id == speech_id for line in (*story.said, *story.queued)):
        return story.changing(speech_id, lambda line: _longer(line, text))
    line = Said(ours=True, parts=(text,), heard=(None,), speech_id=speech_id)
    return attrs.evolve(story, queued=(*story.queued, line))


def _started(story: Story, event: Mapping[str, Any]) -> Story:
    begun = tuple(line for line in story.queued if line.speech_id == event["speechId"])
    waiting = tuple(line for line in story.queued if line.speech_id != event["speechId"])
    return attrs.evolve(story, said=(*story.said, *begun), queued=waiting)


def _heard(story: Story, event: Mapping[str, Any]) -> Story:
    part, heard = int(event["part"]), str(event["heard"])
    return story.changing(str(event["speechId"]), lambda line: _with_heard(line, part, heard))


def _partial(story: Story, event: Mapping[str, Any]) -> Story:
    return attrs.evolve(story, partial=str(event["text"]))


def _utterance(story: Story, event: Mapping[str, Any]) -> Story:
    text = str(event["text"])
    line = Said(ours=False, parts=(text,), heard=(text,))
    return attrs.evolve(story, partial="", said=(*story.said, line))


def _measured(story: Story, event: Mapping[str, Any]) -> Story:
    latency = TurnLatency(int(event["turn"]), latency_parts(event["parts"]))
    return attrs.evolve(story, latencies=(*story.latencies, latency))


def _ended(story: Story, event: Mapping[str, Any]) -> Story:
    return attrs.evolve(story, partial="", problem=str(event.get("error", "")))


_CHANGES: Mapping[str, Callable[[Story, Mapping[str, Any]], Story]] = MappingProxyType(
    {
        "call.speech.queued": _queued,
        "call.speech.started": _started,
        "call.speech.heard": _heard,
        "call.utterance.partial": _partial,
        "call.utterance": _utterance,
        "call.turn.measured": _measured,
        "call.ended": _ended,
    }
)


def _longer(line: Said, text: str) -> Said:
    return attrs.evolve(line, parts=(*line.parts, text), heard=(*line.heard, None))


def _with_heard(line: Said, part: int, heard: str) -> Said:
    if part >= len(line.heard):
        return line
    return attrs.evolve(line, heard=(*line.heard[:part], heard, *line.heard[part + 1 :]))
