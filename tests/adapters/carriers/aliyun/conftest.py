"""What the tests of this carrier share: a client and carriers on an interface that answers what a test says."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.aliyun_desk import TOKEN, Api, Noon

from voice_adapters.carriers.aliyun import AccessKey, AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def client(api: Api) -> AliyunClient:
    # Without a socket there is nothing to close, so that tests without an event loop can have one too.
    http = httpx.AsyncClient(transport=httpx.MockTransport(api))
    return AliyunClient(
        http=HttpClient(http, EventLoopClock(), jitter=lambda: 1.0),
        key=AccessKey("test-access-key-id", "test-access-key-secret"),
        clock=Noon(),
        new_nonce=lambda: "nonce-1",
    )


@pytest.fixture
def make_carrier(client: AliyunClient) -> Callable[..., AliyunCarrier]:
    def make(**scripts: Any) -> AliyunCarrier:
        return AliyunCarrier(
            client=client, token=CallbackToken(lambda: TOKEN), scripts=Scripts(**scripts), clock=Noon()
        )

    return make


@pytest.fixture
def carrier(make_carrier: Callable[..., AliyunCarrier]) -> AliyunCarrier:
    return make_carrier()
