"""What Twilio tells of an account and its numbers (www.twilio.com/docs/iam/api/account and …/phone-numbers/api)."""

import base64
import hmac
from collections.abc import Iterator, Mapping

import attrs

from voice_adapters.carriers.twilio.client import REGION_URLS, TwilioClient
from voice_adapters.carriers.twilio.owned_numbers import find_listed, find_owned, taker_of
from voice_adapters.carriers.twilio.signature import SIGNATURE_HEADER
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.carrier_inspection import (
    AccountProblem,
    AccountSeen,
    CarrierInspection,
    NumberSeen,
    RegionSeen,
)

__all__ = ("TwilioInspection",)


@attrs.frozen
class TwilioInspection(CarrierInspection):
    """Looks at the account of a client."""

    client: TwilioClient

    async def account(self) -> AccountSeen:
        """Read the account; see the port."""
        answer = await self.client.fetch()
        return AccountSeen(problems=tuple(_problems(answer.json_object())), server_ms=answer.date_ms)

    async def number(self, number: PhoneNumber) -> NumberSeen:
        """Read what the account says of *number*: it owns it, has verified it, or does not know it; see the port."""
        owned = await find_owned(self.client, number)
        if owned is not None:
            return NumberSeen(
                is_ours=True,
                webhook_url=str(owned.get("voice_url") or ""),
                method=str(owned.get("voice_method") or "POST"),
                leads_to=taker_of(owned),
            )
        verified = await find_listed(self.client, "OutgoingCallerIds", "outgoing_caller_ids", number)
        return NumberSeen(is_ours=False, may_call=verified is not None)

    async def home_region(self) -> RegionSeen | None:
        """Ask the other regions for the account; see the port. An address of one's own has no regions."""
        configured = next((name for name, url in REGION_URLS.items() if url == self.client.base_url), None)
        if configured is None:
            return None
        for region, url in REGION_URLS.items():
            if region != configured:
                try:
                    await attrs.evolve(self.client, base_url=url).fetch()
                except CarrierError:
                    continue
                return RegionSeen(setting="twilio.region", configured=configured, home=region)
        return None

    def signed(self, url: str, form: Mapping[str, str]) -> Mapping[str, str]:
        """Sign as Twilio does (www.twilio.com/docs/usage/webhooks/webhooks-security); see the port."""
        signed = url + "".join(name + value for name, value in sorted(form.items()))
        mac = hmac.new(self.client.auth_token.encode(), signed.encode(), "sha1").digest()
        return {SIGNATURE_HEADER: base64.b64encode(mac).decode()}


def _problems(account: Mapping[str, object]) -> Iterator[AccountProblem]:
    if account.get("status") in ("suspended", "closed"):
        yield AccountProblem.CLOSED
    if account.get("type") == "Trial":
        yield AccountProblem.TRIAL
