"""Where documents come from: asked for by webhook, or given with a request; judged before they are carried out."""

from typing import TypeAlias
from urllib.parse import urljoin

import attrs

from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.http_client import NoAnswerError, Posted
from voice_contracts.twins.twilio.grammar import problems_of, read_twiml
from voice_contracts.twins.twilio.leg import Leg, Update
from voice_contracts.twins.twilio.notices import Fields
from voice_contracts.twins.twilio.switch import Switch

__all__ = ("Inline", "Jump", "Page", "Target", "jump_to", "note_problems", "open_page", "target_of")

_NO_DOCUMENT = 11200
_BAD_URL = 11100
_BAD_TYPE = 12300
_XML = ("text/xml", "application/xml")


@attrs.frozen
class Jump:
    """A document to ask for."""

    url: str
    method: str = "POST"
    fields: Fields = ()


@attrs.frozen
class Inline:
    """A document that came with a request."""

    twiml: str


Target: TypeAlias = Jump | Inline


@attrs.frozen
class Page:
    """A document that may be carried out, and the URL that it came from; None if it came with a request."""

    root: Node
    url: str | None


def target_of(order: Update) -> Target:
    """Return the document that an order names; a URL wins over a document beside it."""
    if order.url is not None:
        return Jump(order.url, order.method)
    return Inline(order.twiml or "")


def jump_to(page: Page, url: str, method: str, fields: Fields = ()) -> Jump:
    """Return the document that *page* names by *url*; an empty one names the page itself.

    Raises:
        DocumentRefusedError: code 11100, if the page has no URL that a relative one could start from.
    """
    if page.url is None and "://" not in url:
        raise DocumentRefusedError((Problem(_BAD_URL, f"{url or 'no action'} is not an absolute URL"),))
    return Jump(urljoin(page.url or "", url), method, fields)


async def open_page(switch: Switch, leg: Leg, target: Target) -> Page:
    """Return the document that *target* names; the fallback URL is tried when it fails.

    Raises:
        DocumentRefusedError: if there is none that Twilio would carry out. The ledger has noted why.
    """
    try:
        return await _open(switch, leg, target)
    except DocumentRefusedError as error:
        note_problems(switch, leg, error)
        fallback = leg.orders.fallback_url
        if fallback is None or not isinstance(target, Jump) or target.url == fallback:
            raise
        code = str(error.problems[0].code)
        second = Jump(fallback, "POST", (("ErrorCode", code), ("ErrorUrl", target.url)))
    return await _open(switch, leg, second)


def note_problems(switch: Switch, leg: Leg, error: DocumentRefusedError) -> None:
    """Write down why a document is refused."""
    for problem in error.problems:
        switch.ledger.violate(problem.code, problem.text, leg.sid)


async def _open(switch: Switch, leg: Leg, target: Target) -> Page:
    if isinstance(target, Inline):
        return Page(_judged(target.twiml), None)
    try:
        posted = await switch.courier.ask(leg, target.url, target.fields, target.method)
    except NoAnswerError as error:
        # The courier has noted its own reason; this one says what became of the document.
        raise DocumentRefusedError((Problem(_NO_DOCUMENT, str(error)),)) from error
    return Page(_judged(_xml_of(posted)), target.url)


def _xml_of(posted: Posted) -> bytes:
    if posted.status not in range(200, 300):
        raise DocumentRefusedError((Problem(_NO_DOCUMENT, f"the document's URL said {posted.status}"),))
    kind = posted.content_type.partition(";")[0].strip().lower()
    if kind not in _XML:
        raise DocumentRefusedError((Problem(_BAD_TYPE, f"a document may not be {kind or 'of no type'}"),))
    return posted.body


def _judged(xml: bytes | str) -> Node:
    root = read_twiml(xml)
    if problems := problems_of(root):
        raise DocumentRefusedError(problems)
    return root
