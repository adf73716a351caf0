"""A call from the queue to its end, as Twilio's webhooks and API tell it."""

from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import NobodyThereError, TwilioTwin, twilio_twin

Order = Callable[..., Awaitable[str]]
Callees = dict[str, Callee]

HELLO = "<Response><Say>Hello</Say><Hangup/></Response>"


def _statuses(host: Host) -> list[tuple[str, str]]:
    return [(one["SequenceNumber"], one["CallStatus"]) for one in host.at("status")]


async def test_an_answered_call_tells_every_state_in_order(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = HELLO

    record = await twin.ended(await order())
    await anyio.sleep(1)

    assert [entered.state for entered in record.states] == [
        "queued",
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert _statuses(host) == [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")]
    assert record.answered_ms - record.states[0].at_ms == 1200
    assert record.ended_by == "document"
    assert twin.legs_alive() == ()


async def test_the_last_callback_bills_begun_seconds_and_minutes(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = '<Response><Pause length="61"/></Response>'

    record = await twin.ended(await order())
    await anyio.sleep(1)

    last = host.at("status")[-1]
    assert (last["CallDuration"], last["Duration"], last["SipResponseCode"]) == ("61", "2", "200")
    assert record.billed_seconds == 61


async def test_only_the_ordered_events_are_told(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = HELLO

    await twin.ended(await order(StatusCallbackEvent=["answered"]))
    await anyio.sleep(1)

    assert _statuses(host) == [("0", "in-progress")]


async def test_without_events_only_the_end_is_told(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = HELLO

    await twin.ended(await order(StatusCallbackEvent=None))
    await anyio.sleep(1)

    assert _statuses(host) == [("0", "completed")]


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome.BUSY, ("busy", "486")),
        (Outcome.FAILS, ("failed", "404")),
        (Outcome.NO_ANSWER, ("no-answer", "487")),
    ],
)
async def test_a_callee_who_cannot_be_had_ends_the_call_unbilled(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees, outcome: Outcome, end: tuple[str, str]
) -> None:
    callees["*"] = Callee(outcome=outcome)

    record = await twin.ended(await order(Timeout="20"))
    await anyio.sleep(1)

    last = host.at("status")[-1]
    assert (last["CallStatus"], last["SipResponseCode"]) == end
    assert record.state == end[0]
    assert (record.billed_seconds, last["CallDuration"], last["Duration"]) == (0, "0", "0")
    assert host.at("answer") == []


async def test_it_rings_for_exactly_as_long_as_was_ordered(
    twin: TwilioTwin, order: Order, callees: Callees
) -> None:
    callees["*"] = Callee(outcome=Outcome.NO_ANSWER)

    record = await twin.ended(await order(Timeout="20"))

    assert record.ended_ms - record.states[2].at_ms == 20_000
    assert record.ended_by == "timeout"


async def test_the_twin_ends_a_call_at_its_time_limit(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = '<Response><Pause length="600"/></Response>'

    record = await twin.ended(await order(TimeLimit="30"))

    assert (record.state, record.ended_by, record.billed_seconds) == ("completed", "time-limit", 30)


async def test_a_callee_can_hang_up(twin: TwilioTwin, order: Order, host: Host, callees: Callees) -> None:
    callees["*"] = Callee((HangUp(2500, Cue.BEFORE),))
    host.documents["/answer"] = '<Response><Pause length="60"/></Response>'

    record = await twin.ended(await order())

    assert (record.state, record.ended_by) == ("completed", "callee")
    assert record.ended_ms - record.answered_ms == 2500


async def test_calls_beyond_the_rate_wait_in_the_queue(host: Host) -> None:
    account = TwilioAccount(numbers={"+15550001234": None}, calls_per_second=1.0)
    form = {"To": "+15550005678", "From": "+15550001234", "Twiml": "<Response/>"}
    async with (
        twilio_twin(account, Surroundings(webhooks=host.transport)) as twin,
        httpx.AsyncClient(transport=twin.transport, auth=(account.sid, account.token)) as api,
    ):
        calls = f"https://api.twilio.com/2010-04-01/Accounts/{account.sid}/Calls.json"
        made = [await api.post(calls, data=form) for _ in range(3)]
        ended = [await twin.ended(one.json()["sid"]) for one in made]

    assert [record.states[1].at_ms - record.states[0].at_ms for record in ended] == [0, 1000, 2000]


async def test_a_call_to_us_asks_our_number_for_a_document(twin: TwilioTwin, host: Host) -> None:
    host.documents["/inbound"] = HELLO

    sid = twin.call_in("+15550007777", "+15550001234")
    record = await twin.ended(sid)
    await anyio.sleep(1)

    (asked,) = host.at("inbound")
    assert (asked["Direction"], asked["CallStatus"], asked["From"]) == ("inbound", "ringing", "+15550007777")
    assert [entered.state for entered in record.states] == ["ringing", "in-progress", "completed"]
    assert twin.ear(sid).texts == ("Hello",)
    assert [one["CallStatus"] for one in host.at("status")] == ["completed"]


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
async def test_a_rejected_call_is_never_answered_nor_billed(
    twin: TwilioTwin, host: Host, reason: str, status: str
) -> None:
    host.documents["/inbound"] = f'<Response><Reject reason="{reason}"/></Response>'

    record = await twin.ended(twin.call_in("+15550007777", "+15550001234"))

    assert (record.state, record.answered_ms, record.billed_seconds) == (status, None, 0)


async def test_a_pause_as_the_first_verb_delays_the_answer(twin: TwilioTwin, host: Host) -> None:
    host.documents["/inbound"] = '<Response><Pause length="3"/><Say>Hi</Say></Response>'

    record = await twin.answered(twin.call_in("+15550007777", "+15550001234"))

    assert record.answered_ms - record.states[0].at_ms == 3000


async def test_a_caller_can_give_up_while_it_rings(twin: TwilioTwin, host: Host) -> None:
    host.documents["/inbound"] = '<Response><Pause length="30"/></Response>'
    sid = twin.call_in("+15550007777", "+15550001234")
    await anyio.sleep(2)

    twin.hang_up(sid)

    record = await twin.ended(sid)
    assert (record.state, record.ended_by, record.answered_ms) == ("no-answer", "callee", None)


async def test_a_number_without_a_voice_url_cannot_be_called(
    twin: TwilioTwin,
) -> None:
    with pytest.raises(NobodyThereError):
        twin.call_in("+15550007777", "+15550009999")


async def test_machine_detection_holds_the_document_back_until_the_verdict(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee(outcome=Outcome.MACHINE, greeting="Leave a message.")
    host.documents["/answer"] = HELLO

    record = await twin.ended(await order(MachineDetection="DetectMessageEnd"))

    (asked,) = twin.ledger.webhooks[3:4]
    assert asked["AnsweredBy"] == "machine_end_beep"
    assert asked.at_ms - record.answered_ms == 1640


async def test_asynchronous_detection_tells_a_callback_of_its_own(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = '<Response><Pause length="5"/></Response>'

    await twin.ended(
        await order(MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=host.url("amd"))
    )

    (told,) = host.at("amd")
    assert (told["AnsweredBy"], told["MachineDetectionDuration"]) == ("human", "2000")
    assert "AnsweredBy" not in host.at("answer")[0]


async def test_what_still_lives_when_the_twin_goes_is_dropped(host: Host) -> None:
    host.documents["/inbound"] = '<Response><Pause length="600"/></Response>'
    account = TwilioAccount(numbers={"+15550001234": NumberSettings(host.url("inbound"))})
    async with twilio_twin(account, Surroundings(webhooks=host.transport)) as twin:
        sid = twin.call_in("+15550007777", "+15550001234")
        await anyio.sleep(5)
        assert [leg.leg_id for leg in twin.legs_alive()] == [sid]

    assert twin.legs_alive() == ()
    assert twin.ledger.leg(sid).ended_by == "twin"


async def test_the_api_can_end_a_call_in_any_state(
    twin: TwilioTwin, order: Order, host: Host, api: httpx.AsyncClient
) -> None:
    host.documents["/answer"] = '<Response><Pause length="600"/></Response>'
    for wait, wanted, state in (
        (0.0, "canceled", "canceled"),
        (0.5, "canceled", "canceled"),
        (0.5, "completed", "canceled"),
        (5.0, "completed", "completed"),
    ):
        sid = await order()
        await anyio.sleep(wait)

        changed = await api.post(f"/Calls/{sid}.json", data={"Status": wanted})

        assert (changed.status_code, changed.json()["status"]) == (200, state)
        record = await twin.ended(sid)
        assert (record.state, record.ended_by) == (state, "api")
