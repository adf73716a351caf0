"""The application that a number is assigned to: where its calls are asked about (www.plivo.com/docs/account/api)."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from voice_adapters.carriers.plivo.client import PlivoClient, plain_number
from voice_adapters.carriers.plivo.refusals import is_gone
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError

__all__ = ("NumberTaker", "find_taker", "redirect")

_DEFAULTED: Final = ("hangup_method", "fallback_method", "message_method", "log_incoming_messages")
"""What a change gives a default if it leaves it out; addresses stay as they are."""


@attrs.frozen
class NumberTaker:
    """What takes calls to a number of the account."""

    uri: str = ""
    """Its name in Plivo's words (`/v1/Account/…/Application/…/`); empty for nothing."""
    application: Mapping[str, Any] = attrs.field(factory=dict)
    """What the application says, if it is one."""

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.uri.rstrip("/").rpartition("/")[2]


async def find_taker(client: PlivoClient, number: PhoneNumber) -> NumberTaker | None:
    """Return what takes calls to a number; None if the number is not the account's.

    Raises:
        CarrierError: if Plivo refused or could not be reached.
    """
    try:
        owned = (await client.read(f"Number/{plain_number(number)}/")).json_object()
    except CarrierError as error:
        if is_gone(error):
            return None
        raise
    uri = owned.get("application")
    taker = NumberTaker(uri if isinstance(uri, str) else "")
    if not taker.name.isalnum():
        return taker  # something of another kind, such as a flow made in the console
    return attrs.evolve(taker, application=(await client.read(f"Application/{taker.name}/")).json_object())


async def redirect(client: PlivoClient, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
    """Have calls to a number ask *to_url*, if its application asks *from_url*; return whether they do now.

    See `Redirectable`. Other numbers of the application come along. What else was at *from_url* moves with it, and
    where nothing was set up, the end of calls is told too.

    Raises:
        CarrierError: if Plivo refused or could not be reached.
    """
    taker = await find_taker(client, number)
    if taker is None or not taker.application:
        return False
    application = taker.application
    held = str(application.get("answer_url") or "")
    if held != from_url:
        return held == to_url
    fields = {name: application[name] for name in _DEFAULTED if application.get(name) is not None}
    fields |= {"answer_url": to_url, "answer_method": "POST"}
    for name in ("hangup_url", "fallback_answer_url"):
        address = str(application.get(name) or "")
        if address and address.partition("?")[0] == from_url:
            fields[name] = to_url + address.removeprefix(from_url)
    if not from_url and not application.get("hangup_url"):
        fields |= {"hangup_url": to_url, "hangup_method": "POST"}
    await client.configure(f"Application/{taker.name}/", fields)
    return True
