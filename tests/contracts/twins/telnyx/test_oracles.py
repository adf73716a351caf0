"""Telnyx's own SDK says whether the twin is right: what it sends is taken, and what comes back is understood."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
import httpx
import msgspec
import pytest
from telnyx import AsyncTelnyx, AuthenticationError, NotFoundError, UnprocessableEntityError

from voice_contracts.twins.callee import Callee, Say
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin

pytestmark = pytest.mark.anyio

OURS, THEIRS = "+15550001234", "+15550005678"
HOOK = "https://voice.example.com/voice/webhook"


@attrs.define
class Desk:
    """A twin, the SDK's client for it, and the events that came."""

    twin: TelnyxTwin
    client: AsyncTelnyx
    events: list[dict[str, Any]] = attrs.field(factory=list)

    async def dial(self, **more: Any) -> str:
        """Place a call and return its name."""
        placed = await self.client.calls.dial(
            connection_id=self.twin.account.connection_id, from_=OURS, to=THEIRS, **more
        )
        assert placed.data is not None
        assert placed.data.call_control_id is not None
        return placed.data.call_control_id

    def told(self, event_type: str) -> list[dict[str, Any]]:
        """Return the payloads of all events of one kind."""
        return [event["payload"] for event in self.events if event["event_type"] == event_type]


@asynccontextmanager
async def desk(*callees: Callee, api_key: str | None = None) -> AsyncIterator[Desk]:
    events: list[dict[str, Any]] = []

    async def webhook(request: httpx.Request) -> httpx.Response:
        events.append(msgspec.json.decode(await request.aread())["data"])
        return httpx.Response(200)

    account = TelnyxAccount(
        webhook_url=HOOK,
        numbers=frozenset({OURS}),
        callees={THEIRS: callees[0] if callees else Callee()},
    )
    around = Surroundings(webhooks=httpx.MockTransport(webhook))
    async with telnyx_twin(account, around) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        client = AsyncTelnyx(
            api_key=api_key or account.api_key,
            base_url="https://api.telnyx.com/v2",
            http_client=http,
            max_retries=0,
        )
        yield Desk(twin, client, events)


async def test_the_sdk_places_speaks_listens_and_hangs_up() -> None:
    async with desk(Callee((Say("Fine, thanks."),))) as at:
        name = await at.dial(client_state="Yy0x", command_id="c-1", timeout_secs=30)
        await at.twin.answered(name)
        actions = at.client.calls.actions
        config = {"transcription_engine": "Google", "language": "en", "interim_results": True}
        await actions.start_transcription(
            name,
            transcription_engine="Google",
            transcription_engine_config=config,  # type: ignore[arg-type]  # a plain dictionary will do
        )
        await actions.speak(name, payload="How are you?", voice="female", language="en-US")
        await anyio.sleep(8)
        status = await at.client.calls.retrieve_status(name)
        await actions.hangup(name)
        await anyio.sleep(1)

        assert status.data is not None
        assert status.data.is_alive
        assert at.twin.ear(name).texts == ("How are you?",)
    finals = [
        payload["transcription_data"]["transcript"]
        for payload in at.told("call.transcription")
        if payload["transcription_data"]["is_final"]
    ]
    assert finals == ["Fine, thanks."]
    (ended,) = at.told("call.hangup")
    assert (ended["hangup_cause"], ended["hangup_source"]) == ("normal_clearing", "caller")
    assert {payload["client_state"] for payload in at.told("call.speak.ended")} == {"Yy0x"}


async def test_a_dial_under_the_same_id_is_the_same_call() -> None:
    async with desk() as at:
        names = {await at.dial(command_id="c-1"), await at.dial(command_id="c-1")}

        assert len(names) == len(at.twin.ledger.legs) == 1


async def test_what_telnyx_refuses_the_sdk_gets_refused_in_its_own_words() -> None:
    async with desk() as at:
        name = await at.dial()
        with pytest.raises(UnprocessableEntityError) as early:
            await at.client.calls.actions.speak(name, payload="Hi.", voice="female")
        await at.client.calls.actions.hangup(name)
        with pytest.raises(UnprocessableEntityError) as late:
            await at.client.calls.actions.hangup(name)
        with pytest.raises(NotFoundError):
            await at.client.calls.actions.hangup("v3:nobody")
        with pytest.raises(UnprocessableEntityError):
            await at.client.calls.dial(connection_id="1", from_=OURS, to=THEIRS)

    assert "90034" in str(early.value)
    assert "90018" in str(late.value)


