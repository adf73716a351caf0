"""The leg of a dial whose answer was lost: Telnyx's list is read as its own SDK reads it, page after page."""

from typing import TYPE_CHECKING

import httpx
import pytest
import telnyx

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.dial_finder import LostDial

if TYPE_CHECKING:
    from conftest import Api

pytestmark = pytest.mark.anyio

OURS = CallId("c-1")
LOST = LostDial(
    call_id=OURS,
    caller=PhoneNumber("+15550001234"),
    callee=PhoneNumber("+15550005678"),
    at_ms=1_770_000_000_000,
)
STATE = ClientState(call_id=OURS).encoded


def call(leg: str, state: str = STATE) -> dict[str, object]:
    """A call as the list has it (OpenAPI: ActiveCall)."""
    names = {"call_control_id": leg, "call_leg_id": f"leg of {leg}", "call_session_id": f"session of {leg}"}
    return {**names, "client_state": state, "call_duration": 5, "record_type": "call"}


def page(*calls: dict[str, object], after: str | None = None) -> httpx.Response:
    """A page as the list has it (OpenAPI: CursorPaginationMeta)."""
    meta = {"cursors": {"after": after, "before": None}, "next": None, "total_items": len(calls)}
    return httpx.Response(200, json={"data": list(calls), "meta": meta})


async def test_the_list_is_asked_for_and_read_as_the_sdk_does_it(carrier: TelnyxCarrier, api: "Api") -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return page(call("v3:one"))

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        sdk = telnyx.Telnyx(api_key=carrier.client.api_key, http_client=http, max_retries=0)
        read = sdk.connections.list_active_calls(carrier.client.connection_id).data
    api.answers = [page(call("v3:one"))]

    found = await carrier.find_dial(LOST)

    (request,) = api.requests
    assert (request.method, request.url.copy_with(query=None)) == (asked[0].method, asked[0].url)
    # The SDK does not know it, the description of the interface does: 250 at most, and 20 without it.
    assert dict(request.url.params) == {"page[limit]": "250"}
    assert list(found) == [each.call_control_id for each in read]


async def test_the_leg_is_found_by_our_name_on_whichever_page(carrier: TelnyxCarrier, api: "Api") -> None:
    others = [call("v3:other", ClientState(call_id=CallId("c-2")).encoded), call("v3:stateless", "")]
    handed_over = ClientState(call_id=OURS, role=Role.TARGET, parent=CarrierCallId("v3:own")).encoded
    api.answers = [page(*others, after="v1:g3=="), page(call("v3:to", handed_over), call("v3:own"))]

    assert await carrier.find_dial(LOST) == ("v3:own",)
    assert api.requests[1].url.params["page[after]"] == "v1:g3=="


async def test_a_list_without_end_is_not_read_for_ever(carrier: TelnyxCarrier, api: "Api") -> None:
    api.answers = [page(call("v3:other", ""), after="again")] * 100

    assert await carrier.find_dial(LOST) == ()
    assert len(api.requests) == 20


@pytest.mark.parametrize(
    "told", [{}, {"data": None}, {"data": ["x", {"call_control_id": 5}]}, {"meta": 5}, []]
)
async def test_an_answer_that_lists_nothing_finds_nothing(
    carrier: TelnyxCarrier, api: "Api", told: object
) -> None:
    api.answers = [httpx.Response(200, json=told)]

    assert await carrier.find_dial(LOST) == ()


async def test_a_list_that_cannot_be_had_is_an_error_and_not_an_empty_one(
    carrier: TelnyxCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse("10009", 401)]

    with pytest.raises(CarrierError):
        await carrier.find_dial(LOST)
