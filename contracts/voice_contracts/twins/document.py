"""A document of a carrier's markup language, read but not yet judged."""

from collections.abc import Iterator, Mapping
from typing import ClassVar
from xml.etree import ElementTree as ET

import attrs

from voice_domain.errors import VoiceError

__all__ = ("DocumentRefusedError", "Node", "Problem", "read_document")


@attrs.frozen
class Problem:
    """One thing that the carrier's log would hold against a document."""

    code: int
    """The carrier's own number for it."""
    text: str


class DocumentRefusedError(VoiceError):
    """The carrier would not carry out this document."""

    kind: ClassVar[str] = "document_refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        said = "; ".join(f"{problem.code} {problem.text}" for problem in problems)
        super().__init__(f"the document is refused: {said}")
        self.problems = problems


@attrs.frozen
class Node:
    """One element."""

    tag: str
    attributes: Mapping[str, str]
    text: str
    """Character data of its own, without that of its children; blank text counts as none."""
    spoken: str
    """All character data in it, in order."""
    children: tuple["Node", ...]

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute."""
        return self.attributes.get(name, default)

    def seconds(self, name: str, default: int) -> int:
        """Return an attribute that the grammar has found to be a whole number."""
        return int(self.attributes.get(name, default))

    def walk(self) -> Iterator["Node"]:
        """Yield this element and every element in it."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_document(xml: bytes | str, code: int) -> Node:
    """Return the root of a document.

    Raises:
        DocumentRefusedError: with *code*, if it is no XML.
    """
    try:
        # expat has refused entity bombs since 2.4, and what it reads here is our own gateway's document.
        root = ET.fromstring(xml)  # noqa: S314 - see the line above
    except (ET.ParseError, ValueError) as error:
        raise DocumentRefusedError((Problem(code, f"Document parse failure: {error}"),)) from error
    return _node(root)


def _node(element: ET.Element) -> Node:
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return Node(
        element.tag,
        {name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:"): v for name, v in element.items()},
        " ".join(piece.strip() for piece in pieces if piece.strip()),
        " ".join("".join(element.itertext()).split()),
        tuple(_node(child) for child in element),
    )
