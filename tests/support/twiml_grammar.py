"""Holds a TwiML document against the recorded grammar. Written apart from the twin's reader on purpose."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ("faults_of", "parsed")

_GRAMMAR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "twilio" / "grammar.json").read_text(encoding="utf-8")
)
_LONGEST = {"Polly": 3000, "Google": 5000}


def parsed(xml: str | bytes) -> ET.Element:
    """Return the root of a document."""
    return ET.fromstring(xml)  # noqa: S314 - our own documents


def faults_of(xml: str | bytes) -> list[str]:
    """Return everything that the grammar has against a document."""
    root = parsed(xml)
    name = _GRAMMAR["root"]
    if root.tag != _GRAMMAR["nodes"][name]["tag"]:
        return [f"root {root.tag}"]
    return list(_faults(root, name, parent=""))


def _faults(element: ET.Element, name: str, *, parent: str) -> Iterator[str]:
    node = _GRAMMAR["nodes"][name]
    own_text = (element.text or "") + "".join(child.tail or "" for child in element)
    if own_text.strip() and not node["text"]:
        yield f"{name}: text {own_text!r}"
    for attribute, value in element.attrib.items():
        if attribute not in node["attributes"]:
            yield f"{name}: attribute {attribute}"
        else:
            yield from _value_faults(name, attribute, value, node["attributes"][attribute])
    for rule in _GRAMMAR["rules"]:
        if rule["node"] == name:
            yield from _rule_faults(element, rule, parent)
    by_tag = {_GRAMMAR["nodes"][child]["tag"]: child for child in node["children"]}
    for place, child in enumerate(element):
        if child.tag not in by_tag:
            yield f"{name}: child {child.tag}"
            continue
        is_last = place == len(element) - 1
        if not is_last and any(
            rule["node"] == by_tag[child.tag] and rule.get("last_reachable") for rule in _GRAMMAR["rules"]
        ):
            yield f"{name}: something after {child.tag}"
        yield from _faults(child, by_tag[child.tag], parent=name)


def _value_faults(name: str, attribute: str, value: str, wanted: dict[str, Any]) -> Iterator[str]:
    for word in value.split() if wanted.get("list") else [value]:
        kind = wanted.get("type")
        fits = (
            ("enum" not in wanted or word in wanted["enum"])
            and ("pattern" not in wanted or re.fullmatch(wanted["pattern"], word))
            and (kind != "integer" or re.fullmatch("-?[0-9]+", word))
            and (kind != "boolean" or word in ("true", "false"))
        )
        if not fits:
            yield f"{name}: {attribute}={word!r}"


def _rule_faults(element: ET.Element, rule: dict[str, Any], parent: str) -> Iterator[str]:
    if rule.get("unless_parent") == parent or rule.get("when_parent", parent) != parent:
        return
    name, attribute = rule["node"], rule.get("attr")
    text = "".join(element.itertext()).strip()
    if attribute is not None:
        value = element.get(attribute)
        if value is None:
            if rule.get("required"):
                yield f"{name}: no {attribute}"
        elif (
            ("min" in rule and int(value) < rule["min"])
            or ("pattern" in rule and not re.fullmatch(rule["pattern"], value))
            or ("enum" in rule and value not in rule["enum"])
        ):
            yield f"{name}: {attribute}={value!r} against {rule.get('says', 'a rule')}"
    if (rule.get("text_required") or rule.get("text_or_children_required")) and not (text or len(element)):
        yield f"{name}: empty"
    if "text_max" in rule:
        longest = _LONGEST.get(element.get("voice", "").partition(".")[0], rule["text_max"])
        if len(text) > longest:
            yield f"{name}: {len(text)} characters of {longest}"
    if rule.get("one_child") and len(element) != 1:
        yield f"{name}: {len(element)} children"
