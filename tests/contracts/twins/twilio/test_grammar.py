"""Every rule of the grammar, with a document that it accepts and one that it refuses."""

import functools
import re
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

import pytest

from voice_contracts.twins.document import DocumentRefusedError
from voice_contracts.twins.grammar import Attribute, Element
from voice_contracts.twins.twilio.grammar import grammar, problems_of, read_twiml

LANGUAGE = grammar()

RULES = {
    "Gather timeout": ('<Gather timeout="0"/>', '<Gather timeout="-1"/>'),
    "Gather speechTimeout": ('<Gather speechTimeout="auto"/>', '<Gather speechTimeout="0"/>'),
    "Gather numDigits": ('<Gather numDigits="1"/>', '<Gather numDigits="0"/>'),
    "Gather finishOnKey": ('<Gather finishOnKey=""/>', '<Gather finishOnKey="##"/>'),
    "Gather method": ('<Gather method="GET"/>', '<Gather method="PUT"/>'),
    "Redirect method": ('<Redirect method="GET">/x</Redirect>', '<Redirect method="get">/x</Redirect>'),
    "Connect method": (
        '<Connect method="POST"><Stream url="/s"/></Connect>',
        '<Connect method="HEAD"><Stream url="/s"/></Connect>',
    ),
    "Pause length": ('<Pause length="1"/>', '<Pause length="0"/>'),
    "Say loop": ('<Say loop="0">x</Say>', '<Say loop="-1">x</Say>'),
    "Stream url": (
        '<Connect><Stream url="wss://a.example/s"/></Connect>',
        '<Connect><Stream url="wss://a.example/s?token=1"/></Connect>',
    ),
    "Parameter name": (
        '<Connect><Stream url="/s"><Parameter name="a" value="b"/></Stream></Connect>',
        '<Connect><Stream url="/s"><Parameter value="b"/></Stream></Connect>',
    ),
    "Parameter value": (
        '<Connect><Stream url="/s"><Parameter name="a" value=""/></Stream></Connect>',
        '<Connect><Stream url="/s"><Parameter name="a"/></Stream></Connect>',
    ),
    "Redirect text": ("<Redirect>/x</Redirect>", "<Redirect> </Redirect>"),
    "Say text or children": ('<Say><break time="1s"/></Say>', "<Say> </Say>"),
    "Say longest": (f"<Say>{'x' * 4096}</Say>", f"<Say>{'x' * 4097}</Say>"),
    "Reject last": ("<Reject/>", "<Reject/><Say>x</Say>"),
    "Hangup last": ("<Say>x</Say><Hangup/>", "<Hangup/><Say>x</Say>"),
    "Redirect last": ("<Say>x</Say><Redirect>/x</Redirect>", "<Redirect>/x</Redirect><Hangup/>"),
    "Connect one child": (
        '<Connect><Stream url="/s"/></Connect>',
        '<Connect><Stream url="/s"/><Stream url="/t"/></Connect>',
    ),
    "Stream track": (
        '<Connect><Stream url="/s" track="inbound_track"/></Connect>',
        '<Connect><Stream url="/s" track="both_tracks"/></Connect>',
    ),
}
CORNERS = {
    "a stopped stream needs no url": ('<Stop><Stream name="f"/></Stop>', "<Stop><Stream/>x</Stop>"),
    "a copied stream needs a url": ('<Start><Stream url="/s"/></Start>', '<Start><Stream name="f"/></Start>'),
    "a stream is secure": (
        '<Start><Stream url="wss://a/s"/></Start>',
        '<Start><Stream url="ws://a/s"/></Start>',
    ),
    "a copy may have both tracks": (
        '<Start><Stream url="/s" track="both_tracks"/></Start>',
        '<Start><Stream url="/s" track="all"/></Start>',
    ),
    "Polly says less": (
        f'<Say voice="Polly.Joanna">{"x" * 3000}</Say>',
        f'<Say voice="Polly.Joanna">{"x" * 3001}</Say>',
    ),
    "Google says more": (
        f'<Say voice="Google.en-US-Standard-A">{"x" * 5000}</Say>',
        f'<Say voice="Google.en-US-Standard-A">{"x" * 5001}</Say>',
    ),
    "voices have names": ('<Say voice="woman">x</Say>', '<Say voice="Bob">x</Say>'),
    "inputs are words": ('<Gather input="dtmf speech"/>', '<Gather input="dtmf,speech"/>'),
    "text has its place": ("<Say>x</Say>", "x"),
    "verbs have their place": ("<Gather><Say>x</Say></Gather>", "<Gather><Hangup/></Gather>"),
    "there is one root": ("", "</Response><Response>"),
    "names are case-sensitive": ("<Say>x</Say>", "<say>x</say>"),
}


