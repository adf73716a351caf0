"""The terms of one call: every duration that its timers use, fixed when the call is placed or offered."""

from enum import StrEnum

import attrs

__all__ = ("CallTerms", "Timer")


class Timer(StrEnum):
    """What can be waited for in a call; at most one timer of each name runs at a time."""

    RING = "ring"
    """Set when the call is placed or offered; dropped by the answer. When it fires: ask the carrier whether somebody
    has answered, then hang up, `no-answer`."""
    STALE = "stale"
    """Set when the call is placed or offered; dropped by the answer. When it fires: ask the carrier what became of
    the call, then hang up, `no-answer`."""
    HARD_CAP = "hard-cap"
    """Set when the call is placed or offered; dropped by nothing. When it fires: hang up, `timeout`."""
    MAX_DURATION = "max-duration"
    """Set by the answer; dropped by nothing. When it fires: hang up, `timeout`."""
    TRANSCRIPT = "transcript"
    """Set when somebody waits and all was said, and by a barge-in; dropped when we speak again and when the waiter
    is released. When it fires: the waiter is told, the call lives on."""
    SILENCE = "silence"
    """Set by a partial, and by the counterpart's voice beginning or ending after one; dropped by final words. When
    it fires: the partial is taken as final."""
    RESPONSE = "response"
    """Set when the responder is asked, and by each sentence of its answer; dropped when the answer is complete or
    not wanted any more. When it fires: the answer is dropped, and we apologise."""
    BARGE_IN = "barge-in"
    """Set by a voice over ours, which holds what we say; dropped by words, and when nothing is left to be held.
    When it fires: a voice that lasts takes the floor, and is waited for to become words; after a cough, and after
    a voice without words, we go on."""
    NOTIFY_HANGUP = "notify-hangup"
    """Set in a notify call when everything was said and nobody waits; dropped by more to say, a waiter and a
    transfer. When it fires: hang up, `completed`."""
    STREAM_GRACE = "stream-grace"
    """Set when the media stream is lost; dropped when it is back and by a transfer. When it fires: ask the carrier
    what became of the call, then hang up, `error`."""
    STATUS = "status"
    """Set when the carrier is asked what became of the call; dropped by what makes the question idle: an answer, a
    stream that is back, a transfer. When it fires: hang up as if the carrier had said nothing."""


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
    status_ms: int = 3_000
    """How long the carrier may take to say what became of a call."""
    barge_in_ms: int = 640
    """From a voice over ours until it counts as barge-in, unless its end or words are told before. An end is told
    240 ms after the last sound, so what lasts 400 ms is still a cough."""
    words_ms: int = 3_000
    """From the end of a voice that took the floor until we go on, unless its words come before; where we end
    utterances ourselves, silence_ms later."""
    voice_ms: int = 20_000
    """From when a voice took the floor until we go on although it does not end: no words come of it."""
