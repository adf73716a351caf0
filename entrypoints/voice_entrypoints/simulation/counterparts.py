"""Finds the call that a request between the gateway and the carrier is about, whatever its dialect writes where."""

from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs
import msgspec

from voice_adapters.transports.http_library import httpx
from voice_contracts.twins.ledger import Ledger, LegRecord

__all__ = ("Counterparts", "counterpart_of")


def counterpart_of(leg: LegRecord) -> str:
    """Return the number at the other end of *leg*, E.164: some carriers leave the plus sign out."""
    return f"+{leg.counterpart.removeprefix('+')}"


@attrs.frozen
class Counterparts:
    """Knows calls by the number of their counterpart, in which no two are alike."""

    ledger: Callable[[], Ledger]
    """What the carrier's twin has written down."""
    phones: Collection[str]
    """Those of the plan, E.164."""

    def of_leg(self, name: str) -> str:
        """Return the counterpart of a leg by the carrier's name for it; empty for a leg that does not exist."""
        try:
            return counterpart_of(self.ledger().leg(name))
        except KeyError:
            return ""

    async def of_request(self, request: httpx.Request) -> str:
        """Return whose call a request is about: that of the first leg or number which it names; empty for none."""
        for word in (*_of_url(request.url), *_of_body(await request.aread())):
            phone = f"+{word.removeprefix('+')}"
            if phone in self.phones:
                return phone
            if found := self.of_leg(word):
                return found
        return ""


def _of_url(url: httpx.URL) -> Iterator[str]:
    for segment in url.raw_path.decode().partition("?")[0].split("/"):
        yield unquote(segment).removesuffix(".json")
    for _, value in url.params.multi_items():
        yield value


def _of_body(body: bytes) -> Iterator[str]:
    try:
        fields: Any = msgspec.json.decode(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
    except ValueError:
        return
    yield from (value for value in fields.values() if isinstance(value, str))
