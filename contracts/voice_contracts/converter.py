"""Turns JSON values into settings by their rules, noting everything that is wrong in one pass."""

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar, assert_never

import attrs

from voice_contracts.secret import Secret
from voice_contracts.secret_references import SecretReader, is_reference
from voice_contracts.settings_report import Notes, Path
from voice_contracts.settings_rules import (
    Choice,
    Flag,
    Free,
    Hidden,
    ListOf,
    MapOf,
    Number,
    Rule,
    Section,
    Text,
    Whole,
    fields_of,
)
from voice_contracts.settings_words import but_found, expected, nearest_key, nearest_word

__all__ = ("ABSENT", "Converter")


class _Absent:
    """No value: nothing was written, or what was written cannot be used."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
_T = TypeVar("_T")


@attrs.frozen
class Converter:
    """Reads values for one document; problems go to *notes*, references are resolved by *secrets*."""

    notes: Notes
    secrets: SecretReader
    installed: tuple[str, ...] = ()
    """The carriers that other packages bring, as far as the document may name them."""

    def section(self, holder: type[_T], value: Mapping[Any, Any], path: Path, *, is_open: bool = False) -> _T:
        """Build a *holder* from *value*; whatever is missing or wrong is the default."""
        given: dict[str, Any] = {}
        fields = fields_of(holder)
        for field in fields:
            if field.wire in value:
                read = self.value(field.rule, value[field.wire], (*path, field.wire))
                if read is not ABSENT:
                    given[field.name] = read
        if not is_open:
            known = {field.wire for field in fields}
            for key in value:
                if key not in known:
                    self._refuse_key(key, holder, path)
        return holder(**given)

    def value(self, rule: Rule, value: Any, path: Path) -> Any:
        """Return what *value* means by *rule*, or ABSENT after noting why it cannot be used."""
        if isinstance(rule, Text | Hidden | Choice) and is_reference(value):
            text = self.secrets.resolve(value, path, self.notes)
            return ABSENT if text is None else self.value(rule, text, path)
        if isinstance(rule, ListOf | MapOf | Section | Free):
            return self._compound(rule, value, path)
        return self._simple(rule, value, path)

    def _simple(self, rule: Flag | Whole | Number | Text | Hidden | Choice, value: Any, path: Path) -> Any:
        match rule:
            case Flag():
                return value if isinstance(value, bool) else self._refused(rule, value, path)
            case Whole():
                return self._whole(rule, value, path)
            case Number(least, most):
                fits = _is_number(value) and least <= value <= most
                return value if fits else self._refused(rule, value, path)
            case Text():
                return self._text(rule, value, path)
            case Hidden():
                fits = isinstance(value, str) and _is_encodable(value) and bool(value)
                return Secret(value) if fits else self._refused(rule, value, path)
            case Choice():
                return self._choice(rule, value, path)
        assert_never(rule)

    def _compound(self, rule: ListOf | MapOf | Section | Free, value: Any, path: Path) -> Any:
        is_fitting = isinstance(value, list | tuple if isinstance(rule, ListOf) else Mapping)
        if not is_fitting:
            return self._refused(rule, value, path)
        match rule:
            case ListOf(item_rule):
                items = [self.value(item_rule, item, (*path, place)) for place, item in enumerate(value)]
                return tuple(item for item in items if item is not ABSENT)
            case MapOf():
                return self._map(rule, value, path)
            case Section(holder, is_open):
                return self.section(holder, value, path, is_open=is_open)
            case Free():
                return ABSENT
        assert_never(rule)

    def _refused(self, rule: Rule, value: Any, path: Path) -> _Absent:
        self.notes.refuse(path, f"Expected {expected(rule)}{but_found(rule, value)}")
        return ABSENT

    def _refuse_key(self, key: Any, holder: type, path: Path) -> None:
        if not isinstance(key, str):
            self.notes.refuse(path, "Expected keys that are text")
            return
        nearest = self.notes.shown((*path, *nearest_key(key, holder, top=not path)))
        self.notes.refuse((*path, key), f"unknown key; the nearest known key is {nearest}")

    def _whole(self, rule: Whole, value: Any, path: Path) -> Any:
        if not _is_number(value) or value != int(value) or not rule.least <= value <= rule.most:
            return self._refused(rule, value, path)
        return int(value)

    def _text(self, rule: Text, value: Any, path: Path) -> Any:
        if not isinstance(value, str) or not _is_encodable(value):
            return self._refused(rule, value, path)
        if rule.blank_is_absent and not value.strip():
            return ABSENT
        if not value and not rule.empty:
            return self._refused(rule, value, path)
        if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
            return self._refused(rule, value, path)
        return value.rstrip(rule.suffix_stripped) if rule.suffix_stripped else value

    def _choice(self, rule: Choice, value: Any, path: Path) -> Any:
        if rule.with_installed:
            rule = attrs.evolve(rule, words=(*rule.words, *self.installed))
        if not isinstance(value, str):
            return self._refused(rule, value, path)
        if value in rule.words:
            return value
        if value in rule.ignored:
            return ABSENT
        new = dict(rule.old).get(value)
        if new is None:
            self.notes.refuse(path, f"Expected {expected(rule)}{nearest_word(value, rule)}")
            return ABSENT
        self.notes.warn(f'{self.notes.shown(path)}: "{value}" is an old word; write "{new}" instead')
        return new

    def _map(self, rule: MapOf, value: Mapping[Any, Any], path: Path) -> Any:
        read: dict[str, Any] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                self.notes.refuse(path, "Expected keys that are text")
            elif not key or (rule.key.pattern is not None and not re.fullmatch(rule.key.pattern, key)):
                self.notes.refuse((*path, key), f"Expected {expected(rule.key)} as the key")
            elif (meant := self.value(rule.value, item, (*path, key))) is not ABSENT:
                read[key] = meant
        return MappingProxyType(read)


def _is_number(value: Any) -> bool:
    # JSON5 knows NaN and Infinity; no setting does. A huge integer overflows what isfinite can take.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _is_encodable(text: str) -> bool:
    # Half of a surrogate pair can be written in JSON, but neither stored nor sent.
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
