"""Which Plivo XML is allowed, as data (`plivo_xml_grammar.json`), and everything that a document does against it."""

import functools

from voice_contracts.twins.document import DocumentRefusedError, Node, read_document
from voice_contracts.twins.grammar import Codes, Grammar, Judge, read_grammar

__all__ = ("grammar", "judged")


@functools.cache
def grammar() -> Grammar:
    """Return the grammar that ships with this package."""
    return read_grammar(__package__, "plivo_xml_grammar.json")


def judged(xml: bytes | str, code: int) -> Node:
    """Return the root of a document that may be carried out.

    Raises:
        DocumentRefusedError: with *code*, Plivo's number for bad XML of its origin, and everything that is wrong.
    """
    root = read_document(xml, code)
    if problems := Judge(grammar(), Codes(code, code, code)).problems_of(root):
        raise DocumentRefusedError(problems)
    return root
