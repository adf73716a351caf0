"""A stand-in for Example's network: it has no telephones, but it speaks the interface, and its people do as told."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
from anyio.abc import TaskGroup

from example_carrier.webhooks import SIGNATURE_HEADER, sign
from voice_contracts.twins.http import Answer, Request, json_answer

__all__ = ("Deliver", "Leg", "Network", "running_network")

Deliver = Callable[[bytes, Mapping[str, str]], Awaitable[None]]
"""Takes a webhook to its address: body and headers."""

_SECONDS_PER_LETTER = 0.02
_EPOCH_MS = 1_750_000_000_000


@attrs.define(eq=False)
class Leg:
    """One call as the network has it."""

    name: str
    caller: str
    callee: str
    inbound: bool
    reference: str | None = None
    answered: bool = False
    cause: str = ""
    """Why it is over; empty while it is not."""
    reading: anyio.CancelScope = attrs.field(factory=anyio.CancelScope)
    heard: list[str] = attrs.field(factory=list)
    """The texts that its people have heard to the end."""
    pressed: str = ""


class Network:
    """The interface's far end."""

    def __init__(self, secret: str, deliver: Deliver, tasks: TaskGroup) -> None:
        self.legs: dict[str, Leg] = {}
        self.broken = False
        """Whether every request is refused."""
        self.picks_up = False
        """Whether callees answer by themselves."""
        self._secret, self._deliver, self._tasks = secret, deliver, tasks
        self._numbers = itertools.count(1)
        self._mail, self._post = anyio.create_memory_object_stream[tuple[dict[str, Any], anyio.Event]](1000)
        tasks.start_soon(self._carry_mail)

    async def handle(self, request: Request) -> Answer:
        """Answer a request to the interface."""
        if self.broken:
            return json_answer(503, {"code": "E503", "message": "the network is out of order"})
        _, _, name, verb = f"{request.path}//".split("/")[:4]
        body = json.loads(request.body or b"{}")
        if not name:
            return json_answer(201, {"id": self._dial(body).name})
        leg = self.legs.get(name)
        if leg is None:
            return json_answer(404, {"code": "E404", "message": "there is no such call"})
        if request.method == "GET":
            return json_answer(200, {"alive": not leg.cause, "answered": leg.answered, "cause": leg.cause})
        if leg.cause:
            return json_answer(410, {"code": "E410", "message": "the call is over"})
        self._obey(leg, verb, body)
        return json_answer(200, {})

    async def call_in(self, caller: str, callee: str) -> Leg:
        """Have somebody call our number; returns once we were told."""
        leg = self._leg(caller, callee, inbound=True)
        await self.tell(leg, "rings").wait()
        return leg

    def pick_up(self, leg: Leg) -> None:
        """Have a leg answered."""
        leg.answered = True
        self.tell(leg, "answered")

    def end(self, leg: Leg, cause: str) -> None:
        """End a leg, once."""
        if not leg.cause:
            leg.cause = cause
            leg.reading.cancel()
            self.tell(leg, "ended", cause=cause)

    def tell(self, leg: Leg, kind: str, **more: Any) -> anyio.Event:
        """Send a webhook about a leg, behind those before it; returns what is set once it was delivered."""
        event = {
            "id": f"event-{next(self._numbers)}",
            "type": kind,
            "call": leg.name,
            "reference": leg.reference,
            "inbound": leg.inbound,
            "from": leg.caller,
            "to": leg.callee,
            "at": _EPOCH_MS + round(anyio.current_time() * 1000),
            **more,
        }
        delivered = anyio.Event()
        self._mail.send_nowait((event, delivered))
        return delivered

    def _dial(self, body: Mapping[str, Any]) -> Leg:
        leg = self._leg(body["from"], body["to"], inbound=False, reference=body["reference"])
        self.tell(leg, "rings")
        if self.picks_up:
            self.pick_up(leg)
        self._tasks.start_soon(self._give_up, leg, body["ringSeconds"])
        self._tasks.start_soon(self._cap, leg, body["maxSeconds"])
        return leg

    def _leg(self, caller: str, callee: str, *, inbound: bool, reference: str | None = None) -> Leg:
        leg = Leg(f"leg-{next(self._numbers)}", caller, callee, inbound, reference)
        self.legs[leg.name] = leg
        return leg

    async def _give_up(self, leg: Leg, ring_seconds: float) -> None:
        await anyio.sleep(ring_seconds)
        if not leg.answered:
            self.end(leg, "not answered")

    async def _cap(self, leg: Leg, max_seconds: float) -> None:
        await anyio.sleep(max_seconds)
        self.end(leg, "too long")

    def _obey(self, leg: Leg, verb: str, body: Mapping[str, Any]) -> None:
        match verb:
            case "answer":
                self.pick_up(leg)
            case "reject" | "hang-up":
                self.end(leg, "us")
            case "press":
                leg.pressed += body["digits"]
            case "silence":
                leg.reading.cancel()
            case "say":
                leg.reading.cancel()
                leg.reading = anyio.CancelScope()
                self._tasks.start_soon(self._read, leg, leg.reading, body)
            case _:
                pass  # its people are always listened to

    async def _read(self, leg: Leg, reading: anyio.CancelScope, body: Mapping[str, Any]) -> None:
        with reading:
            await anyio.sleep(len(body["text"]) * _SECONDS_PER_LETTER)
            leg.heard.append(body["text"])
            self.tell(leg, "read", speech=body["speech"], part=body["part"])

    async def _carry_mail(self) -> None:
        with self._mail, self._post:
            async for event, delivered in self._post:
                body = json.dumps(event).encode()
                await self._deliver(body, {SIGNATURE_HEADER: sign(self._secret, body)})
                delivered.set()


@asynccontextmanager
async def running_network(secret: str, deliver: Deliver) -> AsyncIterator[Network]:
    """Run a network for as long as the block lasts."""
    async with anyio.create_task_group() as tasks:
        yield Network(secret, deliver, tasks)
        tasks.cancel_scope.cancel()