async def test_a_wrong_key_is_refused() -> None:
    async with desk(api_key="KEY-of-somebody-else") as at:
        with pytest.raises(AuthenticationError):
            await at.dial()


@pytest.mark.parametrize(("cause", "told"), [("USER_BUSY", "user_busy"), ("CALL_REJECTED", "call_rejected")])
async def test_a_caller_waits_until_it_is_answered_or_refused(cause: Any, told: str) -> None:
    async with desk() as at:
        waiting = at.twin.call_in(THEIRS, OURS, Callee())
        refused = at.twin.call_in(THEIRS, OURS, Callee())
        await anyio.sleep(60)
        await at.client.calls.actions.answer(waiting)
        await at.client.calls.actions.reject(refused, cause=cause)
        await at.twin.answered(waiting)
        await at.twin.ended(refused)
        await anyio.sleep(1)

    assert [payload["state"] for payload in at.told("call.initiated")] == ["parked", "parked"]
    assert next(payload["hangup_cause"] for payload in at.told("call.hangup")) == told


async def test_a_machine_is_told_if_somebody_asked() -> None:
    async with desk() as at:
        await at.dial(answering_machine_detection="detect")
        await at.dial(answering_machine_detection="premium")
        await anyio.sleep(10)

    assert [payload["result"] for payload in at.told("call.machine.detection.ended")] == ["human"]
    premium = at.told("call.machine.premium.detection.ended")
    assert [payload["result"] for payload in premium] == ["human_residence"]


async def test_a_webhook_that_nobody_takes_is_told_three_times_and_noted() -> None:
    async def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    account = TelnyxAccount(webhook_url=HOOK, numbers=frozenset({OURS}))
    around = Surroundings(webhooks=httpx.MockTransport(broken))
    async with telnyx_twin(account, around) as twin:
        twin.call_in(THEIRS, OURS, Callee())
        await anyio.sleep(30)

        assert [sent.status for sent in twin.ledger.webhooks] == [500, 500, 500]
        assert len(twin.ledger.violations) == 1


async def test_the_sdk_reads_the_application_and_the_numbers() -> None:
    async with desk() as at:
        application = (await at.client.call_control_applications.retrieve(at.twin.account.connection_id)).data
        numbers = [one async for one in at.client.phone_numbers.list(filter={"phone_number": OURS})]
        with pytest.raises(NotFoundError):
            await at.client.call_control_applications.retrieve("42")

    assert application is not None
    assert (application.webhook_event_url, application.active) == (HOOK, True)
    assert application.outbound is not None
    assert application.outbound.outbound_voice_profile_id
    assert [(one.phone_number, one.connection_id) for one in numbers] == [(OURS, application.id)]


async def test_the_sdk_changes_where_calls_to_our_numbers_are_told() -> None:
    async with desk() as at:
        applications, name = at.client.call_control_applications, at.twin.account.connection_id
        change = {"application_name": "mine", "webhook_event_url": f"{HOOK}/2", "webhook_api_version": "2"}
        changed = (await applications.update(name, **change)).data  # type: ignore[arg-type]  # the SDK wants literals
        at.twin.call_in(THEIRS, OURS, Callee())
        await anyio.sleep(1)
        told_at = at.twin.ledger.webhooks[0].url
        with pytest.raises(UnprocessableEntityError) as nameless:
            await applications.update(name, application_name="", webhook_event_url=HOOK)
        with pytest.raises(UnprocessableEntityError) as nowhere:
            await applications.update(name, application_name="mine", webhook_event_url="voice.example.com")
        with pytest.raises(NotFoundError):
            await applications.update("42", application_name="mine", webhook_event_url=HOOK)

    assert changed is not None
    assert (changed.webhook_event_url, changed.webhook_api_version) == (f"{HOOK}/2", "2")
    assert told_at == f"{HOOK}/2"
    assert changed.outbound is not None
    assert changed.outbound.outbound_voice_profile_id is None  # what a change leaves out is not relied on
    assert "10004" in str(nameless.value)
    assert "10015" in str(nowhere.value)
