"""A call told on the pure core: one input after the other, with a clock that only the test moves."""

from typing import Any

import attrs

from voice_domain.call import Call
from voice_domain.decide import Decision, decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.effects import CancelTimer, Effect, Play, StartTimer
from voice_domain.events import CallEvent, Opened
from voice_domain.identity import CallId, CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    DialAccepted,
    LineAnswered,
    LineRang,
    PartHeard,
    PartStarted,
    SpeakRequested,
    TimerFired,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import Direction

__all__ = ("CALLEE", "CALLER", "EARLY", "LEG", "Story", "opened")

CALLER = PhoneNumber("+15550001234")
CALLEE = PhoneNumber("+15550005678")
LEG = CarrierCallId("leg-1")
EARLY = 1_000_000
"""When every story begins, epoch milliseconds."""


def opened(**changes: Any) -> Opened:
    """Return the beginning of an outbound conversation, changed as told."""
    outbound = Opened(
        at_ms=EARLY,
        call_id=CallId("call-1"),
        carrier="mock",
        direction=Direction.OUTBOUND,
        caller=CALLER,
        callee=CALLEE,
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
    )
    return attrs.evolve(outbound, **changes)


class Story:
    """What was decided for one call so far; `take` gives it one more input."""

    def __init__(self, **changes: Any) -> None:
        self.now_ms = EARLY
        self.events: list[CallEvent] = []
        self.effects: list[Effect] = []
        self.timers: dict[Timer, int] = {}
        self.last = open_call(opened(**changes))
        self._note(self.last)

    @classmethod
    def answered(cls, **changes: Any) -> "Story":
        """Return the story of a call that was dialled, and answered after a second."""
        story = cls(**changes)
        story.take(DialAccepted(LEG))
        story.later(1_000)
        story.take(LineAnswered(story.now_ms))
        return story

    @classmethod
    def inbound(cls, **changes: Any) -> "Story":
        """Return the story of a call that somebody placed to us."""
        return cls(direction=Direction.INBOUND, carrier_call_id=LEG, **changes)

    @property
    def call(self) -> Call:
        """The call as it is now."""
        return self.last.call

    def take(self, *inputs: CallInput) -> Decision:
        """Give the call inputs; return what was decided for the last one."""
        for given in inputs:
            self.last = decide(self.call, given, self.now_ms)
            self._note(self.last)
        return self.last

    def later(self, milliseconds: int) -> None:
        """Let time pass, firing timers as they come due."""
        end = self.now_ms + milliseconds
        while self.timers and min(self.timers.values()) <= end:
            due, timer = min((due, timer) for timer, due in self.timers.items())
            self.now_ms = max(self.now_ms, due)
            self.fire(timer)
        self.now_ms = end

    def fire(self, timer: Timer) -> Decision:
        """Fire a timer now, whether it runs or not."""
        self.timers.pop(timer, None)
        return self.take(TimerFired(timer))

    def ring(self) -> Decision:
        """The carrier says that it rings."""
        return self.take(LineRang(self.now_ms))

    def say(self, text: str, speech_id: str = "said") -> Decision:
        """Somebody wants us to say *text*."""
        return self.take(SpeakRequested(SpeechId(speech_id), text))

    def ask(self, text: str, waiter_id: str = "waiter") -> Decision:
        """Somebody wants us to say *text* and waits for what the counterpart says."""
        return self.take(ContinueRequested(SpeechId(f"{waiter_id}-asks"), text, WaiterId(waiter_id)))

    def hear(self, text: str, *, final: bool = True) -> Decision:
        """The counterpart says *text*."""
        return self.take(WordsHeard(self.now_ms, text, final))

    def start(self, speech_id: str, part: int = 0) -> Decision:
        """The counterpart begins to hear a part of a speech."""
        return self.take(PartStarted(SpeechId(speech_id), part))

    def heard(self, speech_id: str, text: str, part: int = 0) -> Decision:
        """The counterpart has heard *text* of a part of a speech, and it is over."""
        return self.take(PartHeard(SpeechId(speech_id), part, text))

    def play(self) -> None:
        """Let the counterpart hear, in order and in full, everything that we have queued."""
        for speech in self.call.speeches:
            for part, text in enumerate(speech.parts):
                if speech.heard[part] is None:
                    self.start(speech.speech_id, part)
                    self.heard(speech.speech_id, text, part)

    def ordered(self, kind: type[Effect]) -> list[Effect]:
        """Return all effects of this kind that were ordered so far."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def said(self) -> list[str]:
        """Return the texts that we wanted to say so far."""
        return [effect.text for effect in self.effects if isinstance(effect, Play)]

    def transcript(self) -> list[tuple[str, str]]:
        """Return who said what."""
        return [(entry.speaker.value, entry.text) for entry in self.call.transcript]

    def _note(self, decision: Decision) -> None:
        self.events += decision.events
        self.effects += decision.effects
        for effect in decision.effects:
            if isinstance(effect, StartTimer):
                self.timers[effect.timer] = effect.due_ms
            elif isinstance(effect, CancelTimer):
                self.timers.pop(effect.timer, None)
