"""Carries out documents on one leg, element by element, as Plivo does."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import anyio

from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.gathering import Gathering
from voice_contracts.twins.keys import press
from voice_contracts.twins.plivo.dialling import dial
from voice_contracts.twins.plivo.endings import Ending, LegStatus
from voice_contracts.twins.plivo.get_input import fields_of, interim_fields, plan_of
from voice_contracts.twins.plivo.leg import Leg
from voice_contracts.twins.plivo.notices import Fields
from voice_contracts.twins.plivo.pages import Jump, Origin, Page, jump_to, note_problems, open_page
from voice_contracts.twins.plivo.stream_element import stream_order
from voice_contracts.twins.plivo.streaming import carry_stream
from voice_contracts.twins.plivo.switch import Switch
from voice_contracts.twins.sound import hum

__all__ = ("Interpreter",)

_OURS = "Answer XML"
_REFUSED = {"busy": Ending(3010, _OURS), "rejected": Ending(3020, _OURS)}
_HUNG_UP, _RAN_OUT, _SCHEDULED = Ending(4000, _OURS), Ending(4010), Ending(6000)
_UNANSWERED = ("Hangup", "Wait")
"""Elements that can come before the call is answered."""

Next: TypeAlias = Jump | Ending | None
"""What comes after an element: another document, the end, or (None) the next element."""


class Interpreter:
    """One leg's reader of documents."""

    def __init__(self, switch: Switch, leg: Leg) -> None:
        self._switch = switch
        self._leg = leg

    async def run(self, first: Jump) -> Ending:
        """Carry out *first* and everything that it leads to, and return how the call ends.

        Transfers replace what is being carried out.
        """
        target: Jump | Ending = first
        while isinstance(target, Jump):
            target = self._transfer() or target
            async with self._replaceable():
                target = await self._carry_out(target)
            target = self._transfer() or target
        return target

    @asynccontextmanager
    async def _replaceable(self) -> AsyncIterator[None]:
        with anyio.CancelScope() as scope:
            self._leg.document = scope
            yield

    def _transfer(self) -> Jump | None:
        to, self._leg.transfer = self._leg.transfer, None
        return Jump(to, Origin.TRANSFER, (("Event", "Redirect"),)) if to else None

    async def _carry_out(self, target: Jump) -> Jump | Ending:
        try:
            page = await open_page(self._switch, self._leg, target)
        except DocumentRefusedError as error:
            return Ending(error.problems[0].code, "Error")
        for place, node in enumerate(page.root.children):
            try:
                last = place == len(page.root.children) - 1
                following = await self._element(page, node, last=last)
            except DocumentRefusedError as error:
                note_problems(self._switch, self._leg, error)
                return Ending(page.origin.invalid, "Error")
            if following is not None:
                return following
        self._leg.answer()
        return _RAN_OUT

    async def _element(self, page: Page, node: Node, *, last: bool) -> Next:
        if node.tag not in _UNANSWERED:
            self._leg.answer()
        following: Next = None
        match node.tag:
            case "Hangup":
                following = self._hang_up(node, last=last)
            case "Speak" | "Play" | "Wait" | "DTMF":
                await self._sound(page, node)
            case "GetInput":
                following = await self._get_input(page, node)
            case "Redirect":
                event = (("Event", "Redirect"),)
                following = jump_to(node.text, node.get("method", "POST"), Origin.REDIRECT, event)
            case "Stream":
                await self._stream(page, node)
            case "Dial":
                fields = await dial(self._switch, self._leg, node, page.origin)
                following = self._action(node, fields)
            case _:
                raise _not_carried_out(page, node.tag)
        return following

    def _hang_up(self, node: Node, *, last: bool) -> Ending | None:
        if node.get("schedule") and not last:
            assert self._leg.tasks is not None
            self._leg.tasks.start_soon(_end_after, self._leg, node.seconds("schedule", 0))
            return None
        if self._leg.status is LegStatus.RINGING:
            return _REFUSED[node.get("reason", "rejected")]
        return _HUNG_UP

    async def _sound(self, page: Page, node: Node) -> None:
        if node.tag == "Wait":
            if "true" in (node.get("silence"), node.get("beep")):
                raise _not_carried_out(page, "Wait for silence or a beep")
            await anyio.sleep(node.seconds("length", 1))
            return
        if node.tag == "DTMF":
            # Plivo may go on while the keys sound; the twin's line carries one sound at a time.
            await press(self._leg.line, node.text)
            return
        if node.tag == "Speak" and not node.spoken:
            await anyio.sleep(_break_seconds(node))
            return
        # What a URL holds is not fetched: the ear notes the URL, and it sounds as long as it takes to say.
        kind = "say" if node.tag == "Speak" else "play"
        audio = self._switch.speak(node.spoken) if kind == "say" else hum(node.text)
        times = node.seconds("loop", 1)
        while True:
            await self._leg.line.play_out(kind, node.spoken, audio, node.attributes)
            times -= 1
            if times == 0:
                return

    async def _get_input(self, page: Page, node: Node) -> Next:
        gathering = Gathering(plan_of(node), self._interim(node))
        self._leg.line.add(gathering)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._prompt, page, node, gathering)
                await gathering.finished()
                tasks.cancel_scope.cancel()
        finally:
            self._leg.line.remove(gathering)
        if not gathering.result:
            return None
        return self._action(node, fields_of(gathering.result))

    async def _prompt(self, page: Page, node: Node, gathering: Gathering) -> None:
        with anyio.CancelScope() as prompt:
            gathering.on_touch = prompt.cancel
            for child in node.children:
                await self._sound(page, child)
        gathering.prompt_is_over()

    def _interim(self, node: Node) -> Callable[[str], None]:
        url, numbers = node.get("interimSpeechResultsCallback"), itertools.count(1)
        if not url:
            return lambda _: None
        told = jump_to(url, node.get("interimSpeechResultsCallbackMethod", "POST"), Origin.ACTION).to
        return lambda text: self._switch.courier.tell(self._leg, told, interim_fields(text, next(numbers)))

    async def _stream(self, page: Page, node: Node) -> None:
        if self._leg.stream_id:
            raise DocumentRefusedError((Problem(page.origin.invalid, "a call has one Stream"),))
        plan, told = stream_order(node, self._switch.new_uuid(), page.origin)
        carried = (self._switch, self._leg, plan, told)
        if node.get("keepCallAlive") == "true":
            await carry_stream(*carried)
        else:
            assert self._leg.tasks is not None
            self._leg.stream_id = plan.stream_id
            self._leg.tasks.start_soon(carry_stream, *carried)

    def _action(self, node: Node, fields: Fields) -> Next:
        if not node.get("action"):
            return None
        jump = jump_to(node.get("action"), node.get("method", "POST"), Origin.ACTION, fields)
        if node.get("redirect") != "false":
            return jump
        self._switch.courier.tell(self._leg, jump.to, jump.fields)
        return None


def _break_seconds(node: Node) -> float:
    """Return how long a text without words takes: as long as its breaks."""
    times = (each.get("time", "0s") for each in node.walk() if each.tag == "break")
    return sum(float(time.removesuffix("ms")) / 1000 if "ms" in time else float(time[:-1]) for time in times)


def _not_carried_out(page: Page, what: str) -> DocumentRefusedError:
    return DocumentRefusedError((Problem(page.origin.invalid, f"the twin has no {what}"),))


async def _end_after(leg: Leg, seconds: float) -> None:
    await anyio.sleep(seconds)
    leg.end("document", _SCHEDULED)
