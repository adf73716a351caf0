"""A phone without a network: real calls of the domain, in memory; a test plays the counterpart by `submit`."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import attrs
from anyio.streams.memory import MemoryObjectSendStream

from voice_contracts.report import report_of
from voice_domain.call import Call
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber, parse_number
from voice_domain.events import CallEvent, Opened, WaiterOutcome, WaiterReleased
from voice_domain.identity import CallId, CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    DialAccepted,
    DigitsRequested,
    HangUpConfirmed,
    HangUpRequested,
    LineAnswered,
    PartHeard,
    PartStarted,
    SpeakRequested,
    TransferRequested,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError, UnsupportedError
from voice_domain.ports.event_store import JournalRow, StoreError
from voice_domain.ports.switchboard import LimitReachedError
from voice_domain.refusals import CallEndedError, CallNotFoundError
from voice_domain.terms import CallTerms
from voice_domain.use_cases.call_route import CallRoute
from voice_domain.vocabulary import Direction

US = PhoneNumber("+15550000000")
CALLEE = PhoneNumber("+15550005678")


@attrs.frozen
class Update:
    sequence: int
    call: Call
    event: CallEvent


@attrs.frozen
class Verdict:
    allowed: bool
    reasons: tuple[str, ...]
    to: PhoneNumber
    from_: PhoneNumber
    carrier: str
    mode: str = "notify"
    locale: str = "en-US"
    route: CallRoute | None = None


@attrs.frozen
class Readiness:
    ready: bool = True
    problem: str = ""


@attrs.define
class MemoryPhone:
    """Keeps every call; the counterpart is whoever calls `submit`, `answer` and `hear`."""

    limit: int = 1_000
    readiness: Readiness = Readiness()
    injectable: bool = True
    backlog: int = 1_000
    store_trouble: str = ""
    asking: bool = False
    """Whether its carrier can only be told something when it asks."""
    calls: dict[str, Call] = attrs.field(factory=dict)
    now_ms: int = 1_760_000_000_000
    _sequence: int = 0
    _journal: list[JournalRow] = attrs.field(factory=list)
    _streams: list[tuple[str | None, MemoryObjectSendStream[Update]]] = attrs.field(factory=list)
    _report_streams: list[tuple[str | None, MemoryObjectSendStream[dict[str, Any]]]] = attrs.field(
        factory=list
    )
    _waiters: dict[str, tuple[anyio.Event, list[WaiterReleased]]] = attrs.field(factory=dict)

    # What the counterpart does

    def answer(self, call_id: str) -> Call:
        self.submit(call_id, LineAnswered(self._tick()))
        return self.submit(call_id, *self._said(self.calls[call_id]))

    def hear(self, call_id: str, text: str) -> Call:
        return self.submit(call_id, WordsHeard(self._tick(), text))

    def submit(self, call_id: str, *given: CallInput) -> Call:
        for each in given:
            decision = decide(self.calls[call_id], each, self._tick())
            self._keep(decision.call, decision.events)
        return self.calls[call_id]

    # What a client asks

    async def call(
        self, *, to: str | None, message: str, mode: str | None = None, session_key: str = ""
    ) -> Call:
        callee = CALLEE if to is None else parse_number(to, region="US")
        if len(self.live()) >= self.limit:
            raise LimitReachedError(self.limit)
        call_id = CallId(f"call-{len(self.calls) + 1}")
        opened = Opened(
            at_ms=self._tick(),
            call_id=call_id,
            carrier="mock",
            direction=Direction.OUTBOUND,
            caller=US,
            callee=callee,
            mode=Mode(mode or "notify"),
            locale="en-US",
            terms=CallTerms(),
            opening=message,
            session_key=session_key,
        )
        decision = open_call(opened)
        self._keep(decision.call, decision.events)
        self.submit(call_id, DialAccepted(CarrierCallId(f"mock-{call_id}")))
        if str(callee).endswith("0666"):
            raise CarrierError("mock", "the number is barred", code="21215", status=400)
        return self.calls[call_id]

    async def speak(self, call_id: str, message: str) -> Call:
        call = self._found(call_id)
        self.submit(call.call_id, SpeakRequested(SpeechId(f"speech-{self._tick()}"), message))
        return self.submit(call.call_id, *self._said(self.calls[call.call_id]))

    async def continue_call(self, call_id: str, message: str) -> str:
        call = self._found(call_id)
        waiter_id = WaiterId(f"waiter-{self._tick()}")
        done, outcome = self._waiters[waiter_id] = (anyio.Event(), [])
        self.submit(call.call_id, ContinueRequested(SpeechId(f"speech-{waiter_id}"), message, waiter_id))
        self.submit(call.call_id, *self._said(self.calls[call.call_id]))
        await done.wait()
        if outcome[0].outcome is not WaiterOutcome.HEARD:
            raise CallEndedError(call.call_id)
        return outcome[0].detail

    async def end(self, call_id: str) -> Call:
        call = self._found(call_id)
        return self.submit(call.call_id, HangUpRequested(), HangUpConfirmed())

    def waits(self, call: Call) -> bool:
        return self.asking and call.carrier_call_id is not None

    async def send_digits(self, call_id: str, digits: str) -> Call:
        return self.submit(self._found(call_id).call_id, DigitsRequested(digits))

    async def transfer(self, call_id: str, to: str) -> Call:
        call = self._found(call_id)
        return self.submit(call.call_id, TransferRequested(parse_number(to, region="US")))

    async def status(self, key: str) -> Call | None:
        return next(
            (call for call in self.calls.values() if key in (call.call_id, call.carrier_call_id)), None
        )

    def live(self) -> tuple[Call, ...]:
        return tuple(call for call in self.calls.values() if not call.is_over)

    async def history(
        self, *, limit: int = 50, before_ms: int | None = None, state: str | None = None
    ) -> tuple[Call, ...]:
        found = [
            call
            for call in reversed(self.calls.values())
            if (before_ms is None or call.started_at_ms < before_ms) and state in (None, call.word)
        ]
        return tuple(found[:limit])

    async def plan(self, *, to: str, mode: str | None = None) -> Verdict:
        number = parse_number(to, region="US")
        emergency = number.national_digits.startswith("900")
        return Verdict(not emergency, ("premium rate",) if emergency else (), number, US, "mock")

    async def inject(self, events: list[object]) -> int:
        if not self.injectable:
            raise UnsupportedError("twilio", "injected events")
        return len(events)

    @asynccontextmanager
    async def subscribe(self, call_id: str | None = None) -> AsyncIterator[AsyncIterator[Update]]:
        send, receive = anyio.create_memory_object_stream[Update](self.backlog)
        entry = (call_id, send)
        self._streams.append(entry)
        try:
            async with receive:
                yield receive
        finally:
            self._streams = [each for each in self._streams if each is not entry]
            send.close()

    @asynccontextmanager
    async def reports(self, call_id: str | None = None) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        send, receive = anyio.create_memory_object_stream[dict[str, Any]](self.backlog)
        entry = (call_id, send)
        self._report_streams.append(entry)
        try:
            with receive:
                yield receive
        finally:
            self._report_streams = [each for each in self._report_streams if each is not entry]
            send.close()

    async def report(self, key: str) -> dict[str, Any] | None:
        call = next((c for c in self.calls.values() if key in (c.call_id, c.carrier_call_id)), None)
        if call is None:
            raise CallNotFoundError(key)
        return report_of(call, "They said yes.") if call.is_over else None

    def tell_report(self, call_id: str) -> None:
        """Give subscribers the report of a call that is over."""
        for wanted, stream in tuple(self._report_streams):
            if wanted in (None, call_id):
                stream.send_nowait(report_of(self.calls[call_id], "They said yes."))

    async def journal(self, *, after: int, limit: int, call_id: str | None = None) -> tuple[JournalRow, ...]:
        await anyio.lowlevel.checkpoint()
        if self.store_trouble:
            raise StoreError(self.store_trouble)
        rows = (row for row in self._journal if row.sequence > after and call_id in (None, row.call_id))
        return tuple(itertools.islice(rows, limit))

    @property
    def subscribers(self) -> int:
        return len(self._streams)

    def _found(self, key: str) -> Call:
        call = next((c for c in self.calls.values() if key in (c.call_id, c.carrier_call_id)), None)
        if call is None:
            raise CallNotFoundError(key)
        if call.is_over:
            raise CallEndedError(call.call_id)
        return call

    def _said(self, call: Call) -> list[CallInput]:
        """Everything that we queued is heard at once."""
        said: list[CallInput] = []
        for speech in call.speeches:
            for part, text in enumerate(speech.parts):
                said += [PartStarted(speech.speech_id, part), PartHeard(speech.speech_id, part, text)]
        return said

    def _tell(self, stream: MemoryObjectSendStream[Update], update: Update) -> None:
        """A subscriber that is too far behind is dropped."""
        try:
            stream.send_nowait(update)
        except anyio.WouldBlock:
            stream.close()
            self._streams = [each for each in self._streams if each[1] is not stream]

    def _tick(self) -> int:
        self.now_ms += 10
        return self.now_ms

    def _keep(self, call: Call, events: tuple[CallEvent, ...]) -> None:
        self.calls[call.call_id] = call
        for event in events:
            self._sequence += 1
            self._journal.append(JournalRow(self._sequence, call.call_id, event))
            update = Update(self._sequence, call, event)
            for wanted, stream in tuple(self._streams):
                if wanted in (None, call.call_id):
                    self._tell(stream, update)
            if isinstance(event, WaiterReleased):
                done, outcome = self._waiters[event.waiter_id]
                outcome.append(event)
                done.set()
