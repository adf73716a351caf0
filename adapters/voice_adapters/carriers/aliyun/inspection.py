"""What Aliyun tells before the first call: whether the key is taken. Its interface tells nothing of numbers."""

from typing import Final

import attrs

from voice_adapters.carriers.aliyun.client import AliyunClient
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.carrier_inspection import AccountProblem, AccountSeen, CarrierInspection

__all__ = ("AliyunInspection",)

_NO_CALL: Final = "0^0"
_NOTICE: Final = "11010000138001"
"""The product 语音通知, by which details of calls are asked for."""
_NOT_US: Final = ("Signature", "IncompleteSignature", "Invalid", "isp.", "isv.ACCOUNT", "isv.PRODUCT")
"""How codes begin that say that this key may not ask; others are about the call that never was."""
_POOR: Final = frozenset({"isv.OUT_OF_SERVICE", "isv.AMOUNT_NOT_ENOUGH"})


@attrs.frozen
class AliyunInspection(CarrierInspection):
    """Looks at the account of a client."""

    client: AliyunClient

    async def account(self) -> AccountSeen:
        """Ask for the details of a call that never was; see the port. Any answer but a refused key proves the key."""
        day_ms = str(self.client.clock.now_ms())
        parameters = {"CallId": _NO_CALL, "ProdId": _NOTICE, "QueryDate": day_ms}
        try:
            answer = await self.client.read("QueryCallDetailByCallId", parameters)
        except CarrierError as error:
            if not error.code or error.code.startswith(_NOT_US) or error.retryable:
                raise
            poor = (AccountProblem.NO_CREDIT,) if error.code in _POOR else ()
            return AccountSeen(problems=poor)
        return AccountSeen(server_ms=answer.date_ms)
