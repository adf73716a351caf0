"""An Aliyun that answers what a test says, without a network: requests are kept, callbacks are made."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx

from voice_domain.call import Call
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import DialAccepted, HangUpRequested, LineAnswered
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import DialRequest
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookRequest
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

__all__ = (
    "CALL",
    "LEG",
    "OURS",
    "THEIRS",
    "TOKEN",
    "Api",
    "Noon",
    "a_call",
    "as_sent",
    "callback",
    "dial_request",
    "report",
)

LEG = CarrierCallId("116000000001^100000000001")
CALL = CallId("call-1")
OURS = PhoneNumber("+865710000000")
THEIRS = PhoneNumber("+8613900000000")
TOKEN = "s3cret-token"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


class Noon(Clock):
    """2026-02-02 10:40 in China, for ever."""

    def now_ms(self) -> int:
        return 1_770_000_000_000


class Api:
    """Answers requests in the order in which answers were given; then places calls for ever."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | Exception] = []
        self.requests: list[httpx.Request] = []

    def refuse(self, code: str, status: int = 200) -> None:
        document = {"Code": code, "Message": "said of 13900000000", "RequestId": "R"}
        self.answers.append(httpx.Response(status, json=document))

    def keep(self, detail: object) -> None:
        data = detail if isinstance(detail, str) else json.dumps(detail)
        self.answers.append(httpx.Response(200, json={"Code": "OK", "Data": data}))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = (
            self.answers.pop(0)
            if self.answers
            else httpx.Response(200, json={"Code": "OK", "CallId": LEG, "RequestId": "R"})
        )
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def asked(self) -> list[dict[str, str]]:
        """The action and the parameters of every request, in order."""
        return [
            {"Action": request.headers["x-acs-action"], **dict(request.url.params)}
            for request in self.requests
        ]


def dial_request(**changes: Any) -> DialRequest:
    fields: dict[str, Any] = {
        "call_id": CALL,
        "caller": OURS,
        "callee": THEIRS,
        "ring_ms": 30_000,
        "cap_ms": 330_000,
        "mode": Mode.CONVERSATION,
        "opening": "您好，请问现在方便吗？",
        "locale": "zh-CN",
    }
    return DialRequest(**{**fields, **changes})


def callback(kind: str = "mute", leg: str = LEG, timestamp: int = 1, **content: Any) -> WebhookRequest:
    """A question about a conversation, as a form."""
    fields = {
        "call_id": leg,
        "timestamp": str(timestamp),
        "content_type": kind,
        "content": json.dumps(content, ensure_ascii=False),
    }
    return as_sent(urlencode(fields).encode())


def report(leg: str = LEG, **fields: str) -> WebhookRequest:
    """A report, in an array of its own."""
    return as_sent(json.dumps([{"call_id": leg, **fields}]).encode(), "application/json;charset=UTF-8")


def as_sent(body: bytes, content_type: str = FORM, **changes: Any) -> WebhookRequest:
    fields: dict[str, Any] = {
        "method": "POST",
        "urls": ("https://voice.example.com/voice/webhook",),
        "query": {},
        "headers": {"content-type": content_type},
        "body": body,
        "path": f"/voice/webhook/{TOKEN}",
    }
    return WebhookRequest(**{**fields, **changes})


def a_call(*, over: bool = False) -> Call:
    opened = Opened(
        at_ms=1,
        call_id=CALL,
        carrier="aliyun",
        direction=Direction.OUTBOUND,
        caller=OURS,
        callee=THEIRS,
        mode=Mode.CONVERSATION,
        locale="zh-CN",
        terms=CallTerms(),
        opening="",
    )
    call = decide(open_call(opened).call, DialAccepted(LEG), 2).call
    call = decide(call, LineAnswered(3), 3).call
    return decide(call, HangUpRequested(), 4).call if over else call
