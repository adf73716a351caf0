"""The Aliyun adapter keeps the promises of its ports."""

import attrs
import httpx
from support.aliyun_desk import TOKEN, Api, Noon, callback, report

from voice_adapters.carriers.aliyun import AccessKey, AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest


class TestAliyunWebhooks(WebhookReaderConformance):
    def reader(self) -> WebhookReader:
        http = HttpClient(httpx.AsyncClient(transport=httpx.MockTransport(Api())), Noon())
        client = AliyunClient(http=http, key=AccessKey("id", "secret"), clock=Noon())
        return AliyunCarrier(
            client=client, token=CallbackToken(lambda: TOKEN), scripts=Scripts(), clock=Noon()
        )

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return callback("normal", words="您好"), report(status_code="200201")

    def forged(self) -> WebhookRequest:
        return attrs.evolve(callback(), path="/voice/webhook/guessed")
