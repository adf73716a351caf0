"""Calls that come in to a real gateway, under each policy."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.gateway import started_gateway
from support.stranger import Api, Place, eventually

STRANGER, FRIEND = "+15550007777", "+15550008888"
SETTINGS: dict[str, Any] = {
    "maxConcurrentCalls": 1,
    "allowFrom": [FRIEND],
    "inboundGreeting": "Good day.",
    "outbound": {"notifyHangupDelaySec": 0},
    "recording": {"enabled": False},
    "mock": {"ringMs": 1, "answerMs": 2, "realtime": False},
}


@pytest.fixture
def api(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Api]:
    """A gateway with the policy that the test is given."""
    with started_gateway(tmp_path / "home", {**SETTINGS, "inboundPolicy": request.param}) as gateway:
        yield Api(gateway)
    assert "Traceback" not in (gateway.home / "stderr.txt").read_text()


def ring(api: Api, name: str, caller: str) -> dict[str, Any]:
    """Let somebody call; return the record once the call is answered or over."""
    event = {"type": "call.ringing", "direction": "inbound", "from": caller, "to": "+15550000000"}
    assert api.inject(callId=name, **event) == 1

    def settled() -> dict[str, Any] | None:
        found = api.ask("status", callId=f"mock-{name}")
        record: dict[str, Any] = found.get("call", {})
        return record if "answeredAt" in record or "endedAt" in record else None

    return eventually(settled)


@pytest.mark.parametrize("api", ["disabled"], indirect=True)
def test_nobody_is_answered_by_default_and_every_attempt_is_recorded(api: Api) -> None:
    record = ring(api, "one", FRIEND)

    assert "answeredAt" not in record
    assert (record["direction"], record["from"], record["transcript"]) == ("inbound", FRIEND, [])
    assert "disabled" in record["metadata"]["rejectionReason"]
    assert api.ask("status") == {"calls": []}


@pytest.mark.parametrize("api", ["allowlist"], indirect=True)
def test_an_allowlist_takes_its_members_and_nobody_else(api: Api) -> None:
    strangers = [ring(api, f"no-{place}", caller) for place, caller in enumerate((STRANGER, "anonymous"))]
    friend = ring(api, "yes", FRIEND)
    second = ring(api, "full", FRIEND)
    eventually(lambda: api.record(friend["callId"])["transcript"])

    assert ["answeredAt" in record for record in (*strangers, friend, second)] == [False, False, True, False]
    assert [record["from"] for record in strangers] == [STRANGER, "unknown"]
    assert second["metadata"]["rejectionReason"].startswith("Maximum concurrent calls (1) reached")
    assert api.record(friend["callId"])["transcript"][0]["text"] == "Good day."
    assert api.refusal("initiate", to="+15550005678", message="Hi.")[1] == "limit_reached"


@pytest.mark.parametrize("api", ["open"], indirect=True)
def test_an_open_line_takes_withheld_numbers_too_and_converses(api: Api) -> None:
    record = ring(api, "one", "anonymous")
    api.reach(record["callId"], ("listening",))
    api.webhook({"event": {"type": "call.speech", "callId": record["callId"], "transcript": "Hello?"}})

    said = eventually(lambda: _three(api.record(record["callId"])))
    ended = api.webhook(
        {"event": {"type": "call.ended", "callId": record["callId"], "reason": "hangup-user"}}
    )

    assert said == ["Good day.", "Hello?", "You said: Hello?"]
    assert ended.status_code == 200
    assert api.record(record["callId"])["state"] == "hangup-user"


def _three(record: dict[str, Any]) -> list[str] | None:
    texts = [entry["text"] for entry in record["transcript"]]
    return texts if len(texts) >= 3 else None


@pytest.mark.parametrize("api", ["pairing"], indirect=True)
def test_a_stranger_hears_a_code_and_may_call_once_it_is_approved(api: Api) -> None:
    place = Place(api.gateway.home)

    first = api.reach(ring(api, "one", STRANGER)["callId"], ("completed",))
    spoken = "".join(re.findall(r"\d", first["transcript"][0]["text"].split(".")[1]))
    (listed, friend) = place.run_all(
        ("voicecall", "pairing", "list", "--json"), ("voicecall", "pairing", "list")
    )
    (pending,) = listed.json["pending"]
    wrong = place.run("voicecall", "pairing", "approve", "000000")
    approved = place.run("voicecall", "pairing", "approve", spoken)
    again = place.run("voicecall", "pairing", "approve", spoken, "--json")
    second = ring(api, "two", STRANGER)

    assert (pending["code"], pending["from"]) == (spoken, STRANGER)
    assert pending["expiresAt"] - pending["requestedAt"] == 3_600_000
    assert spoken in friend.out
    assert (wrong.code, "`voicecall pairing list`" in wrong.err) == (1, True)
    assert (approved.code, approved.out) == (0, "+1555***7777 may call from now on\n")
    assert (again.code, again.json["error"]["kind"]) == (1, "unknown_pairing_code")
    assert second["mode"] == "conversation"
    assert eventually(lambda: api.record(second["callId"])["transcript"])[0]["text"] == "Good day."
    after = place.run("voicecall", "pairing", "list", "--json").json
    assert after == {"pending": [], "approved": [STRANGER]}


@pytest.mark.parametrize("api", ["pairing"], indirect=True)
def test_a_stranger_who_is_denied_gets_a_new_code_next_time(api: Api) -> None:
    place = Place(api.gateway.home)
    api.reach(ring(api, "one", STRANGER)["callId"], ("completed",))
    book = json.loads((api.gateway.home / "pairing.json").read_text())
    (pending,) = place.run("voicecall", "pairing", "list", "--json").json["pending"]

    denied = place.run("voicecall", "pairing", "deny", pending["code"], "--json")
    api.reach(ring(api, "two", STRANGER)["callId"], ("completed",))
    (renewed,) = place.run("voicecall", "pairing", "list", "--json").json["pending"]

    assert book
    assert oct((api.gateway.home / "pairing.json").stat().st_mode)[-3:] == "600"
    assert (denied.code, denied.json) == (0, {"ok": True, "from": STRANGER})
    assert renewed["code"] != pending["code"]
