"""What Telnyx's webhooks tell, in our words. Pure: the same webhook always tells the same, under the same ids."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from voice_adapters.carriers.telnyx.causes import end_reason
from voice_adapters.carriers.telnyx.client_state import Role
from voice_adapters.carriers.telnyx.fields import Fields
from voice_domain.e164 import PhoneNumber
from voice_domain.inputs import (
    CarrierNews,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    WordsHeard,
)
from voice_domain.ports.carrier import CarrierSignal, SpeechPlayed
from voice_domain.vocabulary import EndReason

__all__ = ("EVENT_TYPES", "Moment", "signals_of")

_Told = Iterator[CarrierNews | SpeechPlayed]
_HANDED_OVER: Final = "transferred"


@attrs.frozen
class Moment:
    """When a webhook arrived, and what it does not say itself."""

    at_ms: int
    own_number: PhoneNumber | None
    was_up: bool = False
    """Whether the leg is known to have been answered."""


def signals_of(fields: Fields, moment: Moment) -> tuple[CarrierSignal, ...]:
    """Return what a webhook tells, in order; nothing for events that we have no use for.

    Times are those of the arrival: Telnyx's own are of a clock that is not ours. Of the leg that a counterpart is
    handed over to nothing is told.
    """
    if fields.state.role is Role.TARGET:
        return ()
    tell = _NEWS_OF_EVENT.get(fields.event_type)
    told = () if tell is None else tell(fields, moment)
    return tuple(
        CarrierSignal(
            news=attrs.evolve(news, carrier_call_id=fields.leg),
            carrier_call_id=fields.leg,
            # A caller may reach us through an application that sets a state of its own.
            call_id=None if fields.is_offer else fields.state.call_id,
            direction=fields.direction,
            caller=fields.caller,
            callee=fields.callee,
        )
        for news in told
    )


def _initiated(fields: Fields, moment: Moment) -> _Told:
    # There is no event for ringing; this one comes when the callee's phone is about to.
    yield LineRang(moment.at_ms, fields.event_id)


def _answered(fields: Fields, moment: Moment) -> _Told:
    yield LineAnswered(moment.at_ms, fields.event_id)


def _bridged(fields: Fields, moment: Moment) -> _Told:
    """Two legs were joined: our part is over if we asked for it."""
    if fields.state.role is Role.TRANSFER:
        yield LineEnded(moment.at_ms, EndReason.COMPLETED, _HANDED_OVER, fields.event_id)
    else:
        yield LineBridged(moment.at_ms, fields.event_id)


def _stream_started(fields: Fields, moment: Moment) -> _Told:
    yield LineBridged(moment.at_ms, fields.event_id)


def _stream_stopped(fields: Fields, moment: Moment) -> _Told:
    # It changes nothing for the call, and finds it: a call that lives gets another stream.
    yield LineFailed(moment.at_ms, "Telnyx's media stream ended", retryable=True, event_id=fields.event_id)


def _stream_failed(fields: Fields, moment: Moment) -> _Told:
    reason = fields.text("failure_reason") or "no reason given"
    yield LineFailed(
        moment.at_ms, f"Telnyx's media stream broke ({reason[:80]})", retryable=True, event_id=fields.event_id
    )


def _hung_up(fields: Fields, moment: Moment) -> _Told:
    cause, sip = fields.text("hangup_cause"), fields.text("sip_hangup_cause")
    direction = fields.direction_of_leg(moment.own_number)
    was_up = moment.was_up or fields.state.role is not Role.CALL  # only answered calls are spoken in
    reason = end_reason(cause, fields.text("hangup_source"), direction, was_up=was_up)
    said = cause or "no cause given"
    yield LineEnded(moment.at_ms, reason, f"{said} (SIP {sip})" if sip.isdigit() else said, fields.event_id)


def _spoken(fields: Fields, moment: Moment) -> _Told:
    """Tell that a text was read to its end; one that was cut tells nothing."""
    state = fields.state
    if state.role is Role.SPEECH and state.speech_id and fields.text("status") == "completed":
        yield SpeechPlayed(state.speech_id, state.part, moment.at_ms, fields.event_id)


def _transcribed(fields: Fields, moment: Moment) -> _Told:
    heard = fields.transcription
    if heard is None or not heard.transcript.strip() or heard.transcription_track == "outbound":
        return
    sure = heard.confidence
    yield WordsHeard(
        moment.at_ms,
        heard.transcript.strip(),
        final=heard.is_final,
        confidence=sure if sure is not None and 0 <= sure <= 1 else None,
        event_id=fields.event_id,
    )


def _pressed(fields: Fields, moment: Moment) -> _Told:
    """Tell of one key. A gather tells each of its keys too, so its end (call.gather.ended) tells nothing new."""
    if fields.text("digit"):
        yield KeysPressed(moment.at_ms, fields.text("digit"), fields.event_id)


def _detected(fields: Fields, moment: Moment) -> _Told:
    """Tell of machines; a silent or doubtful callee is treated as a person."""
    result = fields.text("result")
    if result == "machine":
        yield MachineAnswered(moment.at_ms, fields.event_id)
    elif result == "fax_detected":
        # Nothing but a command ends the leg here, and an error is what leads to one.
        yield LineFailed(moment.at_ms, "a fax machine answered", event_id=fields.event_id)


_NEWS_OF_EVENT: Mapping[str, Callable[[Fields, Moment], _Told]] = MappingProxyType(
    {
        "call.initiated": _initiated,
        "call.answered": _answered,
        "call.bridged": _bridged,
        "call.hangup": _hung_up,
        "call.speak.ended": _spoken,
        "call.transcription": _transcribed,
        "call.dtmf.received": _pressed,
        "call.machine.detection.ended": _detected,
        "call.machine.premium.detection.ended": _detected,
        "streaming.started": _stream_started,
        "streaming.stopped": _stream_stopped,
        "streaming.failed": _stream_failed,
    }
)

EVENT_TYPES: Final = frozenset(_NEWS_OF_EVENT)
"""The events that mean something to us."""
