"""Everything that a stranger can send, spoiled, against the whole application in one process and in virtual time."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
import attrs
from hypothesis import strategies as st
from support.carrier_rigs import RIGS
from support.carrier_world import CarrierWorld, Scene, carrier_world
from support.spoiling import (
    HOSTILE_TEXTS,
    Edit,
    edits,
    spoiled_bytes,
    spoiled_fields,
    spoiled_json,
    spoiled_text,
)
from support.web_ask import Asked, ask

from voice_contracts.rpc import METHODS
from voice_contracts.twins.stage import Notice
from voice_domain.call import Call
from voice_domain.ports.media_dialect import BadMediaError, MediaDialect
from voice_entrypoints.http.gateway import webhook_gate
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.serve import gateway_parts
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.session import OneAnswerCaller

__all__ = ("CARRIERS", "Sent", "Stage", "hear", "media_messages", "requests", "stage", "webhooks")

CARRIERS: Final = tuple(RIGS)
_RECORDED_LEGS: Final = (
    *("CA0000000000000000000000000000002a", "v3:fake-call-control-id-0001"),
    *("00000000-0000-4000-8000-000000000001", "116000000001^100000000001"),
)
_SETTINGS: Final = {
    "inboundPolicy": "open",
    "maxConcurrentCalls": 100,
    "transcriptTimeoutMs": 2_000,
    "outbound": {"adoptExternal": True, "denyNumbers": ["+1900"]},
}
_ANSWERS: Final = frozenset({200, 204, 400, 401, 404, 405, 413, 415})
"""What a spoiled webhook may be answered with: never with a failure of ours."""

Fields: TypeAlias = list[tuple[str, str]]


@attrs.frozen
class Sent:
    """One webhook: which recorded one it was, and what was done to it."""

    which: int
    body: tuple[Edit, ...] = ()
    """Changes of fields, before it is signed."""
    query: tuple[Edit, ...] = ()
    raw: tuple[Edit, ...] = ()
    """Changes of the bytes, before they are signed; after that if `forged`."""
    headers: tuple[tuple[int, str], ...] = ()
    """Headers that are overwritten or added after signing."""
    live: bool = True
    """Whether it speaks of a call that lives."""
    forged: bool = False


def webhooks() -> st.SearchStrategy[list[Sent]]:
    """Draw some webhooks."""
    changes = edits.map(tuple)
    header = st.tuples(st.integers(0, 255), st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=20))
    sent = st.builds(
        Sent,
        st.integers(0, 999),
        changes,
        changes | st.just(()),
        st.just(()) | st.just(()) | changes,
        st.just(()) | st.just(()) | st.lists(header, max_size=2).map(tuple),
        st.booleans(),
        st.sampled_from((False, False, False, True)),
    )
    return st.lists(sent, min_size=10, max_size=40)


@attrs.frozen
class Recorded:
    """A webhook as a carrier sends it."""

    query: Fields
    headers: Mapping[str, str]
    body: bytes


def recorded(carrier: str) -> list[Recorded]:
    """Return the carrier's recorded webhooks."""
    events = _vectors(carrier, "events")["events"]
    return [
        Recorded(
            [(name, value) for name, value in event["query"]],
            {"content-type": event["headers"].get("Content-Type", "application/json")},
            event["body_raw"].encode(),
        )
        for event in events
        if "body_raw" in event
    ]


def _vectors(carrier: str, name: str) -> Any:
    path = Path(__file__).parents[1] / "vectors" / carrier / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