def problems(inside: str) -> tuple[int, ...]:
    try:
        root = read_twiml(f"<Response>{inside}</Response>")
    except DocumentRefusedError as error:
        return tuple(problem.code for problem in error.problems)
    return tuple(problem.code for problem in problems_of(root))


def test_every_rule_has_its_pair() -> None:
    assert len(RULES) == len(LANGUAGE.rules)


@pytest.mark.parametrize(("good", "bad"), [*RULES.values(), *CORNERS.values()], ids=[*RULES, *CORNERS])
def test_a_rule_accepts_what_it_should_and_refuses_the_rest(good: str, bad: str) -> None:
    assert problems(good) == ()
    assert problems(bad) != ()


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<Say>", 12100),
        ("<Say> </Say>", 13520),
        (f"<Say>{'x' * 5000}</Say>", 13521),
        ("<Shout>x</Shout>", 12200),
    ],
)
def test_a_refusal_has_the_number_of_the_log(inside: str, code: int) -> None:
    assert problems(inside) == (code,)


def test_a_root_of_another_name_is_refused() -> None:
    (problem,) = problems_of(read_twiml("<Twiml/>"))

    assert "Response" in problem.text


def test_an_entity_bomb_is_refused() -> None:
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 20}'>" for n in range(9)
    )

    with pytest.raises(DocumentRefusedError):
        read_twiml(f"{bomb}]><Response><Say>&j;</Say></Response>")


def _attributes() -> Iterator[tuple[str, Element, str, Attribute]]:
    for name, element in LANGUAGE.nodes.items():
        for attribute, allowed in element.attributes.items():
            yield name, element, attribute, allowed


@pytest.mark.parametrize(
    ("name", "attribute", "words"),
    [
        (name, attribute, allowed.enum)
        for name, _, attribute, allowed in _attributes()
        if allowed.enum and not (name == "Stream" and attribute == "track")
    ],
)
def test_every_word_of_a_list_is_accepted_and_its_neighbour_refused(
    name: str, attribute: str, words: tuple[str, ...]
) -> None:
    assert [word for word in words if not _fit(name, attribute, word)] == []
    assert [word for word in words if _fit(name, attribute, word + "x")] == []


@pytest.mark.parametrize(
    ("name", "attribute", "kind"),
    [
        (name, attribute, allowed.type)
        for name, _, attribute, allowed in _attributes()
        if allowed.type in ("integer", "boolean") and not allowed.enum
    ],
)
def test_numbers_and_truths_are_told_from_other_words(name: str, attribute: str, kind: str) -> None:
    good, bad = ("7", "7.5") if kind == "integer" else ("true", "True")

    assert _fit(name, attribute, good)
    assert not _fit(name, attribute, bad)


@pytest.mark.parametrize("name", sorted(LANGUAGE.nodes))
def test_an_element_holds_its_children_and_nothing_else(name: str) -> None:
    element = LANGUAGE.nodes[name]
    allowed = {LANGUAGE.nodes[child].tag for child in element.children}

    for tag in sorted({node.tag for node in LANGUAGE.nodes.values()} | {"Unheard"}):
        complaint = f"{element.tag} may not hold {tag}"
        assert (complaint in _complaints(name, f"<{tag}/>")) is (tag not in allowed)


def _fit(name: str, attribute: str, value: str) -> bool:
    element = LANGUAGE.nodes[name]
    complaint = f"{element.tag} may not have {attribute}={value!r}"
    return complaint not in _complaints(name, "", f" {attribute}={quoteattr(value)}")


def _complaints(name: str, inside: str, attributes: str = "") -> list[str]:
    """Return what the grammar says about a document that leads down to the element *name*."""
    path = _path_to(name)
    tags = [LANGUAGE.nodes[step].tag for step in path]
    opening = "".join(f"<{tag}>" for tag in tags[:-1]) + f"<{tags[-1]}{attributes}>"
    closing = "".join(f"</{tag}>" for tag in reversed(tags))
    return [problem.text for problem in problems_of(read_twiml(opening + inside + closing))]


@functools.cache
def _path_to(name: str) -> list[str]:
    paths = [[LANGUAGE.root]]
    for path in paths:
        if path[-1] == name:
            return path
        paths += [[*path, child] for child in LANGUAGE.nodes[path[-1]].children if child not in path]
    raise AssertionError(f"{name} is out of reach")


def test_the_patterns_of_the_grammar_are_anchored() -> None:
    patterns = [rule.pattern for rule in LANGUAGE.rules if rule.pattern]

    assert all(re.compile(pattern) for pattern in patterns)
    assert problems('<Gather speechTimeout="auto5"/>') != ()
