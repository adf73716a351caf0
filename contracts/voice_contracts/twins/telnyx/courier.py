"""Signs and sends webhooks, repeats those that nobody took, and lets go wrong what should."""

import itertools
from datetime import UTC, datetime
from typing import Any

import anyio
import anyio.abc
import msgspec

from voice_contracts.twins.faults import Faults
from voice_contracts.twins.http_client import NoAnswerError, Post
from voice_contracts.twins.ledger import Ledger, WebhookSent
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.leg import Leg
from voice_contracts.twins.telnyx.signature import signed

__all__ = ("PATIENCE_SECONDS", "Courier")

PATIENCE_SECONDS = 2.0
"""How long Telnyx waits for an answer before it tells again."""

_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0
_NOT_TAKEN = 1


class Courier:
    """Carries webhooks for one account; they travel in *tasks*."""

    def __init__(
        self,
        account: TelnyxAccount,
        post: Post,
        ledger: Ledger,
        clock: TwinClock,
        faults: Faults,
        tasks: anyio.abc.TaskGroup,
    ) -> None:
        self._key = account.signing_key()
        self._connection_id = account.connection_id
        self._post = post
        self._ledger = ledger
        self._clock = clock
        self._faults = faults
        self._tasks = tasks
        self._numbers = itertools.count(1)

    def tell(self, leg: Leg, event_type: str, payload: dict[str, Any]) -> None:
        """Send an event of *leg*; the leg's own state goes with it unless *payload* has one."""
        said = {
            "call_control_id": leg.name,
            "call_leg_id": f"leg-{leg.name}",
            "call_session_id": f"session-{leg.record.parent_id or leg.name}",
            "connection_id": self._connection_id,
            "client_state": leg.client_state,
            "from": leg.record.caller,
            "to": leg.record.callee,
            **payload,
        }
        event = {
            "record_type": "event",
            "event_type": event_type,
            "id": f"00000000-0000-4000-8000-{next(self._numbers):012d}",
            "occurred_at": _moment(self._clock.now_ms()),
            "payload": said,
        }
        for delay_ms in self._faults.delivery(droppable=True).delays_ms:
            self._tasks.start_soon(self._deliver, leg, event, delay_ms)

    async def _deliver(self, leg: Leg, event: dict[str, Any], delay_ms: int) -> None:
        await anyio.sleep(delay_ms / 1000)
        for attempt in range(1, _ATTEMPTS + 1):
            url = leg.orders.webhook_url
            meta = {"attempt": attempt, "delivered_to": url}
            if await self._send(leg.name, url, msgspec.json.encode({"data": event, "meta": meta}), event):
                return
            await anyio.sleep(_PAUSE_SECONDS)
        self._ledger.violate(_NOT_TAKEN, f"nobody took {event['event_type']}", leg.name)

    async def _send(self, leg_id: str, url: str, body: bytes, event: dict[str, Any]) -> bool:
        at_ms = self._clock.now_ms()
        headers = {
            "content-type": "application/json",
            "user-agent": "telnyx-webhooks",
            **signed(self._key, body, at_ms),
        }
        began, status = anyio.current_time(), None
        try:
            status = (await self._post.send("POST", url, headers, body)).status
        except NoAnswerError:
            return False
        finally:
            fields = (("event_type", event["event_type"]), *_texts(event["payload"]))
            seconds = anyio.current_time() - began
            self._ledger.webhooks.append(WebhookSent(at_ms, leg_id, url, fields, status, seconds))
        return 200 <= status < 300


def _texts(payload: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in payload.items()
    )


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
