"""Legs of the mock network: how they ring, end, take commands and follow what is told from outside."""

from typing import Any

import anyio
import pytest
from support.mock_network import Desk, dial_request, mock_network
from support.mock_stage import offered_call

from voice_adapters.carriers.mock import HangUp, MockOutcome, MockScript
from voice_adapters.carriers.mock.webhooks import signals_of
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import LineAnswered, LineEnded
from voice_domain.ports.carrier import CarrierError, CarrierSignal, LineStatus
from voice_domain.ports.webhook_reader import WebhookRequest
from voice_domain.vocabulary import Direction, EndReason

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("mock-c1")


def timeline(desk: Desk) -> list[tuple[float, str]]:
    return [(round(at, 6), type(signal.news).__name__) for at, signal in desk.told]


def told(*events: dict[str, Any]) -> tuple[CarrierSignal, ...]:
    return signals_of({"events": list(events)}, now_ms=0, source="test")


async def test_a_dial_is_named_at_once_and_rings_and_is_answered_in_its_time() -> None:
    async with mock_network(MockScript(ring_ms=200, answer_ms=600)) as network:
        name = await network.carrier.dial(dial_request())
        named_at = anyio.current_time()
        await network.desk.line()

    assert (name, named_at) == ("mock-c1", 0)
    assert timeline(network.desk) == [(0.2, "LineRang"), (0.6, "LineAnswered")]


async def test_every_signal_names_both_ids_has_an_id_of_its_own_and_the_time_of_the_clock() -> None:
    async with mock_network(MockScript(steps=(HangUp(),))) as network:
        await network.carrier.dial(dial_request())
        await network.desk.first(LineEnded)
    signals = [signal for _, signal in network.desk.told]

    assert {(signal.call_id, signal.carrier_call_id) for signal in signals} == {("c1", "mock-c1")}
    assert len(set(network.desk.ids()) - {""}) == len(signals) == 3
    assert [getattr(signal.news, "at_ms", 0) % 10_000 for signal in signals] == [200, 600, 600]


ANSWERED = [(0.2, "LineRang", None, ""), (0.6, "LineAnswered", None, "")]
TAPED = [(0.2, "LineRang", None, ""), (0.6, "MachineAnswered", None, "")]
CAPPED = [(330.0, "LineEnded", EndReason.TIMEOUT, "time limit")]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (MockOutcome.BUSY, [(0.2, "LineEnded", EndReason.BUSY, "busy")]),
        (MockOutcome.FAILED, [(0.2, "LineEnded", EndReason.FAILED, "failed")]),
        (
            MockOutcome.NO_ANSWER,
            [(0.2, "LineRang", None, ""), (30.0, "LineEnded", EndReason.NO_ANSWER, "no answer")],
        ),
        (MockOutcome.VOICEMAIL, TAPED + CAPPED),
        (MockOutcome.ANSWER, ANSWERED + CAPPED),
    ],
)
async def test_what_becomes_of_a_dial_is_what_the_script_says(
    outcome: MockOutcome, expected: list[object]
) -> None:
    async with mock_network(MockScript(outcome=outcome)) as network:
        await network.carrier.dial(dial_request())
        await network.desk.first(LineEnded)
    heard = [
        (
            round(at, 6),
            type(signal.news).__name__,
            getattr(signal.news, "reason", None),
            getattr(signal.news, "cause", ""),
        )
        for at, signal in network.desk.told
    ]

    assert heard == expected


async def test_an_answer_that_would_come_after_the_ring_timeout_does_not_come() -> None:
    async with mock_network(MockScript(answer_ms=5_000)) as network:
        await network.carrier.dial(dial_request(ring_ms=2_000))
        await network.desk.first(LineEnded)

    assert timeline(network.desk) == [(0.2, "LineRang"), (2.0, "LineEnded")]


async def test_the_longest_pattern_of_the_callee_wins_over_the_outcome() -> None:
    script = MockScript(
        outcomes={
            "+1555*": MockOutcome.BUSY,
            "+1555999*": MockOutcome.FAILED,
            "+15559991": MockOutcome.ANSWER,
        }
    )

    assert script.outcome_for(PhoneNumber("+15550001")) is MockOutcome.BUSY
    assert script.outcome_for(PhoneNumber("+15559992")) is MockOutcome.FAILED
    assert script.outcome_for(PhoneNumber("+15559991")) is MockOutcome.ANSWER
    assert script.outcome_for(PhoneNumber("+4955599910")) is MockOutcome.ANSWER


