"""Where documents come from: asked for by webhook, and judged before they are carried out."""

from enum import IntEnum
from urllib.parse import urlsplit

import attrs

from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.http_client import NoAnswerError, Posted
from voice_contracts.twins.plivo.grammar import judged
from voice_contracts.twins.plivo.leg import Callback, Leg
from voice_contracts.twins.plivo.notices import Fields
from voice_contracts.twins.plivo.switch import Switch

__all__ = ("Jump", "Origin", "Page", "jump_to", "note_problems", "open_page")

_XML = ("text/xml", "application/xml")
_LONGEST_BYTES = 100 * 1024


class Origin(IntEnum):
    """Who names a document; the last digit of Plivo's error codes says so."""

    ANSWER = 1
    ACTION = 2
    TRANSFER = 3
    REDIRECT = 4

    @property
    def unreachable(self) -> int:
        """The code of a document that cannot be had."""
        return 7010 + self

    @property
    def invalid(self) -> int:
        """The code of a document that cannot be carried out."""
        return 8010 + self


@attrs.frozen
class Jump:
    """A document to ask for."""

    to: Callback
    origin: Origin
    fields: Fields = ()


@attrs.frozen
class Page:
    """A document that may be carried out, and who named it."""

    root: Node
    origin: Origin


def jump_to(url: str, method: str, origin: Origin, fields: Fields = ()) -> Jump:
    """Return the document at *url*.

    Raises:
        DocumentRefusedError: if the URL is not absolute.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DocumentRefusedError((Problem(origin.invalid, f"{url or 'no URL'} is not an absolute URL"),))
    return Jump(Callback(url, method), origin, fields)


async def open_page(switch: Switch, leg: Leg, jump: Jump) -> Page:
    """Return the document that *jump* names; the fallback URL is tried when the first one fails.

    Raises:
        DocumentRefusedError: if there is none that Plivo would carry out. The ledger has noted why.
    """
    try:
        return await _open(switch, leg, jump)
    except DocumentRefusedError as error:
        note_problems(switch, leg, error)
        fallback = leg.orders.fallback
        if fallback is None or jump.origin is not Origin.ANSWER or jump.to == fallback:
            raise
    return await open_page(switch, leg, attrs.evolve(jump, to=fallback))


def note_problems(switch: Switch, leg: Leg, error: DocumentRefusedError) -> None:
    """Write down why a document is refused."""
    for problem in error.problems:
        switch.ledger.violate(problem.code, problem.text, leg.uuid)


async def _open(switch: Switch, leg: Leg, jump: Jump) -> Page:
    try:
        posted = await switch.courier.ask(leg, jump.to, jump.fields)
    except NoAnswerError as error:
        # The courier has noted its own reason; this one says what became of the document.
        raise DocumentRefusedError((Problem(jump.origin.unreachable, str(error)),)) from error
    return Page(judged(_xml_of(posted, jump.origin), jump.origin.invalid), jump.origin)


def _xml_of(posted: Posted, origin: Origin) -> bytes:
    if posted.status not in range(200, 300):
        text = f"the document's URL said {posted.status}"
        raise DocumentRefusedError((Problem(origin.unreachable, text),))
    kind = posted.content_type.partition(";")[0].strip().lower()
    if kind not in _XML:
        raise DocumentRefusedError(
            (Problem(origin.invalid, f"a document may not be {kind or 'of no type'}"),)
        )
    if len(posted.body) > _LONGEST_BYTES:
        text = f"a document may have {_LONGEST_BYTES} bytes, this one has {len(posted.body)}"
        raise DocumentRefusedError((Problem(origin.invalid, text),))
    return posted.body
