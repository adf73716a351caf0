"""Calls through a real gateway, by somebody who knows the table of methods and nothing else."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.gateway import started_gateway
from support.stranger import Api, eventually

INVALID = -32602
SILENT = "+15550001000"
"""Rings and is never answered."""

SETTINGS = {
    "maxConcurrentCalls": 30,
    "transcriptTimeoutMs": 400,
    "ringTimeoutMs": 60_000,
    "recording": {"enabled": False},
    "outbound": {"denyNumbers": ["+15550009"], "notifyHangupDelaySec": 0},
    "mock": {
        "ringMs": 1,
        "answerMs": 2,
        "outcomes": {
            SILENT: "no-answer",
            "+15559*": "busy",
            "+15559990001": "voicemail",
            "+15558*": "failed",
        },
    },
}
TALKING = ("speaking", "listening")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with started_gateway(tmp_path_factory.mktemp("rpc") / "home", SETTINGS) as gateway:
        yield Api(gateway)
    assert "Traceback" not in (gateway.home / "stderr.txt").read_text()


@pytest.fixture
def call_id(api: Api) -> Iterator[str]:
    """A call that is up and says nothing."""
    call_id = api.place()
    api.reach(call_id, ("listening",))
    yield call_id
    api.ask("end", callId=call_id)


@pytest.mark.parametrize(
    ("to", "kind", "words"),
    [
        ("12", "invalid_number", "too few"),
        ("phone", "invalid_number", "is not part of a number"),
        ("+15550009123", "policy_refused", "outbound.denyNumbers"),
        ("911", "policy_refused", "emergency"),
    ],
)
def test_a_number_that_cannot_or_may_not_be_dialled_is_refused(
    api: Api, to: str, kind: str, words: str
) -> None:
    before = len(api.ask("history", limit=1000)["calls"])
    code, found, sentence = api.refusal("initiate", to=to, message="Hi.")
    planned = api.answer("plan", to=to)

    assert (code, found) == (INVALID if kind == "invalid_number" else -32005, kind)
    assert words in sentence
    if kind == "invalid_number":
        assert planned["error"]["data"]["kind"] == kind
    else:
        assert planned["result"]["allowed"] is False
        assert words in " ".join(planned["result"]["reasons"])
    assert len(api.ask("history", limit=1000)["calls"]) == before


def test_a_plan_names_everything_and_dials_nothing(api: Api) -> None:
    assert api.ask("plan", to="(555) 000-5678", mode="notify") == {
        "allowed": True,
        "reasons": [],
        "to": "+15550005678",
        "from": "+15550000000",
        "carrier": "mock",
    }


def test_what_needs_a_call_says_that_there_is_none(api: Api) -> None:
    for method, more in (
        ("speak", {"message": "Hi."}),
        ("continue", {"message": "Hi."}),
        ("continue.start", {"message": "Hi."}),
        ("end", {}),
        ("dtmf", {"digits": "1"}),
        ("transfer", {"to": SILENT}),
    ):
        code, kind, sentence = api.refusal(method, callId="nobody", **more)
        assert (code, kind) == (-32001, "call_not_found"), method
        assert "Call not found: nobody; `voicecall history` lists" in sentence
    assert api.ask("status", callId="nobody") == {"found": False}
    assert api.refusal("continue.result", operationId="nobody")[:2] == (-32012, "operation_not_found")


def test_a_call_that_rings_can_be_ended_and_nothing_else(api: Api) -> None:
    call_id = api.place(SILENT)

    refusals = [
        api.refusal(method, callId=call_id, **more)[:2]
        for method, more in (
            ("speak", {"message": "Hi."}),
            ("continue", {"message": "Hi."}),
            ("dtmf", {"digits": "1"}),
            ("transfer", {"to": "+15550005678"}),
        )
    ]
    ended = api.ask("end", callId=call_id)

    assert refusals == [(-32003, "not_connected")] * 4
    assert ended == {"success": True}
    record = api.record(call_id)
    assert (record["state"], record["endReason"], "answeredAt" in record) == (
        "hangup-bot",
        "hangup-bot",
        False,
    )


def test_a_call_that_is_over_stays_as_it_was(api: Api) -> None:
    call_id = api.place()
    api.reach(call_id, TALKING)
    api.ask("end", callId=call_id)
    record = api.reach(call_id, ("hangup-bot",))

    for method, more in (
        ("speak", {"message": "Hi."}),
        ("continue", {"message": "Hi."}),
        ("dtmf", {"digits": "1"}),
        ("transfer", {"to": "+15550005678"}),
    ):
        assert api.refusal(method, callId=call_id, **more)[:2] == (-32002, "call_ended"), method
    assert api.ask("end", callId=call_id) == {"success": True}
    assert api.inject(type="call.ended", callId=call_id, reason="busy") == 1
    assert api.record(call_id) == record
    assert api.record(record["providerCallId"]) == record


def test_a_second_continue_is_refused_and_the_first_gets_the_answer(api: Api, call_id: str) -> None:
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(api.answer, "continue", callId=call_id, message="Well?")
        eventually(lambda: api.record(call_id)["state"] == "speaking")
        code, kind, sentence = api.refusal("continue", callId=call_id, message="Again?")
        api.reach(call_id, ("listening",))
        api.inject(type="call.speech", callId=call_id, transcript="Yes, please.")

    assert first.result()["result"] == {"success": True, "transcript": "Yes, please."}
    assert (code, kind) == (-32009, "already_waiting")
    assert sentence.startswith("Already waiting for transcript")


def test_a_continue_without_an_answer_times_out_and_the_call_lives_on(api: Api, call_id: str) -> None:
    code, kind, sentence = api.refusal("continue", callId=call_id, message="Well?")

    assert (code, kind) == (-32007, "timeout")
    assert sentence.startswith("Timed out waiting for transcript after 400ms")
    assert api.record(call_id)["state"] in TALKING


def test_a_continue_whose_call_ends_says_how(api: Api) -> None:
    call_id = api.place()
    api.reach(call_id, ("listening",))
    operation = api.ask("continue.start", callId=call_id, message="Well?")
    waiting = api.ask("continue.result", **operation)
    api.inject(type="call.ended", callId=call_id, reason="hangup-user")

    error = eventually(lambda: api.answer("continue.result", **operation).get("error"))

    assert waiting == {"done": False}
    assert (error["code"], error["data"]["kind"]) == (-32002, "call_ended")
    assert "hangup-user" in error["message"]


def test_a_started_continue_is_asked_for_later(api: Api, call_id: str) -> None:
    operation = api.ask("continue.start", callId=call_id, message="Well?")
    eventually(lambda: api.record(call_id)["state"] == "speaking")
    api.reach(call_id, ("listening",))
    api.inject(type="call.speech", callId=call_id, transcript="Half past nine")

    result = eventually(lambda: _done(api, operation))

    assert result == {"success": True, "transcript": "Half past nine"}
    assert _done(api, operation) == result


def _done(api: Api, operation: dict[str, str]) -> dict[str, object] | None:
    result: dict[str, object] = api.ask("continue.result", **operation)
    return None if result == {"done": False} else result


def test_keys_that_no_telephone_has_are_refused(api: Api, call_id: str) -> None:
    for digits in ("1x2", "", "+", "１", " "):
        code, kind, sentence = api.refusal("dtmf", callId=call_id, digits=digits)

        assert (code, kind, sentence.startswith("digits ")) == (INVALID, "invalid_params", True), digits


def test_keys_are_pressed_and_those_of_the_callee_are_kept(api: Api, call_id: str) -> None:
    assert api.ask("dtmf", callId=call_id, digits="12#*w,p") == {"success": True}
    assert api.inject(type="call.dtmf", callId=call_id, digits="42") == 1
    assert eventually(lambda: api.record(call_id)["metadata"].get("digits")) == "42"


def test_a_transfer_obeys_the_dial_policy_and_the_call_lives_on(api: Api, call_id: str) -> None:
    assert api.refusal("transfer", callId=call_id, to="+15550009123")[1] == "policy_refused"
    assert api.refusal("transfer", callId=call_id, to="112")[1] == "policy_refused"
    assert api.refusal("transfer", callId=call_id, to="x")[1] == "invalid_number"
    assert api.record(call_id)["state"] in TALKING


@pytest.mark.parametrize(
    ("to", "state"),
    [("+15559990000", "busy"), ("+15559990001", "voicemail"), ("+15558880000", "failed")],
)
def test_the_longest_pattern_of_the_script_decides_how_a_call_ends(api: Api, to: str, state: str) -> None:
    record = api.reach(api.place(to), (state,))

    assert record["endReason"] == state
    assert record["transcript"] == []


def test_a_notify_message_is_heard_whole_whatever_the_callee_says(api: Api) -> None:
    call_id = api.place(mode="notify", message="Your parcel is here.")
    api.reach(call_id, ("speaking",))
    api.inject(type="call.speech", callId=call_id, transcript="Wait!")

    record = api.reach(call_id, ("completed",))

    assert record["endReason"] == "completed"
    ours = [entry for entry in record["transcript"] if entry["speaker"] == "bot"]
    assert [(entry["text"], "interrupted" in entry) for entry in ours] == [("Your parcel is here.", False)]


def test_speech_is_answered_and_what_was_cut_is_kept_as_it_was_heard(api: Api) -> None:
    call_id = api.place(message="This is a rather long opening, which nobody wants to hear to its end.")
    eventually(lambda: api.record(call_id)["transcript"])
    api.inject(type="call.speech", callId=call_id, transcript="Stop.")

    answered = eventually(lambda: record if len((record := api.record(call_id))["transcript"]) > 2 else None)
    api.ask("end", callId=call_id)

    opening, theirs, reply = answered["transcript"][:3]
    assert opening["interrupted"] is True
    assert opening["intended"].startswith(opening["text"])
    assert len(opening["text"]) < len(opening["intended"])
    assert (theirs["speaker"], theirs["text"]) == ("user", "Stop.")
    assert reply["speaker"] == "bot"


def test_history_is_paged_and_filtered(api: Api) -> None:
    first, second = api.place("+15559990000"), api.place("+15558880000")
    api.reach(second, ("failed",))
    api.reach(first, ("busy",))

    newest = api.ask("history", limit=1)["calls"]
    older = api.ask("history", limit=1, before=newest[0]["startedAt"])["calls"]
    busy = api.ask("history", state="busy")["calls"]

    assert [call["callId"] for call in newest] == [second]
    assert older[0]["startedAt"] < newest[0]["startedAt"]
    assert first in {call["callId"] for call in busy}
    assert {call["state"] for call in busy} == {"busy"}
    for wrong in ({"limit": 0}, {"limit": "1"}, {"before": -1}, {"before": "now"}, {"state": "gone"}):
        code, kind, sentence = api.refusal("history", **wrong)
        assert (code, kind) == (INVALID, "invalid_params")
        assert sentence.startswith(next(iter(wrong)))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"type": "call.dtmf", "callId": "x", "digits": 5}, "events[0].digits"),
        ({"type": "call.ringing", "callId": "x", "direction": "up"}, "events[0].direction"),
        ({"type": "call.speech", "callId": "x", "confidence": 2}, "events[0].confidence"),
        ({"type": "call.ringing", "callId": "x", "direction": "inbound", "from": "12"}, "events[0].from"),
    ],
)
def test_an_injected_event_that_makes_no_sense_names_its_field(
    api: Api, event: dict[str, object], words: str
) -> None:
    code, kind, sentence = api.refusal("inject", events=[event])

    assert (code, kind) == (-32018, "bad_webhook")
    assert words in sentence
    assert api.inject(type="call.unheard-of", callId="x") == 0


def test_params_and_methods_that_do_not_exist_are_named(api: Api) -> None:
    assert api.refusal("initiate", message="Hi.", to="+15550005678", tone="kind") == (
        INVALID,
        "invalid_params",
        "unknown parameter tone; did you mean to?",
    )
    assert api.refusal("initiate", to="+15550005678")[2].startswith("message required")
    assert "mode must be one of notify, conversation" in api.refusal("initiate", message="Hi.", mode="x")[2]
    assert api.refusal("statsu")[:2] == (-32601, "method_not_found")
    assert "voicecall.status?" in api.refusal("statsu")[2]
    assert api.refusal("subscribe")[:2] == (-32008, "unavailable")


def test_live_calls_are_listed_while_they_live(api: Api) -> None:
    call_id = api.place(SILENT)
    live = [call["callId"] for call in api.ask("status")["calls"]]
    api.ask("end", callId=call_id)
    time_of_end = api.record(call_id)["endedAt"]

    assert call_id in live
    assert call_id not in [call["callId"] for call in api.ask("status")["calls"]]
    assert time_of_end <= time.time() * 1_000
