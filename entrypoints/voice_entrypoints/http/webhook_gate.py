"""The way of a webhook: everything that is checked before a carrier is believed, in this order.

Path, method, headers, load, size and time, authenticity, replay. Only then is it understood, made durable and
answered. Each step can only refuse; none trusts what a later one has yet to prove.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias, cast

import attrs
from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from voice_adapters.transports.client_address import of_the_socket
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.identity import LONGEST_NAME, is_plain_name
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.ports.webhook_reader import (
    BadWebhookError,
    DeliberateReader,
    NotAuthenticError,
    WebhookReader,
    WebhookRequest,
    WebhookResponse,
)
from voice_entrypoints.http.body import BodyTooLargeError, BodyTooSlowError, ClientGoneError, read_body
from voice_entrypoints.http.in_flight import InFlight
from voice_entrypoints.http.public_url import PublicUrls
from voice_entrypoints.http.replay import ReplayCache
from voice_entrypoints.http.self_probe import SelfProbe

__all__ = ("ReceiveSignals", "WebhookGate")

_log = logging.getLogger(__name__)

_BODY_LIMIT: Final = 65_536
_BODY_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = "1"

ReceiveSignals: TypeAlias = Callable[[tuple[CarrierSignal, ...]], Awaitable[Call | None]]
"""Takes signals and returns the call that they were about, once everything is durable; None without such a call."""


@attrs.frozen(kw_only=True)
class WebhookGate:
    """An ASGI application for the public listener: webhooks at one path, 404 for everything else."""

    path: str
    reader: WebhookReader
    receive_signals: ReceiveSignals
    urls: PublicUrls
    count: Callable[[str], None]
    """Told what became of each webhook, in one of a few words."""
    address_of: Callable[[str, Mapping[str, str]], str] = of_the_socket
    """Whose request it is, from the socket's address and the headers (lower-case names): the cap goes by it."""
    probe: SelfProbe | None = None
    """Answers questions of our own, which no call learns of; None where nobody asks any."""
    in_flight: InFlight = attrs.field(factory=InFlight)
    replays: ReplayCache = attrs.field(factory=ReplayCache)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not self._is_ours(scope["path"]):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
            return
        try:
            verdict, response = await self._judge(scope, receive)
        except ClientGoneError:
            self.count("client_gone")
            return
        except Exception:
            self.count("failed")
            raise
        self.count(verdict)
        await response(scope, receive, send)

    def _is_ours(self, path: str) -> bool:
        secret = getattr(self.reader, "secret_path", "")  # the role SecretlyReached
        if not secret:
            return path in (self.path, f"{self.path.rstrip('/')}/")
        wanted = f"{self.path.rstrip('/')}/{secret}"
        return hmac.compare_digest(path.removesuffix("/").encode("utf-8", "replace"), wanted.encode())

    async def _judge(self, scope: Scope, receive: Receive) -> tuple[str, Response]:
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            response = PlainTextResponse("Method Not Allowed", 405, {"Allow": "POST"})
            return "wrong_method", response
        asks = self.probe is not None and self.probe.recognises(headers)
        required = () if asks else self.reader.required_headers
        if required and not any(headers.get(name) for name in required):
            return "no_signature", PlainTextResponse("Unauthorized", 401)
        remote = (scope.get("client") or ("", 0))[0]
        with self.in_flight.enter(self.address_of(remote, headers)) as admitted:
            if not admitted:
                return "too_many", _later(429, "Too Many Requests")
            try:
                body = await read_body(receive, headers, limit=_BODY_LIMIT, seconds=_BODY_SECONDS)
            except BodyTooLargeError:
                return "too_large", PlainTextResponse("Payload Too Large", 413)
            except BodyTooSlowError:
                return "too_slow", PlainTextResponse("Request Timeout", 408)
            request = self._request(scope, headers, body, remote)
            return await (self._tell_us(request) if asks else self._believe(request))

    def _request(self, scope: Scope, headers: Headers, body: bytes, remote: str) -> WebhookRequest:
        named = dict(headers)
        path = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0].decode("ascii", "replace")
        query = scope["query_string"].decode("ascii", "replace")
        return WebhookRequest(
            method=scope["method"],
            urls=self.urls.candidates(path=path, query=query, headers=named, remote=remote),
            query=dict(QueryParams(query)),
            headers=named,
            body=body,
            path=scope["path"],
        )

    async def _tell_us(self, request: WebhookRequest) -> tuple[str, Response]:
        assert self.probe is not None
        told = self.probe.answer(request, self.reader.authenticate)
        return "probe", Response(told, media_type="application/json")

    async def _believe(self, request: WebhookRequest) -> tuple[str, Response]:
        try:
            key = self._authentic_key(request)
            answer, is_replay = await self.replays.answer(key, lambda: self._process(request))
        except NotAuthenticError as error:
            tried = ", ".join(url.partition("?")[0] for url in request.urls) or "none"
            _log.warning("webhook refused: %s (public URLs tried: %s)", error, tried)
            return "not_authentic", PlainTextResponse("Unauthorized", 401)
        except BadWebhookError as error:
            _log.warning("webhook not understood: %s", error)
            return "bad", PlainTextResponse("Bad Request", 400)
        except (StoreError, UnavailableError) as error:
            _log.error("webhook not taken, the carrier will tell it again: %s", error)
            return "unavailable", _later(503, "Service Unavailable")
        except VoiceError as error:
            _log.error("webhook failed, the carrier will tell it again: %s", error)
            return "failed", PlainTextResponse("Internal Server Error", 500)
        response = Response(answer.body, answer.status, media_type=answer.content_type)
        return ("replay" if is_replay else "accepted"), response

    def _authentic_key(self, request: WebhookRequest) -> str:
        key = self.reader.authenticate(request)
        if not key:
            raise NotAuthenticError("it proves nothing that could be recognised again")
        return key

    async def _process(self, request: WebhookRequest) -> WebhookResponse:
        signals = self.reader.translate(request)
        _refuse_strange_names(signals)
        call = await self.receive_signals(signals) if signals else None
        if hasattr(self.reader, "deliberate"):
            await cast("DeliberateReader", self.reader).deliberate(request, call)
        return self.reader.respond(request, call)


def _refuse_strange_names(signals: tuple[CarrierSignal, ...]) -> None:
    for signal in signals:
        names = (signal.carrier_call_id, signal.news.carrier_call_id)
        if not all(is_plain_name(name) for name in names if name is not None):
            raise BadWebhookError(
                f"The webhook's name for its call is no carrier's: 1 to {LONGEST_NAME} printable ASCII characters"
                " without blanks are; whoever signs webhooks with your secret is not your carrier"
            )


def _later(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, {"Retry-After": _RETRY_SECONDS})
