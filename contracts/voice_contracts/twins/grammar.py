"""What a carrier's markup language allows, as data, and everything that a document does against it."""

import re
from collections.abc import Callable, Iterator
from importlib import resources

import attrs
import msgspec

from voice_contracts.twins.document import Node, Problem

__all__ = ("Attribute", "Codes", "Element", "Grammar", "Judge", "Rule", "read_grammar")


class Attribute(msgspec.Struct, frozen=True):
    """What one attribute may hold."""

    type: str = "string"
    enum: tuple[str, ...] | None = None
    pattern: str | None = None
    list: bool = False


class Element(msgspec.Struct, frozen=True):
    """What one element may hold; children are names of nodes, not tags."""

    tag: str
    text: bool
    attributes: dict[str, Attribute]
    children: tuple[str, ...]


class Rule(msgspec.Struct, frozen=True):
    """One further limit of the documentation."""

    node: str
    source: str
    says: str = ""
    attr: str | None = None
    min: int | None = None
    max: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    required: bool = False
    unless_parent: str | None = None
    when_parent: str | None = None
    when_attr: dict[str, str] | None = None
    text_required: bool = False
    text_or_children_required: bool = False
    text_max: int | None = None
    text_pattern: str | None = None
    last_reachable: bool = False
    one_child: bool = False


class Grammar(msgspec.Struct, frozen=True):
    """The whole language."""

    root: str
    nodes: dict[str, Element]
    rules: tuple[Rule, ...]


def read_grammar(package: str, name: str) -> Grammar:
    """Return the grammar that ships with *package* under *name*."""
    return msgspec.json.decode(resources.files(package).joinpath(name).read_bytes(), type=Grammar)


@attrs.frozen
class Codes:
    """The carrier's numbers for what can be wrong."""

    invalid: int
    nothing_to_say: int
    too_much_to_say: int


@attrs.frozen
class Judge:
    """Holds documents against a language."""

    language: Grammar
    codes: Codes
    longest: Callable[[int, Node], int] = lambda most, _: most
    """How many characters an element may really hold, where its attributes change that."""

    def problems_of(self, root: Node) -> tuple[Problem, ...]:
        """Return everything that *root* does against the grammar; empty for a good document."""
        wanted = self.language.nodes[self.language.root].tag
        if root.tag != wanted:
            return (self._wrong(f"the root is {root.tag}, not {wanted}"),)
        return tuple(self._problems(root, self.language.root, None))

    def _wrong(self, text: str) -> Problem:
        return Problem(self.codes.invalid, text)

    def _problems(self, node: Node, name: str, parent: str | None) -> Iterator[Problem]:
        yield from self._own_problems(node, self.language.nodes[name])
        for rule in self.language.rules:
            if rule.node == name and _applies(rule, node, parent):
                yield from self._broken(rule, node)
        names = {self._tag(child): child for child in self.language.nodes[name].children}
        for place, child in enumerate(node.children):
            if child.tag not in names:
                yield self._wrong(f"{node.tag} may not hold {child.tag}")
                continue
            if names[child.tag] not in self.language.nodes:
                yield self._wrong(f"what {child.tag} may hold is not known here")
                continue
            yield from self._problems(child, names[child.tag], name)
            if place < len(node.children) - 1 and self._ends_a_document(names[child.tag]):
                yield self._wrong(f"nothing after {child.tag} is ever carried out")

    def _own_problems(self, node: Node, element: Element) -> Iterator[Problem]:
        if node.text and not element.text:
            yield self._wrong(f"{node.tag} may hold no text")
        for attribute, value in node.attributes.items():
            if attribute not in element.attributes:
                yield self._wrong(f"{node.tag} has no attribute {attribute}")
            elif not _fits(value, element.attributes[attribute]):
                yield self._wrong(f"{node.tag} may not have {attribute}={value!r}")

    def _tag(self, name: str) -> str:
        known = self.language.nodes.get(name)
        # A language may name an element that it does not describe.
        return known.tag if known else name

    def _ends_a_document(self, name: str) -> bool:
        return any(rule.last_reachable and rule.node == name for rule in self.language.rules)

    def _broken(self, rule: Rule, node: Node) -> Iterator[Problem]:
        if rule.attr is not None:
            yield from self._broken_attribute(rule, node)
        if rule.text_required and not node.spoken:
            yield self._wrong(f"{node.tag} needs text")
        if rule.text_pattern is not None and not re.fullmatch(rule.text_pattern, node.text):
            yield self._wrong(f"{node.tag} may not hold {node.text!r}")
        if rule.text_or_children_required and not node.spoken and not node.children:
            yield Problem(self.codes.nothing_to_say, f"{node.tag} has nothing to say")
        if rule.text_max is not None and len(node.spoken) > (most := self.longest(rule.text_max, node)):
            text = f"{node.tag} may hold {most} characters and has {len(node.spoken)}"
            yield Problem(self.codes.too_much_to_say, text)
        if rule.one_child and len(node.children) != 1:
            yield self._wrong(f"{node.tag} must hold exactly one noun")

    def _broken_attribute(self, rule: Rule, node: Node) -> Iterator[Problem]:
        assert rule.attr is not None
        value = node.attributes.get(rule.attr)
        if value is None:
            if rule.required:
                yield self._wrong(f"{node.tag} needs {rule.attr}")
        elif _breaks(rule, value):
            yield self._wrong(f"{node.tag} may not have {rule.attr}={value!r}")


def _fits(value: str, attribute: Attribute) -> bool:
    words = value.split() if attribute.list else [value]
    return bool(words) and all(_word_fits(word, attribute) for word in words)


def _word_fits(word: str, attribute: Attribute) -> bool:
    if attribute.enum is not None:
        return word in attribute.enum
    if attribute.pattern is not None:
        return re.fullmatch(attribute.pattern, word) is not None
    if attribute.type == "integer":
        return re.fullmatch(r"-?[0-9]+", word) is not None
    return attribute.type != "boolean" or word in ("true", "false")


def _applies(rule: Rule, node: Node, parent: str | None) -> bool:
    if rule.when_attr is not None and any(node.get(name) != value for name, value in rule.when_attr.items()):
        return False
    if rule.when_parent is not None:
        return rule.when_parent == parent
    return rule.unless_parent is None or rule.unless_parent != parent


def _breaks(rule: Rule, value: str) -> bool:
    if rule.min is not None or rule.max is not None:
        # A number that is none breaks what its attribute may hold, if that is a number; a limit alone takes none.
        number = int(value) if re.fullmatch(r"-?[0-9]+", value) else None
        if number is None or (rule.min is not None and number < rule.min):
            return True
        if rule.max is not None and number > rule.max:
            return True
    return (
        (rule.pattern is not None and not re.fullmatch(rule.pattern, value))
        or (rule.enum is not None and value not in rule.enum)
        or (rule.max_length is not None and len(value.encode()) > rule.max_length)
    )
