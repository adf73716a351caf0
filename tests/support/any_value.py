"""Strategies for any value of the domain's frozen classes, without touching hypothesis' global table."""

import types
from enum import Enum
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from voice_domain.e164 import PhoneNumber

__all__ = ("any_of_class",)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**62), 2**62),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: _TEXT,
    type(None): st.none(),
    PhoneNumber: st.from_regex(r"\+[1-9][0-9]{1,14}", fullmatch=True).map(PhoneNumber),
}


def any_of_class(cls: type[Any], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for every value of an attrs class; *fixed* narrows single fields."""
    hints = get_type_hints(cls)
    fields = {a.name: fixed.get(a.name, _any_of(hints[a.name])) for a in attrs.fields(cls)}
    return st.builds(cls, **fields)


def _any_of(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, NewType):
        return _any_of(hint.__supertype__)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    arguments = get_args(hint)
    if get_origin(hint) in (types.UnionType, Union):
        return st.one_of(*map(_any_of, arguments))
    if get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(_any_of(arguments[0]), max_size=3).map(tuple)
        return st.tuples(*map(_any_of, arguments))
    return st.sampled_from(hint) if issubclass(hint, Enum) else any_of_class(hint)
