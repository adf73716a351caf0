"""Examples of what adapters have to carry: one value of every class of a closed union, no field left empty."""

import types
from enum import Enum
from typing import Any, Final, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.effects import CostlyEffect
from voice_domain.events import CallEvent, Ended, Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

__all__ = ("every_effect", "every_event", "opened")

_SIMPLE: Final[dict[Any, Any]] = {
    bool: True,
    int: 1_760_000_000_123,
    float: 0.875,
    PhoneNumber: PhoneNumber("+861380013800"),
}


def opened(
    call_id: CallId,
    *,
    at_ms: int = 1_000,
    direction: Direction = Direction.OUTBOUND,
    carrier_call_id: CarrierCallId | None = None,
) -> Opened:
    """Return the first event of a call."""
    return Opened(
        at_ms=at_ms,
        call_id=call_id,
        carrier="mock",
        direction=direction,
        caller=PhoneNumber("+15550001234"),
        callee=PhoneNumber("+15550005678"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        carrier_call_id=carrier_call_id,
    )


def every_event(call_id: CallId) -> tuple[CallEvent, ...]:
    """Return one event of every kind: how the call began first, its end last."""
    first = attrs.evolve(_sample_of(Opened), call_id=call_id)
    between = [_sample_of(cls) for cls in get_args(CallEvent) if cls not in (Opened, Ended)]
    return (first, *between, _sample_of(Ended))


def every_effect() -> tuple[CostlyEffect, ...]:
    """Return one costly effect of every kind."""
    return tuple(_sample_of(cls) for cls in get_args(CostlyEffect))


def _sample_of(cls: type[Any]) -> Any:
    hints = get_type_hints(cls)
    return cls(**{field.name: _sample(hints[field.name], field.name) for field in attrs.fields(cls)})


def _sample(hint: Any, name: str) -> Any:
    if isinstance(hint, NewType):
        return _sample(hint.__supertype__, name)
    if hint is str:
        return f'{name}: "你好" \\ \n\x00 😀'
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    arguments = get_args(hint)
    if get_origin(hint) in (types.UnionType, Union):
        return _sample(next(each for each in arguments if each is not type(None)), name)
    if get_origin(hint) is tuple:
        return tuple(_sample(each, name) for each in arguments if each is not Ellipsis)
    return list(hint)[-1] if issubclass(hint, Enum) else _sample_of(hint)
