"""What Aliyun tells: every recorded event, in every form it may come in, and nothing that garbage could break."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.aliyun_desk import CALL, LEG, TOKEN, as_sent, callback, dial_request, report

from voice_adapters.carriers.aliyun import AliyunCarrier
from voice_adapters.carriers.aliyun.legs import outside_name
from voice_adapters.carriers.aliyun.notices import notices_of
from voice_adapters.carriers.aliyun.statuses import END_REASONS, end_reason, line_status
from voice_adapters.carriers.aliyun.webhooks import signals_of
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import KeysPressed, LineAnswered, LineEnded, LineRang, WordsHeard
from voice_domain.ports.webhook_reader import BadWebhookError, NotAuthenticError, WebhookRequest
from voice_domain.vocabulary import EndReason

FILE = Path(__file__).parents[3] / "vectors" / "aliyun" / "events.json"
EVENTS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["events"]
NOW = 1_770_000_000_000
OTHER = "116000000002^100000000002"


def request_of(event: dict[str, Any]) -> WebhookRequest:
    headers = {name.lower(): value for name, value in event["headers"].items()}
    return as_sent(event["body_raw"].encode(), headers["content-type"])


def told(request: WebhookRequest) -> list[Any]:
    return [
        signal.news
        for notice in notices_of(request)
        for signal in signals_of(notice, call_id=None, now_ms=NOW)
    ]


def plain(news: Any) -> tuple[Any, ...]:
    """A kind of news and what it holds, without its id and its moment."""
    match news:
        case WordsHeard():
            return (WordsHeard, news.text, news.final)
        case KeysPressed():
            return (KeysPressed, news.digits)
        case LineEnded():
            return (LineEnded, news.reason, news.cause)
        case _:
            return (type(news),)


ANSWERED, RANG = (LineAnswered,), (LineRang,)
EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "person spoke": [ANSWERED, (WordsHeard, "喂，你好", True)],
    "person spoke over the playback": [ANSWERED, (WordsHeard, "等一下", True)],
    "silence": [ANSWERED],
    "long utterance": [ANSWERED, (WordsHeard, "我想问一下那个", False)],
    "key pressed": [ANSWERED, (KeysPressed, "1")],
    "early media": [RANG],
    "transfer finished": [ANSWERED],
    "VoiceReport 200000 用户听完, machine hung up": [
        ANSWERED,
        (LineEnded, EndReason.HANGUP_BOT, "200000 ANSWERED"),
    ],
    "VoiceReport 200000 用户听完, person hung up": [
        ANSWERED,
        (LineEnded, EndReason.HANGUP_USER, "200000 ANSWERED"),
    ],
    "VoiceReport 200001 用户未听完, person hung up": [
        ANSWERED,
        (LineEnded, EndReason.HANGUP_USER, "200001 ANSWERED"),
    ],
    "VoiceReport 200002 用户占线": [(LineEnded, EndReason.BUSY, "200002 USER_BUSY")],
    "VoiceReport 200003 用户无人接听": [(LineEnded, EndReason.NO_ANSWER, "200003 NO_ANSWER")],
    "VoiceReport 200004 用户空号": [(LineEnded, EndReason.FAILED, "200004 INVALID_NUMBER")],
    "VoiceReport 200005 用户无法接通": [(LineEnded, EndReason.FAILED, "200005 CALL_REJECTED")],
    "VoiceReport 200007 不在服务区": [(LineEnded, EndReason.FAILED, "200007 UNAVAILABLE")],
    "VoiceReport 200010 关机": [(LineEnded, EndReason.FAILED, "200010 POWERED_OFF")],
    "VoiceReport 200011 停机": [(LineEnded, EndReason.FAILED, "200011 SUSPEND")],
    "VoiceReport 200012 呼损": [(LineEnded, EndReason.FAILED, "200012 OTHER")],
    "VoiceReport 200130 其他": [(LineEnded, EndReason.ERROR, "200130 OTHER")],
    "VoiceReport, two calls in one request": [
        ANSWERED,
        (LineEnded, EndReason.COMPLETED, "200000"),
        (LineEnded, EndReason.NO_ANSWER, "200003"),
    ],
    "VoiceCallReport 200101": [],
    "VoiceCallReport 200201": [RANG],
    "VoiceCallReport 200102": [ANSWERED],
    "VoiceCallReport 200100": [],
    "VoiceCallReport 300000": [(KeysPressed, "1")],
    "VoiceRecordReport": [],
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event["name"]))
def test_every_recorded_event_tells_what_it_means(event: dict[str, Any]) -> None:
    assert [plain(news) for news in told(request_of(event))] == EXPECTED[event["name"]]


def test_every_expectation_has_its_event() -> None:
    assert {event["name"] for event in EVENTS} == set(EXPECTED)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event["name"]))
def test_every_event_is_answered_as_aliyun_wants(carrier: AliyunCarrier, event: dict[str, Any]) -> None:
    response = carrier.respond(request_of(event), None)
    document = json.loads(response.body)

    assert response.status == 200
    assert response.content_type == "application/json;charset=UTF-8"
    if "content_type" in event["body"]:
        assert (document["result"], document["code"], document["data"]["action"]) == (
            "success",
            200,
            "donothing",
        )
        assert document["data"]["call_id"] == LEG
    else:
        assert document == {"code": 0, "msg": "接收成功"}


@pytest.mark.parametrize("name", ["person spoke", "key pressed", "silence"])
def test_a_question_means_the_same_in_the_query_and_as_json(name: str) -> None:
    event = next(each for each in EVENTS if each["name"] == name)
    fields = dict(event["body"])
    in_query = as_sent(b"", query=fields)
    as_text = as_sent(json.dumps(fields).encode(), "application/json")
    as_object = as_sent(json.dumps({**fields, "content": event["content_parsed"]}).encode())

    wanted = told(request_of(event))
    assert told(in_query) == told(as_text) == told(as_object) == wanted


def test_a_report_means_the_same_alone_as_in_an_array() -> None:
    alone = as_sent(json.dumps({"call_id": LEG, "status_code": 200102}).encode())
    form = as_sent(b"call_id=116000000001%5E100000000001&status_code=200102")

    assert told(alone) == told(form) == told(report(status_code="200102"))


def test_the_same_utterance_has_the_same_id_whenever_it_is_told_and_others_have_others() -> None:
    def name(timestamp: int, **content: Any) -> str:
        return str(told(callback("normal", timestamp=timestamp, **content))[1].event_id)

    said = {"words": "好的", "begin_offset": 1200, "end_offset": 2600}
    assert name(1, **said) == name(2, **said)
    assert name(1, **said) != name(1, **{**said, "begin_offset": 5200})
    assert name(1, words="好的") != name(2, words="好的")


def test_an_end_has_one_id_whatever_tells_it() -> None:
    codes = ("200000", "200003", "200005")

    assert {told(report(status_code=code))[-1].event_id for code in codes} == {f"{LEG}:ended"}


def test_an_answer_has_one_id_whatever_tells_it_and_keys_have_one_for_each_press() -> None:
    asked, reported, at_the_end = (
        told(callback("normal")),
        told(report(status_code="200102")),
        told(report(status_code="200000")),
    )

    assert {news[0].event_id for news in (asked, reported, at_the_end)} == {f"{LEG}:answered"}
    rang = told(callback("normal", current_media_code="early_media")), told(report(status_code="200201"))
    assert {news.event_id for (news,) in rang} == {f"{LEG}:rang"}
    presses = [told(report(status_code="300000", dtmf=keys, status_time=at)) for keys in "12" for at in "ab"]
    assert [news.event_id for (news,) in presses] == [
        f"{LEG}:keys:{at}:{keys}" for keys in "12" for at in "ab"
    ]
    assert told(report(status_code="300000")) == []


@pytest.mark.parametrize(
    ("direction", "reason"), [("机器", EndReason.COMPLETED), ("用户", EndReason.HANGUP_USER)]
)
def test_a_template_that_was_read_to_its_end_is_a_message_that_was_heard(
    direction: str, reason: EndReason
) -> None:
    (notice,) = notices_of(report(status_code="200000", hangup_direction=direction))
    up, end = (signal.news for signal in signals_of(notice, call_id=None, now_ms=NOW, reads_template=True))

    assert (plain(up), plain(end)) == (ANSWERED, (LineEnded, reason, "200000"))


def test_every_code_has_the_reason_of_the_vendors_table() -> None:
    by_reason = {
        reason: {code for code, known in END_REASONS.items() if known is reason}
        for reason in set(END_REASONS.values())
    }

    assert by_reason == {
        EndReason.COMPLETED: {"200000", "200001", "200008"},
        EndReason.BUSY: {"200002"},
        EndReason.NO_ANSWER: {"200003"},
        EndReason.FAILED: {
            *("200004", "200005", "200007", "200010", "200011", "200012"),
            *("200104", "200105", "200118", "200119"),
        },
        EndReason.ERROR: {"200006", "200117", "200121", "200130", "999999", "9996"},
    }


@pytest.mark.parametrize("code", sorted(END_REASONS))
def test_a_call_that_ended_is_over_when_asked_for(code: str) -> None:
    status = line_status({"state": code})

    assert (status.alive, status.reason, status.cause) == (False, END_REASONS[code], code)


def test_who_hung_up_is_believed_of_answered_calls_only() -> None:
    assert end_reason("200001", "用户") is EndReason.HANGUP_USER
    assert end_reason("200001", "机器") is EndReason.HANGUP_BOT
    assert end_reason("200001", "someone") is EndReason.COMPLETED
    assert end_reason("200002", "用户") is EndReason.BUSY
    assert end_reason("200777", "用户") is EndReason.ERROR


def test_a_detail_without_a_known_code_says_nothing() -> None:
    assert line_status({}).alive is None
    assert line_status({"state": ["200000"]}).alive is None
    assert line_status({"state": "200102"}).alive is None
    assert line_status({"statusCode": 200000, "hangup_direction": "用户"}).reason is EndReason.HANGUP_USER


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"{", b"[", b"[]", b"[1]", b"{}", b"[" * 50_000, b"\xff\x00", b"call_id=", b'{"call_id":{}}'],
)
def test_what_names_no_call_is_no_callback(carrier: AliyunCarrier, body: bytes) -> None:
    with pytest.raises(BadWebhookError, match="call_id"):
        carrier.translate(as_sent(body))


@given(
    st.dictionaries(
        st.text(max_size=5), st.none() | st.text(max_size=9) | st.lists(st.integers()), max_size=4
    )
)
def test_strange_fields_break_nothing(fields: dict[str, Any]) -> None:
    request = as_sent(
        json.dumps({**fields, "call_id": LEG, "content_type": "normal", "content": fields}).encode()
    )

    assert plain(told(request)[0]) == ANSWERED


def test_strange_content_breaks_nothing() -> None:
    for content in ("{", "[]", "1", "null", "[" * 50_000):
        body = json.dumps({"call_id": LEG, "content_type": "normal", "content": content}).encode()

        assert [plain(news) for news in told(as_sent(body))] == [ANSWERED]


class TestAuthenticity:
    """Aliyun signs nothing: the path is the proof."""

    def test_the_secret_path_is_believed_and_repetitions_are_recognised(self, carrier: AliyunCarrier) -> None:
        key = carrier.authenticate(callback())

        assert key == carrier.authenticate(callback())
        assert key != carrier.authenticate(callback("normal", words="好"))
        assert key != carrier.authenticate(attrs.evolve(callback(), query={"a": "b"}))

    @pytest.mark.parametrize(
        "path", ["", "/", "/voice/webhook", f"/voice/webhook/{TOKEN}x", f"/{TOKEN}/voice", "/voice/webhook/é"]
    )
    def test_every_other_path_is_refused(self, carrier: AliyunCarrier, path: str) -> None:
        with pytest.raises(NotAuthenticError, match="callbackUrl"):
            carrier.authenticate(attrs.evolve(callback(), path=path))

    def test_the_listener_learns_the_secret_path_and_nobody_sees_it(self, carrier: AliyunCarrier) -> None:
        assert carrier.secret_path == TOKEN
        assert carrier.required_headers == ()
        assert TOKEN not in repr(carrier.token)

    @pytest.mark.anyio
    async def test_without_a_token_nothing_is_believed(self, carrier: AliyunCarrier) -> None:
        open_door = attrs.evolve(carrier.token, reveal=lambda: "")

        with pytest.raises(NotAuthenticError):
            open_door.authenticate(attrs.evolve(callback(), path="/"))


class TestBelonging:
    """A callback moves the call that we placed, and no other."""

    pytestmark = pytest.mark.anyio

    async def test_a_callback_that_overtakes_the_dials_answer_finds_its_call(
        self, carrier: AliyunCarrier, make_carrier: Callable[..., AliyunCarrier]
    ) -> None:
        carrier._legs.expect(CALL, asks=True)
        (signal, *_) = carrier.translate(callback(dynamic_id=outside_name(CALL)))

        assert (signal.call_id, signal.carrier_call_id) == (CALL, LEG)

    async def test_what_claims_to_be_of_a_call_and_names_another_tells_nothing(
        self, carrier: AliyunCarrier
    ) -> None:
        await carrier.dial(dial_request())

        assert carrier.translate(report(OTHER, status_code="200003", out_id=outside_name(CALL))) == ()
        assert carrier.translate(report(status_code="200003", out_id="somebody-else")) == ()
        assert len(carrier.translate(report(status_code="200003", out_id=outside_name(CALL)))) == 1

    async def test_a_call_of_an_earlier_process_is_found_by_aliyuns_name(
        self, carrier: AliyunCarrier
    ) -> None:
        (signal,) = carrier.translate(report(OTHER, status_code="200003", out_id="unknown"))

        assert (signal.call_id, signal.carrier_call_id) == (None, CarrierCallId(OTHER))
        assert signal.direction is None

    async def test_callbacks_of_strangers_are_not_remembered(self, carrier: AliyunCarrier) -> None:
        for number in range(50):
            carrier.translate(callback(leg=f"{number}^1"))

        assert len(carrier._legs) == 0
