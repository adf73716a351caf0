"""Commands to live calls: answering, refusing, hanging up, asking, pressing keys, handing over."""

from typing import TYPE_CHECKING

import anyio
import httpx
import pytest

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, LineStatus

if TYPE_CHECKING:
    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("v3:fake-call-control-id-0001")
ELSEWHERE = PhoneNumber("+15550009999")
OURS = "+15550001234"
TARGET = ClientState(role=Role.TARGET, parent=LEG).encoded
HANDED_OVER = ClientState(role=Role.TRANSFER).encoded


def status(*, alive: object) -> httpx.Response:
    return httpx.Response(200, json={"data": {"call_control_id": LEG, "is_alive": alive}})


async def test_a_call_is_answered_under_the_same_id_however_often(carrier: TelnyxCarrier, api: "Api") -> None:
    await carrier.answer(LEG)
    await carrier.answer(LEG)

    assert api.commands == [("answer", {"command_id": f"answer-{LEG}"})] * 2


@pytest.mark.parametrize(("busy", "cause"), [(True, "USER_BUSY"), (False, "CALL_REJECTED")])
async def test_a_caller_is_refused_with_the_right_tone(
    carrier: TelnyxCarrier, api: "Api", *, busy: bool, cause: str
) -> None:
    await carrier.reject(LEG, busy=busy)

    ((name, fields),) = api.commands
    assert (name, fields["cause"]) == ("reject", cause)


@pytest.mark.parametrize("refusal", [("90018", 422), ("10005", 404), ("1", 404)])
async def test_a_call_that_is_over_already_counts_as_ended(
    carrier: TelnyxCarrier, api: "Api", refusal: tuple[str, int]
) -> None:
    api.answers = [api.refuse(*refusal), api.refuse(*refusal)]

    await carrier.hang_up(LEG)
    await carrier.reject(LEG, busy=False)

    assert [name for name, _ in api.commands] == ["hangup", "reject"]


async def test_an_odd_refusal_counts_as_ended_only_if_the_call_is_seen_to_be_over(
    carrier: TelnyxCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse("90099"), status(alive=False), api.refuse("90099"), status(alive=True)]

    await carrier.hang_up(LEG)
    with pytest.raises(CarrierError, match="code 90099"):
        await carrier.hang_up(LEG)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (status(alive=True), LineStatus(alive=True, cause="alive")),
        (status(alive=False), LineStatus(alive=False, cause="ended")),
        (status(alive="yes"), LineStatus(alive=None)),
        (httpx.Response(404), LineStatus(alive=False, cause="unknown to Telnyx")),
    ],
    ids=["alive", "ended", "odd", "unknown"],
)
async def test_what_telnyx_knows_of_a_call_is_asked(
    carrier: TelnyxCarrier, api: "Api", answer: httpx.Response, told: LineStatus
) -> None:
    api.answers = [httpx.Response(answer.status_code, content=answer.content)]

    assert await carrier.look_up(LEG) == told


async def test_keys_and_pauses_are_pressed_in_telnyxs_letters(carrier: TelnyxCarrier, api: "Api") -> None:
    await carrier.send_digits(LEG, "1w2W3,4p5P#*A")
    await carrier.send_digits(LEG, "1")

    (_, first), (_, second) = api.commands
    assert first["digits"] == "1w2w3w4W5W#*A"
    assert first["command_id"] != second["command_id"]


async def test_a_transfer_shows_our_number_and_is_done_once_the_other_answers(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.transfer, LEG, ELSEWHERE)
        await anyio.wait_all_tasks_blocked()
        assert len(carrier._transfers) == 1
        carrier.respond(webhooks("call.initiated", leg="v3:other", client_state=TARGET), None)
        carrier.respond(webhooks("call.bridged", client_state=HANDED_OVER), None)

    ((name, fields),) = api.commands
    assert name == "transfer"
    assert (fields["to"], fields["from"], fields["timeout_secs"]) == (ELSEWHERE.e164, OURS, 20)
    assert (fields["client_state"], fields["target_leg_client_state"]) == (HANDED_OVER, TARGET)
    assert len(carrier._transfers) == 0


async def test_a_number_that_does_not_answer_leaves_the_counterpart_with_us_and_heard(
    carrier: TelnyxCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    await carrier.listen(LEG, locale="zh-CN")

    async with anyio.create_task_group() as tasks:

        async def fails() -> None:
            with pytest.raises(CarrierError, match="gave timeout"):
                await carrier.transfer(LEG, ELSEWHERE)

        tasks.start_soon(fails)
        await anyio.wait_all_tasks_blocked()
        gone = webhooks("call.hangup", leg="v3:other", client_state=TARGET, hangup_cause="timeout")
        carrier.respond(gone, None)

    names = [name for name, _ in api.commands]
    assert names == ["transcription_start", "transcription_stop", "transfer", "transcription_start"]
    assert api.commands[-1][1]["transcription_engine_config"]["language"] == "zh"


async def test_what_is_kept_of_a_call_is_forgotten_with_it(
    carrier: TelnyxCarrier, webhooks: "Webhooks"
) -> None:
    await carrier.listen(LEG, locale="en-US")
    carrier._up.add(LEG)

    carrier.respond(webhooks("call.hangup"), None)

    assert not carrier._up
    assert len(carrier._speech) == len(carrier._streams) == len(carrier._transfers) == 0


async def test_news_that_tell_a_call_nothing_leave_what_is_kept_of_it(
    carrier: TelnyxCarrier, webhooks: "Webhooks"
) -> None:
    await carrier.listen(LEG, locale="en-US")

    carrier.respond(webhooks("call.speak.started"), None)

    assert carrier._speech.language_of(LEG) == "en"


async def test_the_voice_and_the_address_are_the_accounts(
    carrier: TelnyxCarrier, webhooks: "Webhooks"
) -> None:
    assert carrier.name == "telnyx"
    assert carrier.required_headers == ("telnyx-signature-ed25519", "telnyx-timestamp")
    answer = carrier.respond(webhooks("call.weather"), None)
    assert (answer.status, answer.body) == (200, b"OK")
