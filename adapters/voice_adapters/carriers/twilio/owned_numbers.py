"""The account's numbers, and where calls to them go.

www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Mapping
from urllib.parse import quote

from voice_adapters.carriers.twilio.addresses import WebhookAddresses
from voice_adapters.carriers.twilio.client import TwilioClient
from voice_adapters.carriers.twilio.fields import Topic
from voice_domain.e164 import PhoneNumber

__all__ = ("find_listed", "find_owned", "redirect", "taker_of")

_FOLDER = "IncomingPhoneNumbers"


async def find_owned(client: TwilioClient, number: PhoneNumber) -> Mapping[str, object] | None:
    """Return what the account says of a number of its own; None if it has no such number.

    Raises:
        CarrierError: if Twilio refused or could not be reached.
    """
    return await find_listed(client, _FOLDER, "incoming_phone_numbers", number)


async def find_listed(
    client: TwilioClient, folder: str, name: str, number: PhoneNumber
) -> Mapping[str, object] | None:
    """Return the entry of *number* in a list of the account: *folder* is its address, *name* its key in the answer.

    Raises:
        CarrierError: if Twilio refused or could not be reached.
    """
    told = (await client.fetch(folder, PhoneNumber=number.e164)).json_object().get(name)
    found = told if isinstance(told, list) else []
    # Twilio finds numbers that only contain what was asked for.
    return next(
        (each for each in found if isinstance(each, dict) and each.get("phone_number") == number.e164), None
    )


def taker_of(owned: Mapping[str, object]) -> str:
    """Return what the number's settings prefer to its URL, in words; empty for nothing."""
    for key, words in (("trunk_sid", "trunk"), ("voice_application_sid", "TwiML application")):
        sid = owned.get(key)
        if isinstance(sid, str) and sid:
            return f"{words} {sid}"
    return ""


async def redirect(client: TwilioClient, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
    """Have calls to a number ask *to_url*, if they ask *from_url*; return whether they do now. See `Redirectable`.

    What is asked when that fails, and what is told of the end, moves with it if it was at *from_url*; where nothing
    was set up, the end is told too.

    Raises:
        CarrierError: if Twilio refused or could not be reached.
    """
    owned = await find_owned(client, number)
    if owned is None or taker_of(owned):
        return False
    held = str(owned.get("voice_url") or "")
    if held != from_url:
        return held == to_url
    form = [("VoiceUrl", to_url), ("VoiceMethod", "POST")]
    for name, field in (("status_callback", "StatusCallback"), ("voice_fallback_url", "VoiceFallbackUrl")):
        address = str(owned.get(name) or "")
        if address and address.partition("?")[0] == from_url:
            form.append((field, to_url + address.removeprefix(from_url)))
    if not from_url and not owned.get("status_callback"):
        form.append(("StatusCallback", WebhookAddresses(lambda: to_url).told(Topic.STATUS)))
    await client.configure(f"{_FOLDER}/{quote(str(owned.get('sid')), safe='')}", form)
    return True
