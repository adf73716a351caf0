"""Handing a leg over to another number."""

from typing import Any

import anyio

from voice_contracts.twins.bridge import bridged
from voice_contracts.twins.callee import callee_of
from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.telnyx.leg import Ending, Leg, LegState, Orders
from voice_contracts.twins.telnyx.life import live_outgoing
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("hand_over",)


def hand_over(switch: Switch, leg: Leg, fields: dict[str, Any]) -> None:
    """Ring the other number; once it answers, join both, and end each with the other."""
    orders = Orders(
        webhook_url=fields.get("webhook_url") or leg.orders.webhook_url,
        client_state=fields.get("target_leg_client_state"),
        timeout_seconds=fields.get("timeout_secs", 30),
    )
    # Telnyx shows the number that was called, if no other is named.
    caller = fields.get("from") or leg.record.callee
    record = LegRecord(switch.new_name("v3:leg-"), "outgoing", caller, fields["to"], parent_id=leg.name)
    other = switch.new_leg(record, orders, callee_of(fields["to"], switch.account.callees), LegState.BRIDGING)
    assert leg.tasks is not None
    switch.tasks.start_soon(live_outgoing, switch, other)
    leg.tasks.start_soon(_join, leg, other)


async def _join(leg: Leg, other: Leg) -> None:
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_cancel_after, other.ended, tasks.cancel_scope)
            await other.answered.wait()
            for each in (leg, other):
                each.tell("call.bridged", {})
            with bridged(leg.line, other.line):
                await other.ended.wait()
    finally:
        if leg.ended.is_set():
            other.end("bridge", Ending("normal_clearing", "unknown", "200"))
    if other.record.answered_ms is not None:
        leg.end("bridge", Ending("normal_clearing", "unknown", "200"))


async def _cancel_after(event: anyio.Event, scope: anyio.CancelScope) -> None:
    await event.wait()
    scope.cancel()
