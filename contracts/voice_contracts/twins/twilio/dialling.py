"""Dial: a second leg, joined to the first (www.twilio.com/docs/voice/twiml/dial)."""

import anyio

from voice_contracts.twins.bridge import bridged
from voice_contracts.twins.callee import callee_of
from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.ledger import LegRecord
from voice_contracts.twins.twilio.leg import Leg, LegStatus, Orders
from voice_contracts.twins.twilio.life import live_outbound
from voice_contracts.twins.twilio.notices import Fields
from voice_contracts.twins.twilio.numbers import is_number
from voice_contracts.twins.twilio.switch import Switch

__all__ = ("dial",)

_BAD_NUMBER = 13223
_NOT_CARRIED_OUT = 13200
_RING_SECONDS = 30


async def dial(switch: Switch, leg: Leg, node: Node) -> Fields:
    """Call a number and join it to *leg*; return what the action is told, when the second leg has ended.

    Raises:
        DocumentRefusedError: if the number is none, or more than one number is to be called.
    """
    number, noun = _callee(node)
    record = LegRecord(
        switch.new_sid("CA"),
        "outbound-dial",
        node.get("callerId") or leg.record.caller,
        number,
        parent_id=leg.sid,
    )
    orders = Orders(
        timeout_seconds=node.seconds("timeout", _RING_SECONDS),
        time_limit_seconds=node.seconds("timeLimit", 14_400),
        status_callback=noun.get("statusCallback") or None,
        status_callback_method=noun.get("statusCallbackMethod", "POST"),
        status_callback_events=frozenset(noun.get("statusCallbackEvent", "completed").split()),
    )
    child = switch.new_leg(record, orders, callee_of(number, switch.account.callees))
    await live_outbound(switch, child, lambda second: _join(leg, second))
    return _result(child)


async def _join(parent: Leg, child: Leg) -> None:
    with bridged(parent.line, child.line):
        await anyio.sleep_forever()


def _result(child: Leg) -> Fields:
    fields = [("DialCallSid", child.sid), ("DialCallStatus", child.status.value)]
    if child.status is LegStatus.COMPLETED:
        fields.append(("DialCallDuration", str(child.record.billed_seconds)))
    return tuple(fields)


def _callee(node: Node) -> tuple[str, Node]:
    nouns = [child for child in node.children if child.tag == "Number"]
    if len(nouns) != len(node.children) or len(nouns) > 1 or bool(nouns) == bool(node.text):
        raise DocumentRefusedError((Problem(_NOT_CARRIED_OUT, "the twin dials exactly one number"),))
    noun = nouns[0] if nouns else node
    if not is_number(noun.text):
        raise DocumentRefusedError((Problem(_BAD_NUMBER, "Dial: invalid phone number"),))
    return noun.text, noun