async def test_the_same_call_dialled_twice_is_one_leg() -> None:
    async with mock_network() as network:
        first = await network.carrier.dial(dial_request())
        await network.desk.line()
        again = await network.carrier.dial(dial_request())
        await anyio.sleep(5)

    assert first == again
    assert network.desk.news == ["LineRang", "LineAnswered"]


@pytest.mark.parametrize("after_seconds", [0, 0.1, 0.4, 3])
async def test_hanging_up_ends_the_leg_whenever_it_comes_and_is_told_once(after_seconds: float) -> None:
    async with mock_network() as network:
        name = await network.carrier.dial(dial_request())
        await anyio.sleep(after_seconds)
        await network.carrier.hang_up(name)
        await network.carrier.hang_up(name)
        status = await network.carrier.look_up(name)
        await anyio.sleep(600)

    assert status == LineStatus(alive=False, reason=EndReason.HANGUP_BOT, cause="hang-up")
    assert network.desk.news.count("LineEnded") == 1
    assert network.desk.news[-1] == "LineEnded"
    assert network.desk.told[-1][0] == pytest.approx(after_seconds)


async def test_the_network_knows_which_legs_live_and_how_others_ended() -> None:
    async with mock_network(MockScript(steps=(HangUp(after_ms=1_000),))) as network:
        name = await network.carrier.dial(dial_request())
        alive = await network.carrier.look_up(name)
        _, told = await network.desk.first(LineAnswered)
        up = await network.carrier.look_up(name)
        await network.desk.first(LineEnded)
        over = await network.carrier.look_up(name)
        unknown = await network.carrier.look_up(CarrierCallId("mock-other"))

    assert alive == LineStatus(alive=True, answered=False)
    assert up == LineStatus(alive=True, answered=True, answered_at_ms=told.at_ms)
    assert over == LineStatus(alive=False, reason=EndReason.HANGUP_USER, cause="hang-up")
    assert (unknown.alive, unknown.reason) == (False, None)


async def test_commands_on_legs_that_do_not_exist_succeed() -> None:
    async with mock_network() as network:
        await network.carrier.hang_up(CarrierCallId("x"))
        await network.carrier.send_digits(CarrierCallId("x"), "1")
        await network.carrier.transfer(CarrierCallId("x"), PhoneNumber("+15550001111"))

    assert network.desk.told == []


async def test_the_callee_hears_the_keys_that_we_press() -> None:
    async with mock_network() as network:
        name = await network.carrier.dial(dial_request())
        await network.carrier.send_digits(name, "12")
        await network.carrier.send_digits(name, "w#")
        leg = network.carrier.leg(name)

    assert leg is not None
    assert leg.digits_heard == "12w#"


async def test_a_transfer_ends_our_part_when_the_other_one_answers() -> None:
    async with mock_network() as network:
        name = await network.carrier.dial(dial_request())
        await network.desk.line()
        await network.carrier.transfer(name, PhoneNumber("+15550001111"))
        at, end = await network.desk.first(LineEnded)

    assert at == pytest.approx(1.2)
    assert (end.reason, end.cause) == (EndReason.COMPLETED, "transferred")


async def test_a_transfer_to_a_busy_number_leaves_the_counterpart_with_us() -> None:
    async with mock_network(MockScript(outcomes={"+15550001111": MockOutcome.BUSY})) as network:
        name = await network.carrier.dial(dial_request())
        await network.desk.line()
        await network.carrier.transfer(name, PhoneNumber("+15550001111"))
        await anyio.sleep(60)
        status = await network.carrier.look_up(name)

    assert status.alive


async def test_what_was_dialled_before_the_carrier_runs_waits_for_it() -> None:
    async with mock_network() as early:
        pass
    await early.carrier.dial(dial_request())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(early.carrier.run, early.desk)
        await early.desk.line()
        tasks.cancel_scope.cancel()

    assert early.desk.news == ["LineRang", "LineAnswered"]


