"""How events, inputs and effects are written down: one compact JSON object each, tagged with its kind.

`{"event":"dialled","at_ms":1,"carrier_call_id":"CA1","source":""}`: the tag is the class name in kebab case, the
other keys are the fields. All tables are closed. What an older version wrote lacks newer fields, which then have
their defaults; what a newer one wrote may have more fields, which are passed over.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar, get_args

import attrs
import msgspec

from voice_domain.effects import CostlyEffect, Effect
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent
from voice_domain.inputs import CallInput
from voice_domain.ports.event_store import Ruling, StoreError

__all__ = (
    "EFFECT_KINDS",
    "EVENT_KINDS",
    "INPUT_KINDS",
    "decode_effect",
    "decode_event",
    "decode_rulings",
    "encode_effect",
    "encode_event",
    "encode_rulings",
)

_Value = TypeVar("_Value")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENCODER: Final = msgspec.json.Encoder()


def _kinds(union: Any) -> Mapping[str, type[Any]]:
    """Return the classes of a closed union by their tags; renaming one of them breaks stores that exist."""
    return MappingProxyType({_WORD.sub("-", cls.__name__).lower(): cls for cls in get_args(union)})


EVENT_KINDS: Final = _kinds(CallEvent)
"""Every kind of event by its tag."""
INPUT_KINDS: Final = _kinds(CallInput)
"""Every kind of input by its tag."""
EFFECT_KINDS: Final = _kinds(Effect)
"""Every kind of effect by its tag."""


class _EventTag(msgspec.Struct):
    event: str


class _InputTag(msgspec.Struct):
    input: str


class _EffectTag(msgspec.Struct):
    effect: str


class _WrittenRuling(msgspec.Struct):
    version: int
    at_ms: int
    events: int
    given: msgspec.Raw
    effects: list[msgspec.Raw]


class _Codec(Generic[_Value]):
    """Writes and reads the values of one closed union."""

    def __init__(self, key: str, tag: type[Any], kinds: Mapping[str, type[Any]]) -> None:
        self._key = key
        self._tag_of = msgspec.json.Decoder(tag)
        self._decoders = {kind: msgspec.json.Decoder(cls) for kind, cls in kinds.items()}
        self._openings = {
            cls: f'{{"{key}":"{kind}"'.encode() + (b"," if cls.__attrs_attrs__ else b"")
            for kind, cls in kinds.items()
        }

    def encode(self, value: _Value) -> bytes:
        try:
            return self._openings[type(value)] + _ENCODER.encode(value)[1:]
        except KeyError:
            problem = f"{type(value).__name__} is no {self._key} that can be kept; use one of voice_domain's"
        except UnicodeEncodeError:
            # Half a character, as JSON of a service may hold: it must not keep the rest of the call from being kept.
            return self.encode(_with_whole_characters(value))
        except (TypeError, ValueError, OverflowError) as error:
            problem = f"{type(value).__name__} holds a value that JSON cannot: {error}; correct its source"
        raise StoreError(problem)

    def decode(self, written: bytes) -> _Value:
        try:
            kind: str = getattr(self._tag_of.decode(written), self._key)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"an entry is not a kept {self._key}: {error}; restore a backup") from error
        decoder = self._decoders.get(kind)
        if decoder is None:
            raise StoreError(f"an entry has the unknown {self._key} {kind!r}; a newer voicecall can read it")
        try:
            value: _Value = decoder.decode(written)
        except (msgspec.DecodeError, UnicodeDecodeError, VoiceError) as error:
            problem = f"a kept {self._key} {kind!r} cannot be read: {error}; restore a backup"
            raise StoreError(problem) from error
        return value


def _with_whole_characters(value: Any) -> Any:
    """Return *value* with a question mark in place of every half character in its texts."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(_with_whole_characters(part) for part in value)
    if type(value) in _KEPT:
        fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
        return type(value)(**{name: _with_whole_characters(part) for name, part in fields.items()})
    return value


_KEPT: Final = frozenset((*EVENT_KINDS.values(), *INPUT_KINDS.values(), *EFFECT_KINDS.values()))
_EVENTS: Final[_Codec[CallEvent]] = _Codec("event", _EventTag, EVENT_KINDS)
_INPUTS: Final[_Codec[CallInput]] = _Codec("input", _InputTag, INPUT_KINDS)
_EFFECTS: Final[_Codec[Effect]] = _Codec("effect", _EffectTag, EFFECT_KINDS)
_RULINGS: Final = msgspec.json.Decoder(list[_WrittenRuling])


def encode_event(event: CallEvent) -> bytes:
    """Return *event* written down.

    Raises:
        StoreError: if it holds what JSON cannot; NaN becomes null, and half a character a question mark.
    """
    return _EVENTS.encode(event)


def decode_event(written: bytes) -> CallEvent:
    """Return the event that was written down.

    Raises:
        StoreError: if it is no JSON, of an unknown kind, or has a field missing or of the wrong type.
    """
    return _EVENTS.decode(written)


def encode_effect(effect: CostlyEffect) -> bytes:
    """Return *effect* written down.

    Raises:
        StoreError: if it holds what JSON cannot.
    """
    return _EFFECTS.encode(effect)


def decode_effect(written: bytes) -> CostlyEffect:
    """Return the costly effect that was written down.

    Raises:
        StoreError: if it is no JSON, of an unknown kind, or has a field missing or of the wrong type.
    """
    effect = _EFFECTS.decode(written)
    if not isinstance(effect, CostlyEffect):
        raise StoreError(f"an entry is {type(effect).__name__}, which costs nothing; restore a backup")
    return effect


def encode_rulings(rulings: Sequence[Ruling]) -> bytes:
    """Return *rulings* written down, as one JSON array.

    Raises:
        StoreError: if one holds what JSON cannot.
    """
    return b"[%b]" % b",".join(map(_written_ruling, rulings))


def _written_ruling(ruling: Ruling) -> bytes:
    return b'{"version":%d,"at_ms":%d,"events":%d,"given":%b,"effects":[%b]}' % (
        ruling.version,
        ruling.at_ms,
        ruling.events,
        b"null" if ruling.given is None else _INPUTS.encode(ruling.given),
        b",".join(map(_EFFECTS.encode, ruling.effects)),
    )


def decode_rulings(written: bytes) -> tuple[Ruling, ...]:
    """Return the rulings that were written down.

    Raises:
        StoreError: if they are no JSON, or hold an input or an effect that cannot be read.
    """
    try:
        read = _RULINGS.decode(written)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"an entry is not a kept ruling: {error}; restore a backup") from error
    return tuple(
        Ruling(
            version=each.version,
            at_ms=each.at_ms,
            given=None if bytes(each.given) == b"null" else _INPUTS.decode(bytes(each.given)),
            events=each.events,
            effects=tuple(_EFFECTS.decode(bytes(effect)) for effect in each.effects),
        )
        for each in read
    )
