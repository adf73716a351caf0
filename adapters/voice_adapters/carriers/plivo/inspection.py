"""What Plivo tells of an account, its numbers and their applications (www.plivo.com/docs/account/api)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from voice_adapters.carriers.plivo.application import find_taker
from voice_adapters.carriers.plivo.client import PlivoClient
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, CarrierInspection, NumberSeen

__all__ = ("PlivoInspection",)


@attrs.frozen
class PlivoInspection(CarrierInspection):
    """Looks at the account of a client."""

    client: PlivoClient

    async def account(self) -> AccountSeen:
        """Read the account; see the port."""
        answer = await self.client.read()
        return AccountSeen(problems=tuple(_problems(answer.json_object())), server_ms=answer.date_ms)

    async def number(self, number: PhoneNumber) -> NumberSeen:
        """Read a number, and the application that its calls go to; see the port."""
        taker = await find_taker(self.client, number)
        if taker is None:
            return NumberSeen(is_ours=False, may_call=False)
        return NumberSeen(
            is_ours=True,
            webhook_url=str(taker.application.get("answer_url") or ""),
            method=str(taker.application.get("answer_method") or "POST"),
            leads_to=f"application {taker.name}" if taker.uri and not taker.application else "",
        )

    def signed(self, url: str, form: Mapping[str, str]) -> Mapping[str, str]:
        """Sign as Plivo does, version 3 (www.plivo.com/docs/voice/concepts/signature-validation); see the port."""
        nonce = secrets.token_urlsafe(12)
        fields = "".join(name + value for name, value in sorted(form.items()))
        signed = f"{url}?{fields}.{nonce}" if fields else f"{url}.{nonce}"
        mac = hmac.new(self.client.auth_token.encode(), signed.encode(), hashlib.sha256).digest()
        return {
            "x-plivo-signature-v3": base64.b64encode(mac).decode(),
            "x-plivo-signature-v3-nonce": nonce,
        }


def _problems(account: Mapping[str, Any]) -> Iterator[AccountProblem]:
    if account.get("account_type") == "developer":
        yield AccountProblem.TRIAL
    try:
        credit = float(str(account.get("cash_credits")))
    except ValueError:
        return
    if credit <= 0 and account.get("auto_recharge") is not True:
        yield AccountProblem.NO_CREDIT
