"""What Plivo tells of an account, its numbers and their applications (www.plivo.com/docs/account/api)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from voice_adapters.carriers.plivo.client import PlivoClient, plain_number
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, CarrierInspection, NumberSeen

__all__ = ("PlivoInspection",)

_NOT_FOUND = 404


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
        try:
            owned = (await self.client.read(f"Number/{plain_number(number)}/")).json_object()
        except CarrierError as error:
            if error.status == _NOT_FOUND:
                return NumberSeen(is_ours=False, may_call=False)
            raise
        application = await self._application(owned.get("application"))
        return NumberSeen(
            is_ours=True,
            webhook_url=str(application.get("answer_url") or ""),
            method=str(application.get("answer_method") or "POST"),
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

    async def _application(self, uri: object) -> Mapping[str, Any]:
        """Return the application at *uri* (`/v1/Account/…/Application/…/`); empty if there is none."""
        name = uri.rstrip("/").rpartition("/")[2] if isinstance(uri, str) else ""
        if not name.isalnum():
            return {}
        return (await self.client.read(f"Application/{name}/")).json_object()


def _problems(account: Mapping[str, Any]) -> Iterator[AccountProblem]:
    if account.get("account_type") == "developer":
        yield AccountProblem.TRIAL
    try:
        credit = float(str(account.get("cash_credits")))
    except ValueError:
        return
    if credit <= 0 and account.get("auto_recharge") is not True:
        yield AccountProblem.NO_CREDIT
