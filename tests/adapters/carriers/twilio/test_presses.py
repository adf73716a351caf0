"""Keys in a streamed call: in groups that the call survives, each followed by a stream of its own."""

from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.twiml_grammar import faults_of, parsed

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_adapters.carriers.twilio.presses import KeyGroup, key_groups
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

if TYPE_CHECKING:
    from conftest import Api, Webhooks

LEG = CarrierCallId("CA0000000000000000000000000000002a")
HOOK = "https://voice.example.com/voice/webhook"


def pressed(api: "Api") -> list[str | None]:
    assert [fault for xml in api.documents for fault in faults_of(xml)] == []
    return [parsed(xml)[0].get("digits") for xml in api.documents]


@pytest.mark.parametrize(
    ("digits", "groups"),
    [
        ("1234#", [(0, "1234"), (0, "#")]),
        ("ww1,2p3", [(1, "1"), (0.5, "2"), (1, "3")]),
        ("1ww", [(0, "1")]),
        ("wpW", []),
        ("", []),
    ],
)
def test_keys_go_in_groups_and_waits_between_them(digits: str, groups: list[tuple[float, str]]) -> None:
    assert key_groups(digits) == tuple(KeyGroup(seconds, keys) for seconds, keys in groups)


@given(st.text(st.sampled_from("0123456789*#wWpP,"), max_size=100))
def test_no_key_is_lost_and_no_group_is_long(digits: str) -> None:
    groups = key_groups(digits)

    assert "".join(group.keys for group in groups) == "".join(key for key in digits if key not in "wWpP,")
    assert all(0 < len(group.keys) <= 4 for group in groups)


@pytest.mark.anyio
async def test_each_group_waits_for_the_stream_after_the_one_before(
    carrier: TwilioCarrier, api: "Api", webhooks: "Webhooks"
) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.send_digits, LEG, "1234w56")
        await anyio.sleep(1.2)
        assert pressed(api) == ["1234"]
        started = webhooks(f"{HOOK}?type=stream", StreamEvent="stream-started", StreamSid="MZ1")
        carrier.translate(started)
        await anyio.sleep(0.45)
        assert pressed(api) == ["1234"]
        await anyio.sleep(0.1)

    assert pressed(api) == ["1234", "56"]
    assert carrier._presses._returns == {}


@pytest.mark.anyio
async def test_a_stream_that_nobody_tells_of_is_not_waited_for_long(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    await carrier.send_digits(LEG, "123456789")

    assert pressed(api) == ["1234", "5678", "9"]
    assert anyio.current_time() == pytest.approx(6)


@pytest.mark.anyio
async def test_the_leg_comes_back_for_its_stream_and_never_looks_like_a_repetition(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    await carrier.send_digits(LEG, "1")
    await carrier.send_digits(LEG, "1")

    backs = [parsed(xml)[1].text or "" for xml in api.documents]
    assert all(back.startswith(HOOK) for back in backs)
    assert len(set(backs)) == 2


@pytest.mark.anyio
async def test_what_is_no_key_is_refused_before_anything_is_pressed(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    with pytest.raises(CarrierError, match="0-9 A-D"):
        await carrier.send_digits(LEG, "123456x")

    assert api.requests == []


@pytest.mark.anyio
async def test_a_group_that_twilio_refuses_ends_the_row(carrier: TwilioCarrier, api: "Api") -> None:
    api.answers = [api.refuse(21220)] * 3

    with pytest.raises(CarrierError, match="cannot be changed now"):
        await carrier.send_digits(LEG, "12345")

    assert pressed(api) == ["1234"] * 3
