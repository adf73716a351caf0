"""Shapes of requests: frozen classes whose fields say what JSON they take.

One declaration yields the check, with a sentence that names the field, and the JSON Schema. The checks are strict:
a number in quotes is no number, and nothing is converted but surrounding space, which is dropped.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, cast

import attrs

from voice_domain.errors import VoiceError

__all__ = (
    "Choice",
    "Flag",
    "InvalidParamsError",
    "ListOf",
    "Rule",
    "Text",
    "Whole",
    "field_names",
    "param",
    "read_shape",
    "shape_schema",
)

_Shape = TypeVar("_Shape")
_KEY = "voicecall"


class InvalidParamsError(VoiceError):
    """The parameters of a request are not what its method takes."""

    kind: ClassVar[str] = "invalid_params"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
        """The parameter that is wrong; empty when it is all of them."""


class Rule(Protocol):
    """What a field takes."""

    def read(self, name: str, value: Any) -> Any:
        """Return what *value* means.

        Raises:
            InvalidParamsError: if it is not allowed; the sentence begins with *name*.
        """
        ...

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of it."""
        ...


@attrs.frozen
class Text:
    """A text that is not blank, of at most *longest* characters after the space around it was dropped."""

    longest: int = 200

    def read(self, name: str, value: Any) -> str:
        """Return the text without the space around it."""
        if not isinstance(value, str):
            raise InvalidParamsError(name, f"{name} must be a string, not {_type_word(value)}")
        text = value.strip()
        if not text:
            raise InvalidParamsError(name, f"{name} required: it must not be blank")
        if len(text) > self.longest:
            raise InvalidParamsError(name, f"{name} is too long: at most {self.longest} characters")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidParamsError(
                name, f"{name} holds half of a character (a lone surrogate); send whole ones"
            )
        return text

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of it."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


@attrs.frozen
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, name: str, value: Any) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.words:
            words = ", ".join(self.words)
            raise InvalidParamsError(name, f"{name} must be one of {words}")
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of it."""
        return {"type": "string", "enum": list(self.words)}


@attrs.frozen
class Flag:
    """Yes or no."""

    def read(self, name: str, value: Any) -> bool:
        """Return it."""
        if not isinstance(value, bool):
            raise InvalidParamsError(name, f"{name} must be true or false, not {_type_word(value)}")
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of it."""
        return {"type": "boolean"}


@attrs.frozen
class Whole:
    """A whole number from *least* to *most*."""

    least: int
    most: int

    def read(self, name: str, value: Any) -> int:
        """Return the number."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidParamsError(name, f"{name} must be a whole number, not {_type_word(value)}")
        if not self.least <= value <= self.most:
            raise InvalidParamsError(name, f"{name} must be from {self.least} to {self.most}")
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of it."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@attrs.frozen
class ListOf:
    """A list of 1 to *longest* JSON objects."""

    longest: int

    def read(self, name: str, value: Any) -> list[object]:
        """Return the list."""
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise InvalidParamsError(name, f"{name} must be a list of objects")
        if not 1 <= len(value) <= self.longest:
            raise InvalidParamsError(name, f"{name} must hold 1 to {self.longest} objects")
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of it."""
        return {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": self.longest}


@attrs.frozen
class _Param:
    rule: Rule
    description: str
    wire: str
    needed: bool
    aliases: tuple[str, ...] = ()


def param(
    wire: str, rule: Rule, description: str, *, default: Any = attrs.NOTHING, aliases: tuple[str, ...] = ()
) -> Any:
    """Return a field that is called *wire* outside; without a default it must be given, null is as good as absent."""
    details = _Param(rule, description, wire, needed=default is attrs.NOTHING, aliases=aliases)
    return attrs.field(default=default, metadata={_KEY: details})


def _params(shape: type) -> list[tuple[str, _Param]]:
    return [(field.name, cast("_Param", field.metadata[_KEY])) for field in attrs.fields(shape)]


def field_names(shape: type) -> tuple[str, ...]:
    """Return the outside names of a shape's fields, in the order of positional parameters."""
    return tuple(details.wire for _, details in _params(shape))


def read_shape(shape: type[_Shape], given: object) -> _Shape:
    """Return *given*, named (an object) or positional (an array) parameters or None, as *shape*.

    Raises:
        InvalidParamsError: if something is missing, unknown or wrong.
    """
    named = _named(shape, given)
    known = {name for _, details in _params(shape) for name in (details.wire, *details.aliases)}
    for name in named:
        if name not in known:
            raise InvalidParamsError(name, _unknown(name, field_names(shape)))
    values: dict[str, Any] = {}
    for field, details in _params(shape):
        names = (details.wire, *details.aliases)
        name = next((name for name in names if named.get(name) is not None), details.wire)
        value = named.get(name)
        if value is not None:
            values[field] = details.rule.read(name, value)
        elif details.needed:
            raise InvalidParamsError(name, f"{name} required: {details.description}")
    return shape(**values)


def _named(shape: type, given: object) -> Mapping[str, Any]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return given
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise InvalidParamsError("", f"params must be an object or an array, not {_type_word(given)}")
    names = field_names(shape)
    if len(given) > len(names):
        raise InvalidParamsError("", f"params has {len(given)} values; at most {len(names)} are taken")
    return dict(zip(names, given, strict=False))


def _unknown(name: str, known: tuple[str, ...]) -> str:
    shown = name if len(name) <= 40 else name[:40] + "…"
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"unknown parameter {shown}; did you mean {near[0]}?"
    return f"unknown parameter {shown}; known: {', '.join(known) or 'none'}"


def shape_schema(shape: type) -> dict[str, Any]:
    """Return the JSON Schema of a shape's named parameters."""
    return {
        "type": "object",
        "properties": {
            details.wire: {**details.rule.schema(), "description": details.description}
            for _, details in _params(shape)
        },
        "required": [details.wire for _, details in _params(shape) if details.needed],
        "additionalProperties": False,
    }


def _type_word(value: object) -> str:
    if value is None:
        return "null"
    words = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array"}
    return words.get(type(value), "an object")