async def test_when_the_carrier_stops_its_legs_are_gone_without_a_word() -> None:
    async with mock_network() as network:
        name = await network.carrier.dial(dial_request())
        line = await network.desk.line()
    told_then = len(network.desk.told)
    await anyio.sleep(600)

    assert (await network.carrier.look_up(name)).alive is False
    assert len(network.desk.told) == told_then == 2
    assert line.closed_at is None


async def test_the_audio_is_closed_after_the_end_was_told() -> None:
    async with mock_network(MockScript(steps=(HangUp(after_ms=400),))) as network:
        await network.carrier.dial(dial_request())
        line = await network.desk.line()
        await network.desk.first(LineEnded)
        frames = len(line.frames)
        await anyio.sleep(1)

    assert network.desk.log[-2:] == ["LineEnded", "link closed"]
    assert line.closed_at == pytest.approx(1)
    assert len(line.frames) == frames


async def test_a_link_that_we_closed_is_not_closed_again() -> None:
    async with mock_network(MockScript(steps=(HangUp(after_ms=400),))) as network:
        await network.carrier.dial(dial_request())
        line = await network.desk.line()
        line.link.close()
        await network.desk.first(LineEnded)
        await anyio.sleep(1)

    assert line.closed_at is None


async def test_news_that_could_not_be_kept_are_told_again_and_the_other_legs_live_on() -> None:
    async with mock_network(desk=Desk(failures=2)) as network:
        await network.carrier.dial(dial_request())
        await network.carrier.dial(dial_request("c2"))
        await network.desk.line("c1")
        await network.desk.line("c2")
    ids = network.desk.ids()

    assert sorted(network.desk.news) == ["LineAnswered", "LineAnswered", "LineRang", "LineRang"]
    assert len(set(ids)) == 4


async def test_news_that_can_never_be_kept_are_given_up_and_the_leg_goes_on() -> None:
    async with mock_network(desk=Desk(failures=5)) as network:
        await network.carrier.dial(dial_request())
        await network.desk.line()

    assert network.desk.news == ["LineAnswered"]


async def test_news_that_are_taken_badly_are_told_once_and_the_network_lives_on() -> None:
    desk = Desk(failures=1, refusal=CarrierError("mock", "no hang-up"))
    async with mock_network(desk=desk) as network:
        await network.carrier.dial(dial_request())
        await network.desk.line()

    assert network.desk.news == ["LineAnswered"]


async def test_a_leg_whose_audio_nobody_takes_ends() -> None:
    async with mock_network(desk=Desk(stranger=True)) as network:
        await network.carrier.dial(dial_request())
        _, end = await network.desk.first(LineEnded)

    assert end.cause == "nobody took the audio"


async def test_an_answer_told_from_outside_connects_the_leg_without_being_told_again() -> None:
    async with mock_network(MockScript(outcome=MockOutcome.NO_ANSWER)) as network:
        await network.carrier.dial(dial_request())
        await anyio.sleep(3)
        for signal in told({"type": "call.answered", "callId": "c1"}):
            network.carrier.follow(signal, None)
        await network.desk.line()
        connected_at = anyio.current_time()

    assert connected_at == pytest.approx(3)
    assert network.desk.news == ["LineRang"]


async def test_an_end_told_from_outside_ends_the_leg_without_being_told_again() -> None:
    async with mock_network() as network:
        name = await network.carrier.dial(dial_request())
        await network.desk.line()
        for signal in told({"type": "call.ended", "callId": "c1", "reason": "hangup-user"}):
            network.carrier.follow(signal, None)
        status = await network.carrier.look_up(name)
        await anyio.sleep(600)

    assert status.reason is EndReason.HANGUP_USER
    assert "LineEnded" not in network.desk.news


async def test_a_new_name_told_from_outside_is_used_from_then_on_and_the_old_one_still_works() -> None:
    async with mock_network() as network:
        name = await network.carrier.dial(dial_request())
        await network.desk.line()
        for signal in told({"type": "call.ringing", "callId": "c1", "providerCallId": "other"}):
            network.carrier.follow(signal, None)
        alive = await network.carrier.look_up(name)
        await network.carrier.hang_up(CarrierCallId("other"))
        _, end = await network.desk.first(LineEnded)

    assert alive.alive
    assert end.carrier_call_id == network.desk.told[-1][1].carrier_call_id == "other"


