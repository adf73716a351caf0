"""Dial: a second leg, joined to the first (www.plivo.com/docs/voice/xml/dial)."""

import anyio
import attrs

from voice_contracts.twins.bridge import bridged
from voice_contracts.twins.callee import callee_of
from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.plivo.endings import Ending
from voice_contracts.twins.plivo.leg import Callback, Leg, Orders
from voice_contracts.twins.plivo.life import live_outbound
from voice_contracts.twins.plivo.notices import Fields
from voice_contracts.twins.plivo.numbers import read_number, written
from voice_contracts.twins.plivo.pages import Origin, jump_to
from voice_contracts.twins.plivo.switch import Switch

__all__ = ("dial",)

_RING_SECONDS = 120
_NOBODY = Callback("")
"""A second leg asks for no document."""


async def dial(switch: Switch, leg: Leg, node: Node, origin: Origin) -> Fields:
    """Call a number and join it to *leg*; return what the action is told, when the second leg has ended.

    Raises:
        DocumentRefusedError: if the number is none, or more than one number is to be called.
    """
    caller = read_number(node.get("callerId")) or leg.record.caller
    record = LegRecord(
        switch.new_uuid(), "outbound", caller, _callee(node, origin.invalid), parent_id=leg.uuid
    )
    orders = Orders(
        _NOBODY,
        ring_timeout_seconds=node.seconds("timeout", _RING_SECONDS),
        time_limit_seconds=node.seconds("timeLimit", 14_400),
    )
    child = switch.new_leg(record, orders, callee_of(record.callee, switch.account.callees))
    news = _News(switch, leg, child, _told(node, origin))
    try:
        await live_outbound(switch, child, lambda second: _join(leg, second, news))
    finally:
        if child.record.answered_ms is not None:
            news.tell("hangup")
    assert child.ending is not None
    return (
        ("DialRingStatus", "true" if child.record.answered_ms or child.ending.code != 2000 else "false"),
        ("DialStatus", child.status.value),
        ("DialHangupCause", child.ending.text),
        ("DialALegUUID", leg.uuid),
        ("DialBLegUUID", child.uuid),
    )


@attrs.frozen
class _News:
    """Who is told what becomes of the second leg."""

    switch: Switch
    leg: Leg
    child: Leg
    to: Callback | None

    def tell(self, action: str) -> None:
        """Tell one step: `answer`, `connected` or `hangup`."""
        if self.to is None:
            return
        fields = (
            ("Event", {"answer": "DialAnswer", "connected": "DialConnected"}.get(action, "DialHangup")),
            ("DialAction", action),
            ("DialBLegStatus", "hangup" if action == "hangup" else "answer"),
            ("DialALegUUID", self.leg.uuid),
            ("DialBLegUUID", self.child.uuid),
            ("DialBLegFrom", written(self.child.record.caller)),
            ("DialBLegTo", written(self.child.record.callee)),
        )
        self.switch.courier.tell(self.leg, self.to, fields)


def _told(node: Node, origin: Origin) -> Callback | None:
    url = node.get("callbackUrl")
    return jump_to(url, node.get("callbackMethod", "POST"), origin).to if url else None


async def _join(parent: Leg, child: Leg, news: _News) -> Ending:
    news.tell("answer")
    news.tell("connected")
    with bridged(parent.line, child.line):
        await anyio.sleep_forever()
    raise AssertionError("two people talk until somebody ends it")


def _callee(node: Node, code: int) -> str:
    if len(node.children) != 1 or node.children[0].tag != "Number":
        raise DocumentRefusedError((Problem(code, "the twin dials exactly one Number"),))
    text = node.children[0].text
    number = read_number(text)
    if number is None:
        raise DocumentRefusedError((Problem(code, f"Number may not be {text!r}"),))
    return number
