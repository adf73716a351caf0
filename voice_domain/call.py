"""The call aggregate: the state that its events add up to.

`evolve` is the only way to a new state; it decides nothing. The due times of all timers are part of the state, so
a call that is reloaded knows what it waits for.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId, SpeechId, WaiterId
from voice_domain.mode_rules import MODE_RULES, Mode, ModeRules
from voice_domain.speech import Speech
from voice_domain.states import Floor, Line, outside_word
from voice_domain.terms import CallTerms, Timer
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Direction, EndReason, Purpose

__all__ = ("Call",)

_NONE: Mapping[str, None] = MappingProxyType({})


@attrs.frozen(slots=False)
class Call:
    """Everything that is known about one call; frozen, a change is a new value."""

    opened: Opened
    """How it began; holds everything that never changes."""
    version: int
    """How many events it has taken."""
    line: Line
    reached: Line
    """How far the line came while it lived: dialling, ringing or up, also when it is closing or ended."""
    floor: Floor
    last_at_ms: int
    """When the latest event happened."""
    carrier_call_id: CarrierCallId | None = None
    former_carrier_call_ids: tuple[CarrierCallId, ...] = ()
    """Names that the carrier used before; late news under one of them do not bring it back."""
    bridged: bool = False
    answered_at_ms: int | None = None
    ended_at_ms: int | None = None
    closing_reason: EndReason | None = None
    """Why we decided to hang up; it becomes the end reason whatever the carrier calls it."""
    end_reason: EndReason | None = None
    error: str = ""
    cause: str = ""
    """The carrier's own word for the end reason."""
    transcript: tuple[Entry, ...] = ()
    speeches: tuple[Speech, ...] = ()
    """What we have queued or are saying, in order."""
    waiter_id: WaiterId | None = None
    waiter_speech_id: SpeechId | None = None
    turn: int | None = None
    """The turn that the responder is answering."""
    turns: int = 0
    partial: str = ""
    """What the counterpart is saying, as far as it was understood."""
    voice_active: bool = False
    held: bool = False
    """Whether what we say is on hold until a voice over it proves to be barge-in or a cough."""
    yielded_at_ms: int | None = None
    """Since when a voice without words has the floor, and what we say is held for it; None while none has."""
    doubted: Timer | None = None
    """The timer that ends the call unless the carrier knows better: it is being asked. None while it is not."""
    leaving: bool = False
    """Whether the call ends once our farewell was said."""
    transferred: PhoneNumber | None = None
    transfer_verdict: str = ""
    """What the dial policy said of the number that the counterpart was handed over to last, or was to be."""
    transfer_refusal: str = ""
    """What the dial policy said of the last number that it did not let the counterpart be handed over to."""
    digits_pressed: str = ""
    latencies: tuple[int, ...] = ()
    """Total milliseconds of each measured turn."""
    due: Mapping[Timer, int] = MappingProxyType({})
    """When each running timer fires, epoch milliseconds."""
    seen: Mapping[str, None] = _NONE
    """The carrier's event ids that were taken, oldest first, at most 500."""

    @property
    def call_id(self) -> CallId:
        """Our name for it."""
        return self.opened.call_id

    @property
    def terms(self) -> CallTerms:
        """Its durations."""
        return self.opened.terms

    @property
    def mode(self) -> Mode:
        """Notify or conversation."""
        return self.opened.mode

    @property
    def rules(self) -> ModeRules:
        """What its mode changes."""
        return MODE_RULES[self.opened.mode]

    @property
    def direction(self) -> Direction:
        """Who dialled."""
        return self.opened.direction

    @property
    def started_at_ms(self) -> int:
        """When it was placed or offered."""
        return self.opened.at_ms

    @property
    def counterpart(self) -> PhoneNumber | None:
        """Whoever is not us; None for a withheld number."""
        inbound = self.opened.direction is Direction.INBOUND
        return self.opened.caller if inbound else self.opened.callee

    @property
    def called_number(self) -> PhoneNumber | None:
        """Which of our numbers somebody called; None in a call that we placed."""
        return self.opened.callee if self.opened.direction is Direction.INBOUND else None

    @property
    def is_over(self) -> bool:
        """Whether it is in its last state."""
        return self.end_reason is not None

    @property
    def final_reason(self) -> EndReason | None:
        """Why it is over or about to be; None for a call that nobody has ended."""
        return self.end_reason or self.closing_reason

    @property
    def speaking(self) -> bool:
        """Whether the counterpart has begun to hear something that we have not finished."""
        return any(speech.started for speech in self.speeches)

    @property
    def interruptible(self) -> bool:
        """Whether the counterpart's voice stops what we say now."""
        return self.rules.interruptible and not any(
            speech.purpose is Purpose.FAREWELL for speech in self.speeches
        )

    @property
    def word(self) -> str:
        """The state as clients see it."""
        return outside_word(
            self.reached,
            self.floor,
            answered=self.answered_at_ms is not None,
            bridged=self.bridged,
            end_reason=self.end_reason,
        )

    def changed(self, changes: Mapping[str, Any]) -> "Call":
        """Return the call with new values for the attributes named in *changes*; for `evolve` only."""
        # attrs.evolve looks every field up again; of a call's many fields an event changes few, and copying the
        # dictionary costs a sixth of that.
        call = object.__new__(Call)
        call.__dict__.update(self.__dict__)
        call.__dict__.update(changes)
        return call

    def speech(self, speech_id: SpeechId) -> Speech | None:
        """Return the queued or running speech of this name, or None."""
        for speech in self.speeches:
            if speech.speech_id == speech_id:
                return speech
        return None
