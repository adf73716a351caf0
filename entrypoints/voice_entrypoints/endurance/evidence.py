"""What is left of a gateway that was killed again and again: its records, beside what carrier and clients saw."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs
import msgspec

from voice_contracts.twins.ledger import LegRecord, WebhookSent
from voice_domain.call import Call
from voice_domain.events import (
    CallEvent,
    ClosingBegan,
    DigitsPressed,
    DigitsSent,
    Ended,
    Opened,
    SpeechQueued,
    UtteranceHeard,
)
from voice_domain.evolve import BrokenHistoryError, fold
from voice_domain.vocabulary import Direction, EndReason
from voice_entrypoints.endurance.people import Told

__all__ = ("Evidence", "Finding", "examine")

_LATE_MS: Final = 2_500
"""How much later than our record its leg may have ended: the way of the news, on a busy machine."""
_GOOD: Final = range(200, 300)


@attrs.frozen
class Finding:
    """A promise that was not kept."""

    kind: str
    """`lost`, `double-dial`, `leg-alive` or `untrue`."""
    phone: str
    text: str


@attrs.frozen(kw_only=True)
class Evidence:
    """Everything that was seen."""

    histories: Sequence[Sequence[CallEvent]]
    """The events of each call, as kept."""
    legs: Sequence[LegRecord]
    webhooks: Sequence[WebhookSent]
    told: Sequence[Told]

    @property
    def acknowledged(self) -> int:
        """How many webhooks and requests were answered with a yes."""
        return len(self.told) + sum(hook.status in _GOOD for hook in self.webhooks)


def examine(evidence: Evidence) -> tuple[Finding, ...]:
    """Return everything that should not be."""
    calls, findings = _calls(evidence)
    legs = {leg.leg_id: leg for leg in evidence.legs}
    findings += _legs(evidence.legs, calls)
    for phone, (call, events) in calls.items():
        findings += _record(phone, call, events, legs)
    for hook in evidence.webhooks:
        leg = legs.get(hook.leg_id)
        if hook.status in _GOOD and leg is not None and leg.parent_id is None:
            findings += _webhook(hook, leg, calls)
    for told in evidence.told:
        findings += _promise(told, calls)
    return tuple(findings)


_Calls = dict[str, tuple[Call, Sequence[CallEvent]]]


def _calls(evidence: Evidence) -> tuple[_Calls, list[Finding]]:
    calls: _Calls = {}
    findings: list[Finding] = []
    for events in evidence.histories:
        try:
            call = fold(tuple(events))
        except BrokenHistoryError as error:
            findings.append(Finding("untrue", "", f"a history cannot be told: {error}"))
            continue
        phone = str(call.counterpart)
        if phone in calls:
            findings.append(Finding("untrue", phone, "two records tell of one call"))
        calls[phone] = (call, events)
    return calls, findings


def _legs(legs: Sequence[LegRecord], calls: _Calls) -> Iterator[Finding]:
    seen: set[str] = set()
    for leg in legs:
        phone = leg.counterpart
        # A caller of whom we were never told has none; some carriers answer such a call to say that it failed.
        if phone not in calls and not leg.is_inbound:
            yield Finding("lost", phone, f"there is no record of the leg {leg.leg_id}")
        if leg.ended_ms is None:
            yield Finding("leg-alive", phone, f"the leg {leg.leg_id} is up: {leg.state}")
        if phone in seen:
            yield Finding("double-dial", phone, "there are two legs for one call")
        seen.add(phone)


def _record(
    phone: str, call: Call, events: Sequence[CallEvent], legs: Mapping[str, LegRecord]
) -> Iterator[Finding]:
    if not call.is_over:
        yield Finding("untrue", phone, f"its record never ends; it is {call.word}")
        return
    if not isinstance(events[0], Opened) or not isinstance(events[-1], Ended):
        yield Finding("untrue", phone, "its record does not begin with its beginning and end with its end")
    ours = [leg for leg in legs.values() if leg.counterpart == phone and leg.parent_id is None]
    for leg in ours:
        yield from _leg_and_record(phone, call, leg)
    if not ours and call.answered_at_ms is not None:
        yield Finding("untrue", phone, "its record says that it was answered, and there was no leg")


def _leg_and_record(phone: str, call: Call, leg: LegRecord) -> Iterator[Finding]:
    if call.answered_at_ms is not None and leg.answered_ms is None:
        yield Finding(
            "untrue", phone, "its record says that it was answered, and the carrier that it was not"
        )
    if call.end_reason is EndReason.COMPLETED and leg.answered_ms is None:
        yield Finding("untrue", phone, "its record says completed, and nobody answered")
    # A call that we refuse ends, for us, with our answer to the carrier's question.
    refused = call.direction is Direction.INBOUND and call.answered_at_ms is None
    assert call.ended_at_ms is not None
    if not refused and leg.ended_ms is not None and leg.ended_ms > call.ended_at_ms + _LATE_MS:
        late = leg.ended_ms - call.ended_at_ms
        how = f"{call.end_reason}, {call.error!r}; the leg was {leg.states[-2].state}"
        yield Finding("untrue", phone, f"its leg was up for {late} ms after its record had ended ({how})")


def _webhook(hook: WebhookSent, leg: LegRecord, calls: _Calls) -> Iterator[Finding]:
    phone = leg.counterpart
    found = calls.get(phone)
    if found is None:
        if leg.answered_ms is None and _meaning(hook)[0] == "over":
            return  # nobody has told us of this caller before: there was no call, and there is none
        yield Finding("lost", phone, f"a webhook of {hook.leg_id} was taken, and there is no record")
        return
    call, events = found
    closing = [event.at_ms for event in events if isinstance(event, ClosingBegan | Ended)]
    if closing and closing[0] <= hook.at_ms + round(hook.seconds * 1_000):
        return  # it was closing already: what was heard then changes nothing
    kind, text = _meaning(hook)
    kept = {
        "answered": call.answered_at_ms is not None,
        "over": call.is_over,
        "said": any(isinstance(event, UtteranceHeard) and event.text == text for event in events),
        "pressed": any(isinstance(event, DigitsPressed) for event in events),
        "": True,
    }[kind]
    if not kept:
        yield Finding("lost", phone, f"{kind} {text} was told and taken, and is not in the record")


def _meaning(hook: WebhookSent) -> tuple[str, str]:
    """Return what a webhook tells, of any of these carriers; a pair of empty texts for nothing of importance."""
    fields = dict(hook.fields)
    if "event_type" in fields:
        return _event_meaning(fields)
    if fields.get("SpeechResult") or fields.get("Speech"):
        return "said", fields.get("SpeechResult") or fields["Speech"]
    if fields.get("Digits"):
        return "pressed", fields["Digits"]
    status = fields.get("CallStatus", "")
    if status in ("completed", "busy", "failed", "no-answer", "canceled"):
        return "over", status
    return ("answered", "") if status == "in-progress" else ("", "")


def _event_meaning(fields: Mapping[str, str]) -> tuple[str, str]:
    match fields["event_type"]:
        case "call.answered":
            return "answered", ""
        case "call.hangup":
            return "over", fields.get("hangup_cause", "")
        case "call.dtmf.received":
            return "pressed", fields.get("digit", "")
        case "call.transcription":
            told = msgspec.json.decode(fields["transcription_data"])
            return ("said", told["transcript"]) if told.get("is_final") else ("", "")
        case _:
            return "", ""


def _promise(told: Told, calls: _Calls) -> Iterator[Finding]:
    found = calls.get(told.phone)
    if found is None or str(found[0].call_id) != told.call_id:
        yield Finding(
            "lost", told.phone, f"{told.method} was answered, and there is no record of {told.call_id}"
        )
        return
    events = found[1]
    queued = [event.text for event in events if isinstance(event, SpeechQueued)]
    if told.method == "speak" and told.text not in queued:
        yield Finding("lost", told.phone, f"speak was answered, and its record has no {told.text!r}")
    if told.method == "dtmf" and not any(isinstance(event, DigitsSent) for event in events):
        yield Finding("lost", told.phone, "dtmf was answered, and its record has no keys")
    if told.method == "end" and not any(
        isinstance(event, ClosingBegan | Ended) and event.at_ms <= told.at_ms for event in events
    ):
        yield Finding("lost", told.phone, "end was answered, and by its record the call went on")
