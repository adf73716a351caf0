"""Holds a Plivo XML document against the recorded grammar. Written apart from any reader of ours on purpose."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ("faults_of", "parsed")

_GRAMMAR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "plivo" / "grammar.json").read_text(encoding="utf-8")
)
_NODES: dict[str, Any] = _GRAMMAR["nodes"]


def parsed(xml: str | bytes) -> ET.Element:
    """Return the root of a document."""
    return ET.fromstring(xml)  # noqa: S314 - our own documents


def faults_of(xml: str | bytes) -> list[str]:
    """Return everything that the grammar has against a document; Plivo's names of nodes are their tags."""
    root = parsed(xml)
    return list(_faults(root)) if root.tag == _GRAMMAR["root"] else [f"root {root.tag}"]


def _faults(element: ET.Element) -> Iterator[str]:
    name, node = element.tag, _NODES[element.tag]
    own_text = (element.text or "") + "".join(child.tail or "" for child in element)
    if own_text.strip() and not node["text"]:
        yield f"{name}: text {own_text!r}"
    for attribute, value in element.attrib.items():
        if attribute not in node["attributes"]:
            yield f"{name}: attribute {attribute}"
        elif not _fits(value, node["attributes"][attribute]):
            yield f"{name}: {attribute}={value!r}"
    for rule in _GRAMMAR["rules"]:
        if rule["node"] == name:
            yield from _rule_faults(element, rule)
    for place, child in enumerate(element):
        if child.tag not in node["children"]:
            yield f"{name}: child {child.tag}"
            continue
        ends = any(rule["node"] == child.tag and rule.get("last_reachable") for rule in _GRAMMAR["rules"])
        if ends and place < len(element) - 1:
            yield f"{name}: something after {child.tag}"
        yield from _faults(child)


def _fits(value: str, wanted: dict[str, Any]) -> bool:
    kind = wanted.get("type")
    return (
        ("enum" not in wanted or value in wanted["enum"])
        and ("pattern" not in wanted or re.fullmatch(wanted["pattern"], value) is not None)
        and (kind != "integer" or re.fullmatch("-?[0-9]+", value) is not None)
        and (kind != "boolean" or value in ("true", "false"))
        and int(wanted.get("min", 0)) <= (int(value) if "min" in wanted else 0)
        and (int(value) if "max" in wanted else 0) <= int(wanted.get("max", 0))
        and len(value) <= wanted.get("max_length", len(value))
    )


def _rule_faults(element: ET.Element, rule: dict[str, Any]) -> Iterator[str]:
    name, attribute = rule["node"], rule.get("attr")
    if any(element.get(other) != value for other, value in rule.get("when_attr", {}).items()):
        return
    if attribute is not None:
        value = element.get(attribute)
        if value is None and rule.get("required"):
            yield f"{name}: no {attribute}"
        if value is not None and not _fits(value, rule):
            yield f"{name}: {attribute}={value!r} against {rule.get('says', 'a rule')}"
        return
    text = "".join(element.itertext()).strip()
    if rule.get("text_required") and not text:
        yield f"{name}: empty"
    if rule.get("text_or_children_required") and not (text or len(element)):
        yield f"{name}: empty"
    if "text_pattern" in rule and not re.fullmatch(rule["text_pattern"], text):
        yield f"{name}: text {text!r}"
    if len(text) > rule.get("text_max", len(text)):
        yield f"{name}: {len(text)} characters"
