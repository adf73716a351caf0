"""Carries out documents on one leg, verb by verb, as Twilio does."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import anyio
import attrs

from voice_contracts.twins.document import DocumentRefusedError, Node, Problem
from voice_contracts.twins.gathering import Gathering
from voice_contracts.twins.keys import press
from voice_contracts.twins.sound import hum
from voice_contracts.twins.twilio.dialling import dial
from voice_contracts.twins.twilio.gather import fields_of, plan_of
from voice_contracts.twins.twilio.leg import Leg, LegStatus, Update
from voice_contracts.twins.twilio.life import answer
from voice_contracts.twins.twilio.notices import Fields
from voice_contracts.twins.twilio.pages import (
    Inline,
    Jump,
    Page,
    Target,
    jump_to,
    note_problems,
    open_page,
    target_of,
)
from voice_contracts.twins.twilio.streaming import connect_stream, start_stream, stop_stream
from voice_contracts.twins.twilio.switch import Switch
from voice_contracts.twins.words import words_of

__all__ = ("APOLOGY", "Interpreter", "Over")

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
"""What a caller hears when our document cannot be had or carried out."""

_NOT_CARRIED_OUT = 12200
_REJECTED = {"busy": (LegStatus.BUSY, 486), "rejected": (LegStatus.NO_ANSWER, 603)}


@attrs.frozen
class Over:
    """The call ends here."""


Next: TypeAlias = Target | Over | None
"""What comes after a verb: another document, the end, or (None) the next verb."""


class Interpreter:
    """One leg's reader of documents."""

    def __init__(self, switch: Switch, leg: Leg) -> None:
        self._switch = switch
        self._leg = leg

    async def run(self, first: Target) -> None:
        """Carry out *first* and everything that it leads to; updates replace what is being carried out."""
        target: Next = first
        while isinstance(target, Jump | Inline):
            target = self._update() or target
            async with self._replaceable():
                target = await self._carry_out(target)
            target = self._update() or target

    @asynccontextmanager
    async def _replaceable(self) -> AsyncIterator[None]:
        with anyio.CancelScope() as scope:
            self._leg.document = scope
            yield

    def _update(self) -> Target | None:
        update: Update | None = self._leg.update
        self._leg.update = None
        return target_of(update) if update else None

    async def _carry_out(self, target: Target) -> Next:
        try:
            page = await open_page(self._switch, self._leg, target)
        except DocumentRefusedError:
            return await self._apologise()
        for verb in page.root.children:
            try:
                following = await self._verb(page, verb)
            except DocumentRefusedError as error:
                note_problems(self._switch, self._leg, error)
                return await self._apologise()
            if following is not None:
                return following
        self._answer()
        return Over()

    async def _apologise(self) -> Over:
        self._answer()
        await self._leg.line.play_out("say", APOLOGY, self._switch.speak(APOLOGY))
        return Over()

    def _answer(self) -> None:
        answer(self._leg)

    async def _verb(self, page: Page, node: Node) -> Next:
        if node.tag == "Reject":
            return self._reject(node)
        if node.tag != "Pause":
            # Only a pause and a rejection leave a call unanswered.
            self._answer()
        following: Next = None
        match node.tag:
            case "Say" | "Play" | "Pause":
                await self._sound(node)
            case "Gather":
                following = await self._gather(page, node)
            case "Redirect":
                following = jump_to(page, node.text, node.get("method", "POST"))
            case "Hangup":
                following = Over()
            case "Connect" | "Start" | "Stop":
                following = await self._stream(page, node)
            case "Dial":
                following = self._action(page, node, await dial(self._switch, self._leg, node))
            case _:
                raise DocumentRefusedError((Problem(_NOT_CARRIED_OUT, f"the twin has no {node.tag}"),))
        return following

    def _reject(self, node: Node) -> Over:
        if self._leg.status is LegStatus.RINGING:
            status, self._leg.sip_code = _REJECTED[node.get("reason", "rejected")]
            self._leg.end("document", status)
        return Over()

    async def _sound(self, node: Node) -> None:
        if node.tag == "Pause":
            await anyio.sleep(node.seconds("length", 1))
            return
        if node.tag == "Play" and node.get("digits"):
            await press(self._leg.line, node.get("digits"))
            return
        # What a URL holds is not fetched: the ear notes the URL, and it sounds as long as it takes to say.
        kind = "say" if node.tag == "Say" else "play"
        audio = self._switch.speak(node.spoken) if kind == "say" else hum(node.text)
        times = node.seconds("loop", 1)
        while True:
            await self._leg.line.play_out(kind, node.spoken, audio, node.attributes)
            times -= 1
            if times == 0:
                return

    async def _gather(self, page: Page, node: Node) -> Next:
        gathering = Gathering(plan_of(node), self._partials(page, node))
        self._leg.line.add(gathering)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._prompt, node, gathering)
                await gathering.finished()
                tasks.cancel_scope.cancel()
        finally:
            self._leg.line.remove(gathering)
        if not gathering.result and node.get("actionOnEmptyResult") != "true":
            return None
        fields = fields_of(node, gathering.result)
        return jump_to(page, node.get("action"), node.get("method", "POST"), fields)

    async def _prompt(self, node: Node, gathering: Gathering) -> None:
        with anyio.CancelScope() as prompt:
            gathering.on_touch = prompt.cancel
            for child in node.children:
                await self._sound(child)
        gathering.prompt_is_over()

    def _partials(self, page: Page, node: Node) -> Callable[[str], None]:
        callback, numbers = node.get("partialResultCallback"), itertools.count()
        if not callback:
            return lambda _: None
        told = jump_to(page, callback, node.get("partialResultCallbackMethod", "POST"))

        def tell(text: str) -> None:
            # The newest word may still change.
            *stable, last = words_of(text)
            fields = [("SequenceNumber", str(next(numbers))), ("UnstableSpeechResult", last)]
            if stable:
                fields.append(("StableSpeechResult", "".join(stable)))
            fields += [("Stability", "0.9"), ("Language", node.get("language", "en-US"))]
            self._switch.courier.tell(self._leg, told.url, fields, told.method)

        return tell

    async def _stream(self, page: Page, node: Node) -> Next:
        for noun in node.children:
            if noun.tag != "Stream":
                raise DocumentRefusedError((Problem(_NOT_CARRIED_OUT, f"the twin has no {noun.tag}"),))
            if node.tag == "Connect":
                await connect_stream(self._switch, self._leg, page, noun)
            elif node.tag == "Start":
                start_stream(self._switch, self._leg, page, noun)
            else:
                stop_stream(self._leg, noun)
        return self._action(page, node, ())

    def _action(self, page: Page, node: Node, fields: Fields) -> Next:
        if not node.get("action"):
            return None
        return jump_to(page, node.get("action"), node.get("method", "POST"), fields)
