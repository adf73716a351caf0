"""The terms of one call: every duration that its timers use, fixed when the call is placed or offered."""

from enum import StrEnum

import attrs

__all__ = ("CallTerms", "Timer")


class Timer(StrEnum):
    """What can be waited for in a call; at most one timer of each name runs at a time."""

    RING = "ring"
    STALE = "stale"
    HARD_CAP = "hard-cap"
    MAX_DURATION = "max-duration"
    TRANSCRIPT = "transcript"
    SILENCE = "silence"
    RESPONSE = "response"
    BARGE_IN = "barge-in"
    NOTIFY_HANGUP = "notify-hangup"
    STREAM_GRACE = "stream-grace"


@attrs.frozen
class CallTerms:
    """Durations in milliseconds; they travel with the call, so that a restart keeps to them."""

    ring_ms: int = 30_000
    """From the dial (or the offer) until an answer."""
    max_ms: int = 300_000
    """From the answer until we hang up; ring + max from the dial is a hard cap."""
    transcript_ms: int = 180_000
    """From the end of our speech until a waiter gives up."""
    silence_ms: int = 0
    """From the end of the counterpart's voice until a partial is taken as final; 0 when the transcriber decides."""
    partial_ms: int = 5_000
    """From a partial until it is taken as final if nothing follows, so that nobody waits for ever."""
    response_ms: int = 30_000
    """From an utterance until the responder's first sentence, and from each sentence to the next."""
    notify_hangup_ms: int = 3_000
    """From the end of playback of a notify message until we hang up."""
    stale_ms: int = 120_000
    """From the start until an unanswered call is ended, whatever the carrier says; 0 is never."""
    stream_grace_ms: int = 2_000
    """How long a media stream may be gone before the call ends."""
    barge_in_ms: int = 400
    """How long a voice must last, without words, to count as barge-in and not as a cough."""
