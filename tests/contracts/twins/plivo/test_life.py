"""A call from the queue to its end, as Plivo's webhooks tell it."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import NobodyThereError, PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings

Order = Callable[..., Awaitable[str]]
Callees = dict[str, Callee]

HELLO = "<Response><Speak>Hello</Speak><Hangup/></Response>"
LONG = '<Response><Wait length="600"/></Response>'
OURS, CALLER = "+15550001234", "+15550007777"


async def test_an_answered_call_tells_that_it_rings_asks_and_tells_its_end(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = HELLO

    request = await order()
    record = await twin.ended(request)
    await anyio.sleep(1)

    assert [entered.state for entered in record.states] == ["queued", "ringing", "in-progress", "completed"]
    told = [(one.path, one.fields["Event"], one.fields["CallStatus"]) for one in host.arrived]
    assert told == [
        ("/ring", "Ring", "ringing"),
        ("/answer", "StartApp", "in-progress"),
        ("/hangup", "Hangup", "completed"),
    ]
    assert record.answered_ms - record.states[0].at_ms == 1200
    assert record.ended_by == "document"


async def test_the_calls_own_name_comes_first_with_a_webhook_and_numbers_have_no_plus(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    request = await order()
    await twin.ended(request)

    told = host.at("ring")[0]
    assert told["RequestUUID"] == told["ALegRequestUUID"] == request
    assert told["CallUUID"] == told["ALegUUID"] == twin.leg(request).leg_id != request
    assert (told["From"], told["To"], told["Direction"]) == ("15550001234", "15550005678", "outbound")


async def test_the_last_webhook_bills_begun_seconds_and_minutes(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = '<Response><Wait length="61"/></Response>'

    await twin.ended(await order())
    await anyio.sleep(1)

    last = host.at("hangup")[-1]
    assert (last["Duration"], last["BillDuration"], last["TotalCost"]) == ("61", "120", "0.01700")
    assert (last["StartTime"], last["AnswerTime"]) == ("2026-02-02 02:40:00", "2026-02-02 02:40:01")
    assert last["EndTime"] == "2026-02-02 02:41:02"


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        (Outcome.BUSY, ("busy", "3010", "Callee")),
        (Outcome.FAILS, ("failed", "2000", "Carrier")),
        (Outcome.NO_ANSWER, ("timeout", "6010", "Plivo")),
    ],
)
async def test_a_callee_who_cannot_be_had_ends_the_call_unbilled(
    twin: PlivoTwin,
    order: Order,
    host: Host,
    callees: Callees,
    outcome: Outcome,
    end: tuple[str, str, str],
) -> None:
    callees["*"] = Callee(outcome=outcome)

    record = await twin.ended(await order(ring_timeout=20))
    await anyio.sleep(1)

    (last,) = host.at("hangup")
    assert (last["CallStatus"], last["HangupCauseCode"], last["HangupSource"]) == end
    assert (record.billed_seconds, last["Duration"], last["BillDuration"]) == (0, "0", "0")
    assert host.at("answer") == []
    assert "AnswerTime" not in last


async def test_it_rings_for_exactly_as_long_as_was_ordered(
    twin: PlivoTwin, order: Order, callees: Callees
) -> None:
    callees["*"] = Callee(outcome=Outcome.NO_ANSWER)

    ordered = await twin.ended(await order(ring_timeout=20))
    usual = await twin.ended(await order())

    assert [one.ended_ms - one.states[1].at_ms for one in (ordered, usual)] == [20_000, 120_000]


async def test_hangup_on_ring_drops_a_call_that_was_answered_too(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = LONG

    record = await twin.ended(await order(hangup_on_ring=30))

    assert (record.state, record.ended_by) == ("completed", "time-limit")
    assert record.ended_ms - record.states[1].at_ms == 30_000


async def test_the_time_limit_counts_from_the_answer(twin: PlivoTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = LONG

    record = await twin.ended(await order(time_limit=30))
    await anyio.sleep(1)

    assert (record.ended_by, record.billed_seconds) == ("time-limit", 30)
    assert host.at("hangup")[0]["HangupCauseCode"] == "6000"


@pytest.mark.parametrize("word", ["Callee", "Call recipient"])
async def test_a_callee_who_hangs_up_is_told_in_either_word(host: Host, word: str) -> None:
    account = PlivoAccount(
        numbers={OURS: None}, callees={"*": Callee((HangUp(2500, Cue.BEFORE),))}, callee_word=word
    )
    host.documents["/answer"] = LONG
    body = {
        "from": "15550001234",
        "to": "15550005678",
        "answer_url": host.url("answer"),
        "hangup_url": host.url("hangup"),
    }
    async with (
        plivo_twin(account, Surroundings(webhooks=host.transport)) as twin,
        httpx.AsyncClient(transport=twin.transport, auth=(account.auth_id, account.token)) as api,
    ):
        made = await api.post(f"https://api.plivo.com/v1/Account/{account.auth_id}/Call/", json=body)
        record = await twin.ended(made.json()["request_uuid"])
        await anyio.sleep(1)

    assert record.ended_ms - record.answered_ms == 2500
    assert (host.at("hangup")[0]["HangupCauseCode"], host.at("hangup")[0]["HangupSource"]) == ("4000", word)


async def test_calls_beyond_the_rate_wait_in_the_queue(host: Host) -> None:
    account = PlivoAccount(numbers={OURS: None}, calls_per_second=1.0)
    body = {"from": "15550001234", "to": "15550005678", "answer_url": host.url("answer")}
    async with (
        plivo_twin(account, Surroundings(webhooks=host.transport)) as twin,
        httpx.AsyncClient(transport=twin.transport, auth=(account.auth_id, account.token)) as api,
    ):
        base = f"https://api.plivo.com/v1/Account/{account.auth_id}/Call/"
        made = [(await api.post(base, json=body)).json()["request_uuid"] for _ in range(3)]
        queued = (await api.get(base, params={"status": "queued"})).json()["calls"]
        shown = (await api.get(f"{base}{made[2]}/", params={"status": "queued"})).json()
        ended = [await twin.ended(one) for one in made]

    assert [one.states[1].at_ms - one.states[0].at_ms for one in ended] == [200, 1200, 2200]
    assert queued == made[::-1]
    assert (shown["call_status"], shown["request_uuid"]) == ("queued", made[2])


async def test_a_call_to_us_asks_our_number_for_a_document(twin: PlivoTwin, host: Host) -> None:
    host.documents["/inbound"] = HELLO

    name = twin.call_in(CALLER, OURS)
    record = await twin.ended(name)
    await anyio.sleep(1)

    (asked,) = host.at("inbound")
    assert (asked["Direction"], asked["CallStatus"], asked["From"]) == ("inbound", "ringing", "15550007777")
    assert "RequestUUID" not in asked
    assert [entered.state for entered in record.states] == ["ringing", "in-progress", "completed"]
    assert twin.ear(name).texts == ("Hello",)
    assert host.at("hangup")[0]["CallStatus"] == "completed"


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<Hangup reason="busy"/>', "3010"),
        ('<Hangup reason="rejected"/>', "3020"),
        ("<Hangup/>", "3020"),
        ('<Wait length="2"/><Hangup reason="busy"/>', "3010"),
    ],
)
async def test_a_refused_call_is_never_answered_nor_billed(
    twin: PlivoTwin, host: Host, element: str, code: str
) -> None:
    host.documents["/inbound"] = f"<Response>{element}</Response>"

    record = await twin.ended(twin.call_in(CALLER, OURS))
    await anyio.sleep(1)

    assert (record.state, record.answered_ms, record.billed_seconds) == ("busy", None, 0)
    assert host.at("hangup")[0]["HangupCauseCode"] == code


async def test_a_wait_as_the_first_element_delays_the_answer(twin: PlivoTwin, host: Host) -> None:
    host.documents["/inbound"] = '<Response><Wait length="3"/><Speak>Hi</Speak></Response>'

    record = await twin.answered(twin.call_in(CALLER, OURS))

    assert record.answered_ms - record.states[0].at_ms == 3000


async def test_a_caller_can_give_up_while_it_rings(twin: PlivoTwin, host: Host) -> None:
    host.documents["/inbound"] = LONG
    name = twin.call_in(CALLER, OURS)
    await anyio.sleep(2)

    twin.hang_up(name)
    await twin.ended(name)
    await anyio.sleep(1)

    last = host.at("hangup")[0]
    assert (last["HangupCauseCode"], last["HangupSource"], last["Duration"]) == ("1000", "Caller", "0")


async def test_a_number_without_an_application_cannot_be_called(twin: PlivoTwin) -> None:
    with pytest.raises(NobodyThereError):
        twin.call_in(CALLER, "+15550009999")


@pytest.mark.parametrize(
    ("outcome", "verdict"), [(Outcome.MACHINE, ("true", 4000)), (Outcome.ANSWERS, (None, 2000))]
)
async def test_detection_holds_the_document_back_until_the_verdict(
    twin: PlivoTwin,
    order: Order,
    host: Host,
    callees: Callees,
    outcome: Outcome,
    verdict: tuple[str | None, int],
) -> None:
    callees["*"] = Callee(outcome=outcome)
    host.documents["/answer"] = HELLO

    record = await twin.ended(await order(machine_detection="true", machine_detection_time=4000))

    (asked,) = [one for one in twin.ledger.webhooks if one.url.endswith("/answer")]
    assert (dict(asked.fields).get("Machine"), asked.at_ms - record.answered_ms) == verdict


@pytest.mark.parametrize("detection", ["true", True])
async def test_detection_in_the_background_tells_a_callback_of_its_own(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees, detection: Any
) -> None:
    callees["*"] = Callee(outcome=Outcome.MACHINE)
    host.documents["/answer"] = '<Response><Wait length="9"/></Response>'

    await twin.ended(await order(machine_detection=detection, machine_detection_url=host.url("amd")))

    (told,) = host.at("amd")
    assert (told["Event"], told["Machine"], told["IfMachine"]) == ("MachineDetection", "true", "continue")
    assert "Machine" not in host.at("answer")[0]


async def test_a_call_can_end_because_a_machine_answered(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee(outcome=Outcome.MACHINE)
    host.documents["/answer"] = HELLO

    record = await twin.ended(await order(machine_detection="hangup"))
    await anyio.sleep(1)

    assert (record.state, record.billed_seconds, host.at("answer")) == ("completed", 5, [])
    assert host.at("hangup")[0]["HangupCauseCode"] == "9100"


async def test_what_still_lives_when_the_twin_goes_is_dropped(host: Host) -> None:
    host.documents["/inbound"] = LONG
    account = PlivoAccount(numbers={OURS: Application(host.url("inbound"))})
    async with plivo_twin(account, Surroundings(webhooks=host.transport)) as twin:
        name = twin.call_in(CALLER, OURS)
        await anyio.sleep(5)
        assert [leg.leg_id for leg in twin.legs_alive()] == [name]

    assert twin.legs_alive() == ()
    assert twin.leg(name).ended_by == "twin"