async def test_news_that_are_no_deeds_and_news_of_strangers_change_no_leg() -> None:
    async with mock_network() as network:
        await network.carrier.dial(dial_request())
        await network.desk.line()
        events = [{"type": "call.speech", "callId": "c1"}, {"type": "call.ended", "callId": "stranger"}]
        for signal in told(*events):
            network.carrier.follow(signal, None)
        await anyio.sleep(5)
        status = await network.carrier.look_up(LEG)

    assert status.alive


async def test_a_caller_told_from_outside_is_answered_and_connected_under_our_name_for_the_call() -> None:
    offer = {"type": "call.initiated", "callId": "x", "direction": "inbound", "from": "+15550001111"}
    async with mock_network() as network:
        (signal,) = told(offer)
        # The application answers while it takes the offer, and learns of its own name for the call only then.
        await network.carrier.answer(CarrierCallId("mock-x"))
        network.carrier.follow(signal, offered_call("mock-x"))
        line = await network.desk.line("ours")
        await network.carrier.hang_up(CarrierCallId("mock-x"))
        await network.desk.first(LineEnded)
        await anyio.sleep(1)

    assert network.desk.news == ["LineAnswered", "LineEnded"]
    assert {signal.carrier_call_id for _, signal in network.desk.told} == {"mock-x"}
    assert {signal.direction for _, signal in network.desk.told} == {Direction.INBOUND}
    assert line.closed_at is not None


async def test_a_caller_whom_nobody_answers_gives_up() -> None:
    async with mock_network() as network:
        for signal in told({"type": "call.initiated", "callId": "x", "direction": "inbound"}):
            network.carrier.follow(signal, None)
        at, end = await network.desk.first(LineEnded)

    assert at == pytest.approx(60)
    assert end.reason is EndReason.NO_ANSWER


@pytest.mark.parametrize(("busy", "cause"), [(True, "busy"), (False, "rejected")])
async def test_a_rejected_caller_is_gone_and_an_echo_of_the_offer_does_not_bring_it_back(
    *, busy: bool, cause: str
) -> None:
    async with mock_network() as network:
        await network.carrier.reject(CarrierCallId("mock-x"), busy=busy)
        await network.carrier.reject(CarrierCallId("mock-x"), busy=busy)
        for signal in told({"type": "call.initiated", "callId": "x", "direction": "inbound"}):
            network.carrier.follow(signal, None)
        await anyio.sleep(600)
        status = await network.carrier.look_up(CarrierCallId("mock-x"))

    assert (status.alive, status.cause) == (False, cause)
    assert network.desk.news == ["LineEnded"]


async def test_a_webhook_moves_the_leg_when_it_is_answered_not_when_it_is_read() -> None:
    body = b'{"event": {"type": "call.answered", "callId": "c1"}}'
    request = WebhookRequest(method="POST", urls=("http://x",), query={}, headers={}, body=body)
    async with mock_network(MockScript(outcome=MockOutcome.NO_ANSWER)) as network:
        await network.carrier.dial(dial_request())
        network.carrier.translate(request)
        await anyio.sleep(1)
        unmoved = not network.desk.lines
        response = network.carrier.respond(request, None)
        await network.desk.line()

    assert unmoved
    assert response.status == 200
    assert network.carrier.authenticate(request).startswith("mock:")
    assert network.carrier.required_headers == ()


async def test_the_last_five_hundred_legs_are_remembered() -> None:
    async with mock_network(MockScript(outcome=MockOutcome.BUSY)) as network:
        first = await network.carrier.dial(dial_request("first"))
        await anyio.sleep(1)
        for number in range(500):
            await network.carrier.dial(dial_request(str(number)))
        await anyio.sleep(1)
        remembered = [network.carrier.leg(CarrierCallId(f"mock-{number}")) for number in range(500)]

    assert network.carrier.leg(first) is None
    assert None not in remembered


async def test_it_can_do_everything_but_speak_and_listen_itself() -> None:
    async with mock_network() as network:
        able = network.carrier.capabilities

    assert network.carrier.name == "mock"
    assert able.media_stream
    assert able.digits
    assert able.transfer
    assert able.inbound
    assert able.reject
    assert able.live_speech
    assert not able.native_speech
    assert not able.native_listening
