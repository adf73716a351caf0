"""What can be told to the mock network from outside: webhooks in JSON, unsigned.

A document is `{"events": [...]}` or `{"event": {...}}`. An entry without `type` or `callId`, or of an unknown
type, is left out; anything else that is wrong refuses the whole document. What an entry says is kept even where it
is empty, zero or false; only what it does not say gets a default.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs
import msgspec

from voice_adapters.carriers.mock.fields import Fields
from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import (
    CarrierNews,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    WordsHeard,
)
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import (
    BadWebhookError,
    WebhookReader,
    WebhookRequest,
    WebhookResponse,
)
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("MockWebhooks", "signals_of")

_News: TypeAlias = Callable[[Fields], CarrierNews | None]


def _initiated(fields: Fields) -> CarrierNews | None:
    # A call that we placed exists before anybody tells of it.
    return LineRang(0) if fields.direction() is Direction.INBOUND else None


def _ended(fields: Fields) -> CarrierNews:
    cause = fields.text("reason", EndReason.COMPLETED.value)
    known = cause in {reason.value for reason in EndReason}
    return LineEnded(0, EndReason(cause) if known else EndReason.COMPLETED, cause)


def _speech(fields: Fields) -> CarrierNews:
    return WordsHeard(
        0,
        fields.text("transcript", ""),
        final=fields.flag("isFinal", default=True),
        confidence=fields.share("confidence"),
    )


def _error(fields: Fields) -> CarrierNews:
    return LineFailed(0, fields.text("error", "unknown error"), fields.flag("retryable", default=False))


def _nothing(_fields: Fields) -> CarrierNews | None:
    return None  # our own playback knows better who speaks


_NEWS_OF_TYPE: Mapping[str, _News] = {
    "call.initiated": _initiated,
    "call.ringing": lambda _: LineRang(0),
    "call.answered": lambda _: LineAnswered(0),
    "call.active": lambda _: LineBridged(0),
    "call.speaking": _nothing,
    "call.speech": _speech,
    "call.silence": _nothing,
    "call.dtmf": lambda fields: KeysPressed(0, fields.text("digits", "")),
    "call.ended": _ended,
    "call.error": _error,
}


def signals_of(document: object, *, now_ms: int, source: str) -> tuple[CarrierSignal, ...]:
    """Return what *document* tells, in order.

    *now_ms* is the time of entries that have none; *source* begins the ids of those that have none.

    Raises:
        BadWebhookError: if it has not the shape of a document; names the field and what it must be.
    """
    entries = enumerate(_entries(document))
    signals = (
        _signal(Fields(entry, f"events[{number}]"), now_ms=now_ms, event_id=f"{source}-{number}")
        for number, entry in entries
    )
    return tuple(signal for signal in signals if signal is not None)


def _entries(document: object) -> list[Mapping[str, Any]]:
    if not isinstance(document, dict):
        raise BadWebhookError('The mock webhook is no JSON object; send {"events": [...]}')
    entries = document.get("events", [document["event"]] if "event" in document else None)
    if not isinstance(entries, list):
        raise BadWebhookError('The mock webhook has no list `events` and no `event`; send {"events": [...]}')
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise BadWebhookError(
                f"events[{number}] of the mock webhook is no object; send one with type and callId"
            )
    return entries


def _signal(fields: Fields, *, now_ms: int, event_id: str) -> CarrierSignal | None:
    make_news = _NEWS_OF_TYPE.get(fields.text("type", ""))
    call_id = fields.text("callId", "")
    if make_news is None or not call_id:
        return None
    news = make_news(fields)
    if news is None:
        return None
    # Only a name that is spelled out may change the one that the call has.
    named = fields.text("providerCallId", "") or None
    offer = isinstance(news, LineRang) and fields.direction() is Direction.INBOUND
    return CarrierSignal(
        news=attrs.evolve(
            news,
            at_ms=fields.number("timestamp", now_ms),
            event_id=fields.text("dedupeKey", "") or fields.text("id", "") or event_id,
            carrier_call_id=CarrierCallId(named) if named else None,
        ),
        carrier_call_id=CarrierCallId(named or f"mock-{call_id}"),
        call_id=None if offer else CallId(call_id),
        direction=fields.direction(),
        caller=fields.phone_number("from"),
        callee=fields.phone_number("to"),
    )


@attrs.frozen
class MockWebhooks(WebhookReader):
    """Reads webhooks; pure but for the time of day."""

    clock: Clock

    @property
    def required_headers(self) -> tuple[str, ...]:
        """None: nobody signs."""
        return ()

    def authenticate(self, request: WebhookRequest) -> str:
        """Return the body's digest: everybody is trusted, and the same body again is a repetition."""
        return f"mock:{hashlib.sha256(request.body).hexdigest()}"

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what the request tells.

        Raises:
            BadWebhookError: if it is not JSON, or see `signals_of`.
        """
        try:
            document = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadWebhookError(
                f'The mock webhook is no JSON ({error}); send {{"events": [...]}}'
            ) from error
        return signals_of(document, now_ms=self.clock.now_ms(), source=self.authenticate(request)[:21])

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return 200 and a short JSON object, whatever was told."""
        del request, call
        return WebhookResponse(200, "application/json", b'{"ok":true}')
