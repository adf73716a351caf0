"""A real gateway in trouble: ports, disks, kills, impostors, garbage. It says what is wrong and stays up."""

import json
import os
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.gateway import PATIENCE_SECONDS, GatewayProcess, started_gateway
from support.stranger import Api, Place, eventually

SETTINGS = {
    "maxConcurrentCalls": 10,
    "recording": {"enabled": False},
    "mock": {"ringMs": 1, "answerMs": 2},
}
FREE = {"api": {"port": 0}, "serve": {"port": 0}}
TALKING = ("speaking", "listening")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A gateway that every test of this module leaves as it was."""
    with started_gateway(tmp_path_factory.mktemp("trouble") / "home", SETTINGS) as gateway:
        yield Api(gateway)
    assert "Traceback" not in (gateway.home / "stderr.txt").read_text()


def _port(url: str) -> int:
    return int(url.split(":")[2].partition("/")[0])


def test_a_second_gateway_on_the_state_folder_is_refused_and_told_the_pid(api: Api) -> None:
    place = Place(api.gateway.home)
    found = json.loads((place.home / "gateway.json").read_text())

    ran = place.run_all(("voicecall-http",), ("voicecall", "serve", "--json"))

    pid = api.gateway.process.pid
    assert [each.code for each in ran] == [1, 1]
    assert all(f"gateway with pid {pid} already uses the state folder" in each.err for each in ran)
    assert ran[1].json["error"]["message"] in ran[1].err
    assert json.loads((place.home / "gateway.json").read_text()) == found
    assert found["pid"] == pid


def test_a_busy_port_is_named_and_so_is_our_own_gateway_on_another_folder(api: Api, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        busy = (
            ("api", _port(api.gateway.api_url), True),
            ("serve", _port(api.gateway.webhook_url), True),
            ("api", _of(other), False),
        )
        started = [
            Place.made(tmp_path / f"{number}", {**FREE, key: {"port": port}}).start("voicecall", "serve")
            for number, (key, port, _) in enumerate(busy)
        ]
        ends = [(*process.communicate(timeout=PATIENCE_SECONDS), process.returncode) for process in started]

    for (key, port, is_ours), (out, err, code) in zip(busy, ends, strict=True):
        assert (code, out) == (1, "")
        assert f"Port {port} is in use" in err
        assert (f"our own gateway, process {api.gateway.process.pid};" in err) is is_ours
        assert f"set {key}.port to another (0 picks a free one)" in err


def _of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"Authorization": ""}, 401, "unauthorized"),
        ({"Authorization": "Bearer wrong"}, 401, "unauthorized"),
        ({"Origin": "https://evil.example"}, 403, "forbidden"),
        ({"Host": "evil.example"}, 403, "forbidden"),
    ],
)
def test_impostors_are_refused_on_every_page(
    api: Api, headers: dict[str, str], status: int, kind: str
) -> None:
    answers = [api.get(path, **headers) for path in ("/rpc", "/events", "/metrics", "/nothing")]
    answers.append(api.post(b'{"jsonrpc":"2.0","id":1,"method":"voicecall.status"}', **headers))

    assert [answer.status_code for answer in answers] == [status] * 5
    assert {answer.json()["error"]["kind"] for answer in answers} == {kind}
    assert api.gateway.token not in "".join(answer.text for answer in answers)


def test_a_wrong_token_file_is_one_sentence_for_every_client(api: Api) -> None:
    place, path = Place(api.gateway.home), api.gateway.home / "api-token"
    token = path.read_text()
    try:
        path.write_text("x" * len(token))
        wrong = place.run_all(
            ("voicecall", "status"), ("voicecall", "end", "--call-id", "x", "--json"), ("voicecall-rpc",)
        )
        path.chmod(0o644)
        unsafe = place.run("voicecall", "status")
        path.unlink()
        gone = place.run("voicecall", "status")
    finally:
        path.touch()
        path.chmod(0o600)
        path.write_text(token)

    assert [each.code for each in wrong] == [1, 1, 1]
    assert all(f"refused the token in {path}" in each.err for each in wrong)
    assert wrong[1].json["error"]["kind"] == "unauthorized"
    assert (unsafe.code, f"`chmod 600 {path}`" in unsafe.err) == (1, True)
    assert (gone.code, "start the gateway again, which makes a new one" in gone.err) == (1, True)
    assert place.run("voicecall", "status").code == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id":',
        b"[]",
        b"[1]",
        b"null",
        b'{"jsonrpc":"2.0","method":7}',
        b'"\\ud800"',
    ],
)
def test_garbage_gets_a_legal_answer(api: Api, body: bytes) -> None:
    answer = api.post(body)

    assert answer.status_code == 200
    (only,) = answer.json() if isinstance(answer.json(), list) else [answer.json()]
    assert only["error"]["code"] in (-32700, -32600)
    assert only["error"]["message"]


def test_a_body_of_more_than_a_mebibyte_is_413(api: Api) -> None:
    answer = api.post(b" " * (1 << 20) + b"{")

    assert (answer.status_code, answer.json()["error"]["kind"]) == (413, "invalid_request")
    assert api.post(b" " * (1 << 20)).status_code == 200


def test_garbage_on_the_bare_socket_does_no_harm(api: Api) -> None:
    for url in (api.gateway.api_url, api.gateway.webhook_url):
        for garbage in (b"\x16\x03\x01\x02\x00" * 20, b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 70_000, b""):
            with socket.create_connection(("127.0.0.1", _port(url)), timeout=PATIENCE_SECONDS) as raw:
                raw.sendall(garbage)
                raw.shutdown(socket.SHUT_WR)
    assert api.get("/readyz").json() == {"ready": True}


def test_the_public_listener_takes_webhooks_and_shows_nothing_else(api: Api) -> None:
    call_id = api.place()
    api.reach(call_id, TALKING)
    told = {"events": [{"type": "call.dtmf", "callId": call_id, "digits": "7"}]}
    root = api.gateway.webhook_url.removesuffix("/voice/webhook")

    answers = [api.webhook(told) for _ in range(3)]
    others = [
        httpx.get(root + path, trust_env=False)
        for path in (
            "/",
            "/healthz",
            "/readyz",
            "/metrics",
            "/rpc",
            "/events",
            "/console/",
            "/voice/webhook/x",
        )
    ]
    wrong = [api.webhook(body) for body in (b"garbage", b"[" * 5_000, {"event": 5}, b"\xff")]
    large = api.webhook(b" " * 65_537)
    read = httpx.get(api.gateway.webhook_url, trust_env=False)
    ended = api.ask("end", callId=call_id)

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, '{"ok":true}')] * 3
    assert [answer.status_code for answer in others] == [404] * 8
    assert [answer.status_code for answer in wrong] == [400] * 4
    assert (large.status_code, read.status_code, read.headers["allow"]) == (413, 405, "POST")
    assert ended == {"success": True}
    assert api.record(call_id)["metadata"]["digits"] == "7"  # told three times, pressed once


def test_a_killed_gateway_is_stale_and_the_next_one_closes_its_calls(tmp_path: Path) -> None:
    settings = {**SETTINGS, "mock": {**SETTINGS["mock"], "outcomes": {"+1555000100*": "no-answer"}}}  # type: ignore[dict-item]  # a table of tables
    place = Place(tmp_path / "home")
    with started_gateway(place.home, settings, code=-signal.SIGKILL) as gateway:
        api = Api(gateway)
        talking, ringing = api.place(), api.place("+15550001000")
        api.reach(talking, TALKING)
        gateway.process.kill()
    stale = place.run_all(
        ("voicecall", "end", "--call-id", talking),
        ("voicecall", "status", "--call-id", talking, "--json"),
        ("voicecall", "history", "--json"),
    )
    with started_gateway(place.home, settings) as gateway:
        api = Api(gateway)
        for call_id in (talking, ringing):
            api.reach(call_id, ["error"])  # the carrier is asked while others are served
        closed = [api.record(call_id) for call_id in (talking, ringing)]
        calls = api.ask("history")["calls"]
        live = api.ask("status")["calls"]
        outbox = gateway.rows("SELECT count(*) FROM outbox")

    assert (stale[0].code, "is stale" in stale[0].err) == (3, True)
    assert stale[1].json["state"] in TALKING
    assert len(stale[2].json["calls"]) == 2
    assert [record["state"] for record in closed] == ["error", "error"]
    assert all(record["error"] == "the gateway stopped during this call" for record in closed)
    assert (len(calls), live, outbox) == (2, [], [(0,)])  # nothing was dialled again


def test_the_pid_of_a_dead_gateway_may_be_somebody_elses(tmp_path: Path) -> None:
    place = Place.made(tmp_path, {**SETTINGS, **FREE})
    gone = {
        "pid": os.getpid(),
        "apiUrl": "http://127.0.0.1:1",
        "webhookUrl": "http://127.0.0.1:1/v",
        "startedAt": 1,
    }
    (place.home / "gateway.json").write_text(json.dumps(gone))

    asked = place.run("voicecall-rpc", given=b'{"jsonrpc":"2.0","id":1,"method":"voicecall.status"}\n')

    assert (asked.code, asked.json["result"]) == (0, {"calls": []})


def full(gateway: GatewayProcess, *, on: bool) -> None:
    """Let the disk take nothing more, as far as the gateway can see; or let it be as before."""
    most = 4_096 if on else resource.RLIM_INFINITY
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def test_a_full_disk_refuses_calls_and_the_gateway_comes_back_with_the_disk(tmp_path: Path) -> None:
    with started_gateway(tmp_path / "home", SETTINGS) as gateway:
        api = Api(gateway)
        live = api.place()
        before = api.reach(live, ("listening",))
        full(gateway, on=True)
        refused = [
            api.refusal("initiate", to="+15550005678", message="Hi."),
            api.refusal("speak", callId=live, message="Hi."),
            api.refusal("end", callId=live),
        ]
        by_cli = Place(gateway.home).run("voicecall", "call", "--to", "+15550005678", "--message", "Hi.")
        ready, healthy = api.get("/readyz"), api.get("/healthz")
        told = api.webhook({"event": {"type": "call.dtmf", "callId": live, "digits": "7"}})
        history = api.ask("history")["calls"]
        full(gateway, on=False)
        eventually(lambda: api.get("/readyz").status_code == 200)
        ended = api.reach(live, ("hangup-bot",))
        api.reach(api.place(mode="notify"), ("completed",))
        # What was carried out is struck off a moment after it was told.
        eventually(lambda: gateway.rows("SELECT count(*) FROM outbox") == [(0,)])

    assert [(code, kind) for code, kind, _ in refused] == [(-32008, "unavailable")] * 3
    assert all("check its space" in sentence or "is full" in sentence for _, _, sentence in refused)
    assert (by_cli.code, by_cli.out, refused[0][2] in by_cli.err) == (1, "", True)
    assert (ready.status_code, healthy.status_code) == (503, 200)
    assert ready.json()["problem"] in {sentence for _, _, sentence in refused}
    assert told.status_code == 503  # the carrier tells it again
    assert history == [before]
    assert (
        ended["transcript"] == before["transcript"]
    )  # the line was cut at once; the record is made good later


def test_readiness_comes_back_with_the_disk_while_nobody_calls(api: Api) -> None:
    full(api.gateway, on=True)
    refused = api.refusal("initiate", to="+15550005678", message="Hi.")
    during = api.get("/readyz").status_code
    full(api.gateway, on=False)

    assert (refused[1], during) == ("unavailable", 503)
    assert eventually(lambda: api.get("/readyz").json()["ready"])


def test_a_state_folder_that_takes_nothing_is_told_by_every_program(tmp_path: Path) -> None:
    place = Place.made(tmp_path, {**SETTINGS, **FREE})

    def nothing_fits() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    started = [
        place.start(*words, before=nothing_fits)
        for words in (
            ("voicecall", "serve"),
            ("voicecall-rpc",),
            ("voicecall", "call", "--to", "+15550005678", "--message", "Hi."),
            ("voicecall", "config", "set", "maxConcurrentCalls", "2"),
        )
    ]
    ends = [(*process.communicate(timeout=PATIENCE_SECONDS), process.returncode) for process in started]
    history = place.run("voicecall", "history", "--json")

    for out, err, code in ends:
        assert (code, out) == (1, "")
        assert str(place.home) in err
        assert "Traceback" not in err
    assert all("free some space" in err for _, err, _ in ends[:3])
    assert history.json == {"calls": []}
    assert json.loads((place.home / "config.json5").read_text()) == {**SETTINGS, **FREE}
