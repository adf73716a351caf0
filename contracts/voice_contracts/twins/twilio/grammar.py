"""Which TwiML is allowed, as data (`twiml_grammar.json`), and everything that a document does against it."""

import functools

from voice_contracts.twins.document import Node, Problem, read_document
from voice_contracts.twins.grammar import Codes, Grammar, Judge, read_grammar

__all__ = ("grammar", "problems_of", "read_twiml")

_NO_XML = 12100
_CODES = Codes(invalid=12200, nothing_to_say=13520, too_much_to_say=13521)
_LONGEST_SAY = (("Polly.", 3000), ("Google.", 5000))


@functools.cache
def grammar() -> Grammar:
    """Return the grammar that ships with this package."""
    return read_grammar(__package__, "twiml_grammar.json")


def read_twiml(xml: bytes | str) -> Node:
    """Return the root of a document.

    Raises:
        DocumentRefusedError: code 12100, if it is no XML.
    """
    return read_document(xml, _NO_XML)


def problems_of(root: Node) -> tuple[Problem, ...]:
    """Return everything that *root* does against the grammar; empty for a good document."""
    return Judge(grammar(), _CODES, _longest).problems_of(root)


def _longest(basic: int, node: Node) -> int:
    return next((most for start, most in _LONGEST_SAY if node.get("voice").startswith(start)), basic)
