"""One line for one event, for people who read a pipe or a log."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from voice_domain.e164 import mask_number
from voice_entrypoints.cli.live.story import TurnLatency, latency_parts
from voice_entrypoints.words.language import translated

__all__ = ("clock_time", "line_of", "sentence_of")

_Event = Mapping[str, Any]


def line_of(event: _Event) -> str:
    """Return *event* as one line: the time of day, the call's first letters, what happened."""
    call = str(event.get("callId", ""))[:8]
    return f"{clock_time(int(event.get('timestamp', 0)))}  {call}  {translated(sentence_of(event))}"


def clock_time(at_ms: int) -> str:
    """Return the local time of day to the millisecond."""
    seconds, ms = divmod(at_ms, 1000)
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{ms:03}"


def sentence_of(event: _Event) -> str:
    """Say what *event* tells; of a type that is not known here, its type."""
    kind = str(event["type"])
    say = _SENTENCES.get(kind)
    return kind if say is None else " ".join(say(event).split())


def _opened(event: _Event) -> str:
    who = f"to {mask_number(str(event.get('to', '')))}"
    if event.get("direction") == "inbound":
        caller = event.get("from")
        who = f"from {mask_number(str(caller)) if caller else 'a withheld number'}"
    return f"{event.get('direction')} call {who} over {event.get('provider')}, {event.get('mode')}"


def _with(field: str, words: str) -> Callable[[_Event], str]:
    """Return a sentence that ends in a field which may be absent."""

    def say(event: _Event) -> str:
        found = event.get(field)
        return f"{words}: {found}" if found else words

    return say


def _queued(event: _Event) -> str:
    if not event.get("text"):
        return "that is all of our answer"
    return f"we will say: {event['text']}"


def _heard(event: _Event) -> str:
    if event.get("error"):
        return f"could not be said: {event['error']}"
    return f"we said: {event['heard']}" if event["heard"] else "nothing was heard of what we wanted to say"


def _voice(event: _Event) -> str:
    return "their voice, over ours" if event.get("overUs") else "their voice"


def _taken(event: _Event) -> str:
    return "they took the floor" + (", without words so far" if event.get("held") else "")


def _measured(event: _Event) -> str:
    return str(TurnLatency(int(event["turn"]), latency_parts(event["parts"])))


def _closing(event: _Event) -> str:
    reason = event.get("reason")
    return f"we hang up: {reason}" if reason else "we hang up"


def _ended(event: _Event) -> str:
    error = event.get("error")
    return f"ended: {event['reason']}" + (f" ({error})" if error else "")


_SENTENCES: Final[Mapping[str, Callable[[_Event], str]]] = MappingProxyType(
    {
        "call.initiated": _opened,
        "call.dialled": lambda _: "the carrier dials",
        "call.ringing": lambda _: "it rings",
        "call.answered": lambda _: "it is answered",
        "call.active": lambda _: "audio flows",
        "call.closing": _closing,
        "call.ended": _ended,
        "call.speech.queued": _queued,
        "call.speech.started": lambda _: "they begin to hear us",
        "call.speech.heard": _heard,
        "call.speech.over": lambda _: "the floor is theirs",
        "call.speech.resumed": lambda _: "we go on",
        "call.floor.taken": _taken,
        "call.voice.started": _voice,
        "call.voice.stopped": lambda _: "their voice stopped",
        "call.utterance.partial": lambda event: f"they are saying: {event.get('text') or '…'}",
        "call.utterance": lambda event: f"they said: {event.get('text') or '…'}",
        "call.digits.pressed": _with("digits", "they pressed"),
        "call.digits.sent": _with("digits", "we pressed"),
        "call.transferred": lambda event: f"handed over to {mask_number(str(event['to']))}",
        "call.transfer.denied": _with("verdict", "not handed over, by the dial policy"),
        "call.transfer.failed": _with("error", "not handed over"),
        "call.turn.asked": lambda event: f"turn {event['turn']}: asking for an answer",
        "call.turn.dropped": lambda event: f"turn {event['turn']}: its answer is not wanted any more",
        "call.turn.finished": lambda event: f"turn {event['turn']}: answered",
        "call.turn.measured": _measured,
        "call.waiter.set": lambda _: "somebody waits for what they say",
        "call.waiter.released": _with("outcome", "the wait is over"),
        "call.news.ignored": lambda _: "the carrier told us something old",
        "call.stream.opened": lambda _: "the media stream is up",
        "call.stream.lost": lambda _: "the media stream is gone",
        "call.hearing.failed": _with("error", "nobody can listen any more"),
        "call.status.asked": lambda _: "asking the carrier what became of it",
    }
)
