"""What a setting may be: rules as data, declared once at the field of the class that holds the value.

The reader checks by them, the JSON Schema and the reference pages are written from them.
"""

import functools
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

__all__ = (
    "Choice",
    "Field",
    "Flag",
    "Free",
    "Hidden",
    "ListOf",
    "MapOf",
    "Number",
    "Rule",
    "Section",
    "Text",
    "Whole",
    "camel_case",
    "fields_of",
    "nested_fields",
    "setting",
)


@attrs.frozen
class Flag:
    """True or false, and nothing that merely looks like it."""


@attrs.frozen
class Whole:
    """A whole number from *least* to *most*; 3.0 is one, "3" and true are not."""

    least: int
    most: int


@attrs.frozen
class Number:
    """A finite number from *least* to *most*."""

    least: float
    most: float


@attrs.frozen
class Text:
    """Text that *pattern* (a regular expression that Python and ECMA-262 read alike) matches as a whole."""

    pattern: str | None = None
    expected: str = "text"
    """What the pattern asks for, in the words of an error; *expected_zh* says it in Chinese."""
    expected_zh: str = "文本"
    empty: bool = False
    """Whether `""` is a value."""
    blank_is_absent: bool = False
    """Whether blank text means the default."""
    suffix_stripped: str = ""
    """What is cut from the end, however often it stands there."""
    private: bool = False
    """Whether `repr` leaves it out, as it leaves out whole numbers."""


@attrs.frozen
class Hidden:
    """A secret, kept as `Secret`."""


@attrs.frozen
class Choice:
    """One of *words*; an old word is accepted with a warning and means the new one."""

    words: tuple[str, ...]
    old: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    """Words that others understand; they count as absent."""
    with_installed: bool = False
    """Whether the names of carriers that other packages bring are words too."""


@attrs.frozen
class ListOf:
    """A list, kept as a tuple."""

    item: "Rule"


@attrs.frozen
class MapOf:
    """An object whose keys are free as far as *key* allows."""

    key: Text
    value: "Rule"


@attrs.frozen
class Section:
    """An object with the fields of *holder*, an attrs class whose fields are `setting`s.

    It is closed, an unknown key is a problem, unless *open* says that others may keep keys of theirs in it.
    """

    holder: type
    open: bool = False


@attrs.frozen
class Free:
    """An object of somebody else, accepted as it is and not used."""


Rule: TypeAlias = Flag | Whole | Number | Text | Hidden | Choice | ListOf | MapOf | Section | Free


@attrs.frozen(kw_only=True)
class Field:
    """All there is to know about one setting."""

    name: str
    """The attribute's name."""
    wire: str
    """The key in the settings file."""
    rule: Rule
    default: Any
    doc: str
    doc_zh: str
    env: tuple[str, ...] = ()
    """Names of the environment variables that stand in for an absent key; the first that is set counts."""
    required: bool = False
    """Whether a carrier cannot work without it."""
    on_mock: Any = None
    """The default where the carrier is `mock`, if it is another one; JSON."""
    optional: bool = False
    """Whether an absent section is None and not a section of defaults."""
    shown_default: str = ""
    """How the reference pages show a default that depends on something; Markdown."""
    shown_default_zh: str = ""
    """The same in Chinese, where it has words."""


_DECLARATION = "voicecall.setting"


def setting(rule: Rule, default: Any = None, **declared: Any) -> Any:
    """Declare an attribute as a setting; *declared* are the fields of `Field`, `doc` and `doc_zh` at least."""
    metadata = {_DECLARATION: {"rule": rule, "default": default, **declared}}
    if isinstance(rule, Section) and not declared.get("optional", False):
        return attrs.field(factory=rule.holder, metadata=metadata)
    return attrs.field(default=default, metadata=metadata, repr=not _is_private(rule))


def _is_private(rule: Rule) -> bool:
    match rule:
        case ListOf(item):
            return _is_private(item)
        case MapOf(key, value):
            return key.private or _is_private(value)
        case _:
            return isinstance(rule, Text) and rule.private


def fields_of(holder: type) -> tuple[Field, ...]:
    """List the settings that *holder* declares, in its order."""
    return _fields(holder)


@functools.cache
def _fields(holder: type) -> tuple[Field, ...]:
    fields = []
    for attribute in attrs.fields(holder):
        if _DECLARATION not in attribute.metadata:
            continue  # made from settings, and not one itself
        declared: Mapping[str, Any] = attribute.metadata[_DECLARATION]
        fields.append(Field(**{"name": attribute.name, "wire": camel_case(attribute.name), **declared}))
    return tuple(fields)


@functools.cache
def nested_fields(holder: type) -> tuple[tuple[tuple[str, ...], Field], ...]:
    """List the settings of *holder* and of the sections in it, each with its keys from *holder* on."""
    found: list[tuple[tuple[str, ...], Field]] = []
    for field in fields_of(holder):
        found.append(((field.wire,), field))
        if isinstance(field.rule, Section):
            inner = nested_fields(field.rule.holder)
            found.extend(((field.wire, *path), nested) for path, nested in inner)
    return tuple(found)


def camel_case(name: str) -> str:
    """Turn an attribute's name into the file's spelling: `serve_port` is `servePort`, `from_` is `from`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)
