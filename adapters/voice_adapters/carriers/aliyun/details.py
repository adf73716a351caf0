"""Asking Aliyun what became of a call."""

from typing import Final

from voice_adapters.carriers.aliyun.client import AliyunClient
from voice_adapters.carriers.aliyun.statuses import line_status
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, LineStatus

__all__ = ("look_up",)

_CONVERSATION: Final = 11030000180001
_TEMPLATE: Final = 11010000138001
_UNDERSTOOD: Final = 200
_DAY_MS: Final = 86_400_000
_CHINA_MS: Final = 8 * 3_600_000
_LONGEST_CALL_MS: Final = 2 * 3_600_000


async def look_up(client: AliyunClient, carrier_call_id: CarrierCallId, *, now_ms: int) -> LineStatus:
    """Return what is kept of a call of the last two hours, of whichever product it is.

    Raises:
        CarrierError: if it could not be asked.
    """
    status = LineStatus(alive=None)
    for day_ms in _days(now_ms):
        for product_id in (_CONVERSATION, _TEMPLATE):
            status = await _look_up(client, carrier_call_id, product_id, day_ms)
            if status.alive is not None:
                return status
    return status


async def _look_up(
    client: AliyunClient, carrier_call_id: CarrierCallId, product_id: int, day_ms: int
) -> LineStatus:
    try:
        detail = await client.fetch_detail(carrier_call_id, product_id=product_id, day_ms=day_ms)
    except CarrierError as error:
        # An answer of this status was understood and looked up: there is no such call of this product.
        if error.status != _UNDERSTOOD:
            raise
        return LineStatus(alive=None, cause=error.code)
    return line_status(detail)


def _days(now_ms: int) -> tuple[int, ...]:
    """Return a moment of each day that the call may have begun on; days are China's."""
    earlier_ms = now_ms - _LONGEST_CALL_MS
    same = (now_ms + _CHINA_MS) // _DAY_MS == (earlier_ms + _CHINA_MS) // _DAY_MS
    return (now_ms,) if same else (now_ms, earlier_ms)