class _Complaints(logging.Handler):
    """Keeps what is logged with a traceback: somebody caught what nobody expected."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(record)


@attrs.define
class Stage:
    """A running application that strangers write to."""

    carrier: str
    world: CarrierWorld
    app: Any
    dispatcher: Dispatcher
    complaints: _Complaints
    call: Call
    _recorded: list[Recorded] = attrs.field(init=False)
    taken: int = 0
    """How many webhooks were believed and understood."""

    def __attrs_post_init__(self) -> None:
        self._recorded = recorded(self.carrier)

    async def webhook(self, sent: Sent) -> None:
        """Send one; whatever it is, it is answered, and not with a failure."""
        reply = await ask(self.app, self._asked(sent))
        assert reply.status in _ANSWERS, f"{sent} was answered with {reply.status}"
        self.taken += reply.status == 200
        self._check(sent)

    async def request(self, message: bytes) -> None:
        """Ask one thing over JSON-RPC; a refusal is an answer, an incident is none."""
        answer = await self.dispatcher.answer(message, OneAnswerCaller())
        assert answer is None or "internal_error" not in answer, f"{message!r} was answered with {answer}"
        self._check(message)

    def _check(self, what: object) -> None:
        assert self.complaints.seen == [], f"{what}: {[each.getMessage() for each in self.complaints.seen]}"

    def _asked(self, sent: Sent) -> Asked:
        original = self._recorded[sent.which % len(self._recorded)]
        body = self._named(original.body, live=sent.live)
        is_form = "form" in original.headers["content-type"]
        if sent.body and is_form:
            body = urlencode(spoiled_fields(_fields(body), sent.body)).encode()
        elif sent.body:
            body = spoiled_text(body.decode(), sent.body).encode()
        if not sent.forged:
            body = spoiled_bytes(body, sent.raw)
        query = urlencode(spoiled_fields(self._query(original), sent.query))
        of_carrier, arranged = self.world.rig.stage, self.world.rig.told
        address = of_carrier.address(arranged)
        notice = Notice(
            url=address + (f"?{query}" if query else ""),
            body=body,
            fields=_fields(body) if is_form else (),
            at_ms=self.world.container.clock().now_ms(),
            serial=len(body),
        )
        headers = {"host": "voice.example.com", **original.headers, **of_carrier.signed(arranged, notice)}
        for place, text in sent.headers:
            name = list(headers)[place % len(headers)] if place % 2 else "x-forwarded-host"
            headers[name] = text.encode("utf-8", "replace").decode("latin-1")
        return Asked(
            path=urlsplit(address).path,
            method="POST",
            query=query,
            headers=headers,
            pieces=(spoiled_bytes(body, sent.raw) if sent.forged else body,),
            client="203.0.113.1",
        )

    def _named(self, body: bytes, *, live: bool) -> bytes:
        name = self.call.carrier_call_id
        if not live or name is None:
            return body
        for leg in _RECORDED_LEGS:
            for spelling in (leg, urlencode({"": leg})[1:]):
                body = body.replace(spelling.encode(), urlencode({"": name})[1:].encode())
        return body

    def _query(self, original: Recorded) -> Fields:
        return (
            [*original.query, ("callId", str(self.call.call_id))]
            if self.carrier != "telnyx"
            else original.query
        )


def _fields(body: bytes) -> Fields:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


@asynccontextmanager
async def stage(carrier: str) -> AsyncIterator[Stage]:
    """Run the application with one call that lives, for as long as the block lasts."""
    complaints = _Complaints()
    root = logging.getLogger()
    root.addHandler(complaints)
    try:
        async with (
            carrier_world(RIGS[carrier].open, Scene(settings=_SETTINGS)) as world,
            anyio.create_task_group() as tasks,
        ):
            placed = await world.place("Hello there.")
            await anyio.sleep(5)
            call = await world.phone.status(placed.call_id)
            assert call is not None
            parts = gateway_parts(
                world.container, settings=world.container.settings(), home=Path(), engine=world.engine
            )
            dispatcher = Dispatcher(phone_handlers(world.phone, Operations(tasks)))
            yield Stage(carrier, world, public_app(webhook_gate(parts)), dispatcher, complaints, call)
            tasks.cancel_scope.cancel()
    finally:
        root.removeHandler(complaints)


_PARAMS: Final[Mapping[str, Any]] = {
    "to": "+15550005678",
    "message": "Hello.",
    "mode": "conversation",
    "callId": "the call",
    "digits": "1#",
    "operationId": "x",
    "limit": 5,
    "before": 1_770_000_000_000,
    "state": "completed",
    "events": [{"type": "call.ringing", "callId": "x"}],
}


def requests() -> st.SearchStrategy[list[Callable[[str], bytes]]]:
    """Draw some JSON-RPC messages; each is made for a call id."""
    one = st.builds(
        _request, st.sampled_from([method.name for method in METHODS]), edits, st.booleans(), edits
    )
    return st.lists(one, min_size=10, max_size=40)


def _request(method: str, changes: list[Edit], batch: bool, raw: list[Edit]) -> Callable[[str], bytes]:  # noqa: FBT001 - drawn by hypothesis, in order
    def made(call_id: str) -> bytes:
        whole = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**_PARAMS, "callId": call_id}}
        message = spoiled_json([whole, whole] if batch else whole, changes)
        data = json.dumps(message).encode()
        return spoiled_bytes(data, raw) if len(raw) > 2 else data

    return made


def media_messages() -> st.SearchStrategy[list[tuple[int, list[Edit], list[Edit], bool]]]:
    """Draw up to sixty messages of a media stream: which recorded one, and what is done to it."""
    return st.lists(st.tuples(st.integers(0, 999), edits, edits, st.booleans()), min_size=1, max_size=60)


def hear(
    dialect: MediaDialect, carrier: str, drawn: Sequence[tuple[int, list[Edit], list[Edit], bool]]
) -> None:
    """Let one stream hear *drawn*; what makes no sense is a `BadMediaError` and nothing else."""
    recorded_ones = [event["message"] for event in _vectors(carrier, "media")["events"]]
    session = dialect.session()
    for which, changes, raw, as_text in drawn:
        data = json.dumps(spoiled_json(recorded_ones[which % len(recorded_ones)], changes)).encode()
        data = spoiled_bytes(data, raw) if len(raw) > 2 else data
        try:
            session.read(data.decode("utf-8", "replace") if as_text else data)
        except BadMediaError:
            continue
