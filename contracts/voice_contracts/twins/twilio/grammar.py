"""Which TwiML is allowed, as data (`twiml_grammar.json`), and everything that a document does against it."""

import functools
import re
from collections.abc import Iterator
from importlib import resources

import msgspec

from voice_contracts.twins.twilio.document import Node, Problem

__all__ = ("Attribute", "Element", "Grammar", "Rule", "grammar", "problems_of")

_INVALID = 12200
_SAY_EMPTY = 13520
_SAY_TOO_LONG = 13521
_LONGEST_SAY = (("Polly.", 3000), ("Google.", 5000))


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
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    required: bool = False
    unless_parent: str | None = None
    when_parent: str | None = None
    text_required: bool = False
    text_or_children_required: bool = False
    text_max: int | None = None
    last_reachable: bool = False
    one_child: bool = False


class Grammar(msgspec.Struct, frozen=True):
    """The whole language."""

    root: str
    nodes: dict[str, Element]
    rules: tuple[Rule, ...]


@functools.cache
def grammar() -> Grammar:
    """Return the grammar that ships with this package."""
    data = resources.files(__package__).joinpath("twiml_grammar.json").read_bytes()
    return msgspec.json.decode(data, type=Grammar)


def problems_of(root: Node) -> tuple[Problem, ...]:
    """Return everything that *root* does against the grammar; empty for a good document."""
    language = grammar()
    if root.tag != language.nodes[language.root].tag:
        return (Problem(_INVALID, f"the root is {root.tag}, not Response"),)
    return tuple(_problems(root, language.root, None))


def _problems(node: Node, name: str, parent: str | None) -> Iterator[Problem]:
    language = grammar()
    element = language.nodes[name]
    if node.text and not element.text:
        yield Problem(_INVALID, f"{node.tag} may hold no text")
    for attribute, value in node.attributes.items():
        if attribute not in element.attributes:
            yield Problem(_INVALID, f"{node.tag} has no attribute {attribute}")
        elif not _fits(value, element.attributes[attribute]):
            yield Problem(_INVALID, f"{node.tag} may not have {attribute}={value!r}")
    for rule in language.rules:
        if rule.node == name and _applies(rule, parent):
            yield from _broken(rule, node)
    names = {language.nodes[child].tag: child for child in element.children}
    for place, child in enumerate(node.children):
        if child.tag not in names:
            yield Problem(_INVALID, f"{node.tag} may not hold {child.tag}")
            continue
        yield from _problems(child, names[child.tag], name)
        if place < len(node.children) - 1 and _ends_a_document(names[child.tag]):
            yield Problem(_INVALID, f"nothing after {child.tag} is ever carried out")


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


def _applies(rule: Rule, parent: str | None) -> bool:
    if rule.when_parent is not None:
        return rule.when_parent == parent
    return rule.unless_parent is None or rule.unless_parent != parent


def _ends_a_document(name: str) -> bool:
    return any(rule.last_reachable and rule.node == name for rule in grammar().rules)


def _broken(rule: Rule, node: Node) -> Iterator[Problem]:
    if rule.attr is not None:
        yield from _broken_attribute(rule, node)
    if rule.text_required and not node.spoken:
        yield Problem(_INVALID, f"{node.tag} needs text")
    if rule.text_or_children_required and not node.spoken and not node.children:
        yield Problem(_SAY_EMPTY, f"{node.tag} has nothing to say")
    if rule.text_max is not None and len(node.spoken) > (most := _longest(rule.text_max, node)):
        yield Problem(_SAY_TOO_LONG, f"{node.tag} may hold {most} characters and has {len(node.spoken)}")
    if rule.one_child and len(node.children) != 1:
        yield Problem(_INVALID, f"{node.tag} must hold exactly one noun")


def _longest(basic: int, node: Node) -> int:
    return next((most for start, most in _LONGEST_SAY if node.get("voice").startswith(start)), basic)


def _broken_attribute(rule: Rule, node: Node) -> Iterator[Problem]:
    assert rule.attr is not None
    value = node.attributes.get(rule.attr)
    if value is None:
        if rule.required:
            yield Problem(_INVALID, f"{node.tag} needs {rule.attr}")
        return
    wrong = (
        (rule.min is not None and re.fullmatch(r"-?[0-9]+", value) and int(value) < rule.min)
        or (rule.pattern is not None and not re.fullmatch(rule.pattern, value))
        or (rule.enum is not None and value not in rule.enum)
    )
    if wrong:
        yield Problem(_INVALID, f"{node.tag} may not have {rule.attr}={value!r}")
