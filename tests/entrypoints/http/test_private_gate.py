"""Who gets into the private listener."""

import anyio
import pytest
from starlette.responses import PlainTextResponse
from support.web_ask import Asked, Reply, ask

from voice_contracts.secret import Secret
from voice_entrypoints.http.allowed_hosts import AllowedHosts
from voice_entrypoints.http.failure_limit import FailureLimit
from voice_entrypoints.http.private_gate import PrivateGate

pytestmark = pytest.mark.anyio

TOKEN = "t" * 43
GOOD = {"Host": "127.0.0.1:3335", "Authorization": f"Bearer {TOKEN}"}


def gate(bind: str = "127.0.0.1") -> PrivateGate:
    made = PrivateGate(token=Secret(TOKEN), token_place="the token file", hosts=AllowedHosts(bind))
    return made.around(PlainTextResponse("in"))


async def knock(asked: Asked, made: PrivateGate | None = None) -> Reply:
    return await ask(made or gate(), asked)


async def test_the_token_opens() -> None:
    assert (await knock(Asked(headers=GOOD))).body == b"in"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
    ],
)
async def test_anything_else_is_401_and_says_where_the_token_is(authorization: str) -> None:
    reply = await knock(Asked(headers=GOOD | {"Authorization": authorization}))

    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert "the token file" in reply.json()["error"]["message"]
    assert TOKEN not in reply.body.decode()


async def test_a_missing_token_is_401_on_every_path_known_or_not() -> None:
    for path in ("/rpc", "/events", "/console/", "/phone", "/metrics", "/nothing"):
        assert (await knock(Asked(path=path, headers={"Host": "localhost:3335"}))).status == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_needs_no_token(path: str) -> None:
    assert (await knock(Asked(path=path, headers={"Host": "localhost:3335"}))).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:3335", "127.0.0.1:1", "localhost.evil.example", "", "a@127.0.0.1", "[::1"],
)
async def test_a_foreign_host_is_403_even_with_the_token(host: str) -> None:
    assert (await knock(Asked(headers=GOOD | {"Host": host}))).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:3335", "localhost:3335", "LOCALHOST", "[::1]:3335", "localhost"])
async def test_loopback_names_are_ours(host: str) -> None:
    assert (await knock(Asked(headers=GOOD | {"Host": host}))).status == 200


async def test_a_missing_host_is_403() -> None:
    assert (await knock(Asked(headers={"Authorization": f"Bearer {TOKEN}"}))).status == 403


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", "http://127.0.0.1:9999", "file://", "ws://localhost"]
)
async def test_a_foreign_origin_is_403_even_with_the_token(origin: str) -> None:
    assert (await knock(Asked(headers=GOOD | {"Origin": origin}))).status == 403


async def test_our_own_origin_is_let_in() -> None:
    assert (await knock(Asked(headers=GOOD | {"Origin": "http://127.0.0.1:3335"}))).status == 200


async def test_a_listener_on_all_addresses_answers_to_addresses_and_to_no_other_name() -> None:
    everywhere = gate("0.0.0.0")  # noqa: S104 - that is what is tested

    assert (await knock(Asked(headers=GOOD | {"Host": "192.0.2.7:3335"}), everywhere)).status == 200
    assert (await knock(Asked(headers=GOOD | {"Host": "gateway.example:3335"}), everywhere)).status == 403


async def test_a_listener_on_one_address_answers_to_it() -> None:
    assert (await knock(Asked(headers=GOOD | {"Host": "192.0.2.7:3335"}), gate("192.0.2.7"))).status == 200
    assert (await knock(Asked(headers=GOOD | {"Host": "192.0.2.8:3335"}), gate("192.0.2.7"))).status == 403


async def test_wrong_tokens_are_limited_by_address_and_the_right_one_never_is() -> None:
    made = gate()
    wrong = Asked(headers=GOOD | {"Authorization": "Bearer wrong"})
    statuses = [(await knock(wrong, made)).status for _ in range(21)]

    assert statuses == [401] * 20 + [429]
    assert (await knock(Asked(headers=GOOD), made)).status == 200
    other = Asked(headers=wrong.headers, client="192.0.2.1")
    assert (await knock(other, made)).status == 401
    await anyio.sleep(61)
    assert (await knock(wrong, made)).status == 401


async def test_a_websocket_is_refused_in_the_handshake() -> None:
    asked = Asked(path="/rpc", headers={"Host": "localhost:3335"}, kind="websocket")

    assert (await knock(asked)).status == 401


async def test_failures_of_at_most_4096_addresses_are_remembered() -> None:
    limit = FailureLimit(1)
    for number in range(5_000):
        limit.fail(str(number))

    assert limit.fail("4999") is not None
    assert limit.fail("0") is None
